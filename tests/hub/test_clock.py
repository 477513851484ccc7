from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from real_hall import RealHall

from server.hub.clock import BUILT, Clock


@pytest.mark.parametrize(("ahead_s", "trusted"), [(-3600, True), (30, True), (61, False), (86_400, False)])
def test_a_clock_before_what_has_certainly_passed_is_not_trusted(ahead_s: float, trusted: object) -> None:
    clock = Clock()
    clock.saw(datetime.now(UTC) + timedelta(seconds=ahead_s))
    assert clock.trusted() == trusted


def test_a_clock_that_saw_nothing_is_trusted_from_the_day_the_software_was_built() -> None:
    clock = Clock()
    clock.saw(None)
    assert clock.trusted() == (datetime.now(UTC) > BUILT)


def test_a_hub_that_starts_with_its_clock_behind_the_journal_says_so_and_still_gives_numbers(
    real_hall: RealHall,
) -> None:
    hall = real_hall
    day = hall.health().business_day
    hall.hub.stop()
    with closing(sqlite3.connect(hall.data / "hall.sqlite", isolation_level=None)) as journal:
        tomorrow = (datetime.now(UTC) + timedelta(days=1)).replace(tzinfo=None)
        journal.execute(
            "UPDATE journal SET at = ? WHERE seq = (SELECT max(seq) FROM journal)", (tomorrow.isoformat(sep=" "),)
        )
    other_day = (datetime.now(UTC).astimezone(ZoneInfo("Asia/Shanghai")) + timedelta(days=3)).isoweekday()
    hours = f"[[hours]]\ndays = [{other_day}]\nopen = 09:00:00\nclose = 10:00:00\n\n[rules]"
    hall.describe(hall.site_file.read_text(encoding="utf-8"), {"[rules]": hours})
    hall.start_hub()
    health = hall.health()
    assert (health.clock_trusted, health.business_day) == (False, day)
    command = {"request_id": "untrusted-clock", "service": "id-card"}
    assert hall.ask("POST", "/v1/tickets", command, device="kiosk-1").status == 200
