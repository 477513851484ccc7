"""Whoever copies the one database file of a server that was stopped has everything."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

from real_county import RealCounty, until_pushed
from real_hall import RealHall

from protocol.clients.hub_client import new_request_id
from protocol.requests import CancelTicket, IssueTicket


def numbers_in(database: Path, into: Path) -> set[str]:
    """The numbers of the tickets in a copy of the file alone."""
    copy = Path(shutil.copy(database, into))
    with sqlite3.connect(copy) as connection:
        found = {number for (number,) in connection.execute("SELECT number FROM tickets")}
    connection.close()
    return found


def issue(hall: RealHall) -> str:
    """Issue a ticket, end it and read it from the database, so that the hub has readers too; return its number."""
    kiosk = hall.client("kiosk-1")
    ticket = kiosk.issue(IssueTicket(request_id=new_request_id("kiosk-1"), service="id-card"))
    kiosk.cancel(ticket.id, CancelTicket(request_id=new_request_id("kiosk-1")))
    assert kiosk.ticket(ticket.id).number == ticket.number
    return ticket.number


def test_the_file_alone_has_the_day_of_a_stopped_hub_and_county(tmp_path: Path) -> None:
    with RealCounty(tmp_path / "county", ["tax"]) as county, county.hub("tax") as hall:
        number = issue(hall)
        until_pushed(hall)
        hall.hub.stop()
        county.processes[0].stop()
        assert number in numbers_in(hall.data / "hall.sqlite", tmp_path / "hub-copy.sqlite")
        assert number in numbers_in(county.folder / "data" / "county.sqlite", tmp_path / "county-copy.sqlite")


def test_the_file_alone_has_what_a_killed_hub_had_written_as_soon_as_it_runs_again(tmp_path: Path) -> None:
    with RealHall(tmp_path, with_broker=False) as hall:
        number = issue(hall)
        hall.hub.kill()
        hall.start_hub()
        assert number in numbers_in(hall.data / "hall.sqlite", tmp_path / "copy.sqlite")
        hall.hub.stop()
        assert number in numbers_in(hall.data / "hall.sqlite", tmp_path / "copy.sqlite")
