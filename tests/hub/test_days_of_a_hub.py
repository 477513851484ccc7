"""A real hub whose clock is moved: nobody is cancelled by it, and people are asked what only they know."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from real_hall import RealHall, until

from server.runtime.clock import SETTLED_S

SHANGHAI = ZoneInfo("Asia/Shanghai")
HOURS = """[[hours]]
days = [1, 2, 3, 4, 5, 6, 7]
open = 08:30:00
close = 17:00:00

[rules]"""


def local(hour: int, minute: int = 0, *, days: int = 0) -> datetime:
    """Return a time of tomorrow in the hall, or of some days later: all clocks of a test lie in the future."""
    day = datetime.now(SHANGHAI).date() + timedelta(days=1 + days)
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=SHANGHAI)


class TimedHall:
    """A hall and its clock."""

    def __init__(self, hall: RealHall) -> None:
        self.hall = hall
        self._count = 0

    def boots(self, at: datetime, *, boot: str, source: str) -> None:
        """Switch the machine off and on again; it shows this time."""
        self.hall.hub.kill()
        self.hall.clock.change(boot=boot, source=source)
        self.shows(at)
        self.hall.start_hub()

    def shows(self, at: datetime) -> None:
        """Set the wall clock."""
        self.hall.clock.show(at, now=datetime.now(UTC))

    def passes(self, **time: float) -> None:
        """Let time pass."""
        self.hall.clock.change(later_s=self.hall.clock.read().later_s + timedelta(**time).total_seconds())

    def issue(self) -> tuple[int, Any]:
        """Take a number at the kiosk."""
        self._count += 1
        body = {"request_id": f"timed-hall-{self._count}", "service": "id-card"}
        answer = self.hall.request("POST", "/v1/tickets", body, device="kiosk-1")
        return answer.status, answer.json()

    def number(self) -> str:
        """Take a number that must be issued."""
        status, ticket = self.issue()
        assert status == 200, ticket
        return str(ticket["number"])

    def serve_all(self) -> None:
        """Serve everybody who waits, at one window."""
        while self.hall.request("GET", "/v1/services", device="kiosk-1").json()["services"][0]["waiting"]:
            for press in ("open", "call-next", "start", "finish"):
                self._count += 1
                path = f"/v1/windows/window-1/{press}"
                self.hall.request("POST", path, {"request_id": f"timed-hall-{self._count}"}, device="window-1")

    def day(self) -> date:
        """Return the business day."""
        return self.hall.health().business_day

    def facts(self, kind: str) -> list[str]:
        """Return the facts of a kind in the journal."""
        with closing(sqlite3.connect(self.hall.data / "hall.sqlite")) as database:
            return [fact for (fact,) in database.execute("SELECT fact FROM journal WHERE kind = ?", (kind,))]

    def issued_by_day(self) -> dict[str, list[str]]:
        """Return the numbers in the tables by business day."""
        found: dict[str, list[str]] = {}
        with closing(sqlite3.connect(self.hall.data / "hall.sqlite")) as database:
            for day, number in database.execute("SELECT business_day, number FROM tickets ORDER BY issued_seq"):
                found.setdefault(day, []).append(number)
        return found


@pytest.fixture
def timed(tmp_path: Path) -> Iterator[TimedHall]:
    with RealHall(tmp_path, with_broker=False, start_hub=False, changes={"[rules]": HOURS}) as hall:
        yield TimedHall(hall)


def test_a_pi_that_wakes_up_yesterday_serves_its_visitors_and_loses_none_of_them(timed: TimedHall) -> None:
    """Nobody believes its 17:10: it issues numbers outside the hours, and tells the staff. Then NTP sets 08:36."""
    timed.boots(local(16), boot="monday", source="ntp")
    assert [timed.number() for _ in range(2)] == ["A001", "A002"]
    timed.serve_all()
    timed.boots(local(17, 10), boot="tuesday", source="none")
    health = timed.hall.health()
    assert (health.clock_trusted, health.parts["clock"].state) == (False, "failed")
    assert [timed.number() for _ in range(3)] == ["A003", "A004", "A005"]
    timed.shows(local(8, 36, days=1))
    timed.hall.clock.change(source="ntp")
    assert timed.number() == "A006", "nobody knows yet whether that is right"
    timed.passes(seconds=SETTLED_S + 5)
    assert timed.number() == "A007"
    assert timed.facts("ticket_cancelled") == []
    assert timed.hall.health().clock_trusted
    until(lambda: timed.day() == local(0, days=1).date(), what="the day is today's")
    assert list(timed.issued_by_day().values())[-1] == ["A003", "A004", "A005", "A006", "A007"]
    assert timed.hall.health().parts["clock"].state == "ok"


def test_a_boot_in_the_future_is_no_day_there(timed: TimedHall) -> None:
    timed.boots(local(9, days=400), boot="future", source="rtc")
    assert timed.number() == "A001"
    timed.shows(local(9))
    timed.hall.clock.change(source="ntp")
    assert not timed.hall.health().clock_trusted
    timed.passes(seconds=SETTLED_S + 5)
    assert timed.number() == "A002"
    assert timed.day() == local(0).date()
    assert timed.issued_by_day() == {local(0).date().isoformat(): ["A001", "A002"]}


def test_a_jump_of_months_needs_the_word_of_somebody_else(timed: TimedHall) -> None:
    timed.boots(local(9), boot="one", source="ntp")
    today = timed.day()
    timed.boots(local(9, days=200), boot="two", source="rtc")
    timed.number()
    assert timed.day() == today
