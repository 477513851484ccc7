"""Ids of different things are different types: one in the place of another does not type-check."""

from __future__ import annotations

from pathlib import Path

from mypy import api

ROOT = Path(__file__).parents[2]

SWAPPED = """
from protocol import journal as j
from protocol.vocabulary import TicketId, WindowId
from server.domain.model.hall import Hall
from server.domain.referrals import referral_destination

def right(hall: Hall, ticket: TicketId) -> None:
    referral_destination.return_to_queue(hall, ticket=ticket)
    j.TicketArrived(ticket=ticket)

def wrong(hall: Hall, window_id: WindowId) -> None:
    referral_destination.return_to_queue(hall, ticket=window_id)
    j.TicketArrived(ticket=window_id)
    hall.tickets[window_id]
"""


def test_a_window_in_the_place_of_a_ticket_does_not_type_check(tmp_path: Path) -> None:
    snippet = tmp_path / "snippet.py"
    snippet.write_text(SWAPPED)
    report, errors, _ = api.run(["--config-file", str(ROOT / "pyproject.toml"), "--no-pretty", str(snippet)])
    lines = [line.split(":")[1] for line in report.splitlines() if ": error:" in line]
    assert (lines, errors) == (["12", "13", "14"], ""), report
