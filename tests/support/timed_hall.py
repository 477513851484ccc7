"""A real hub whose clock is moved, whose machine is switched off and on, and whose days are read from its tables."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from real_hall import RealHall

SHANGHAI = ZoneInfo("Asia/Shanghai")
OFFICE_HOURS = {
    "[rules]": "[[hours]]\ndays = [1, 2, 3, 4, 5, 6, 7]\nopen = 08:30:00\nclose = 17:00:00\n\n[rules]",
}
"""Changes of a site description: numbers are issued from 08:30 to 17:00."""


def local(hour: int, minute: int = 0, *, days: int = 0) -> datetime:
    """Return a time of tomorrow in the hall, or of some days later."""
    day = datetime.now(SHANGHAI).date() + timedelta(days=1 + days)
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=SHANGHAI)


class TimedHall:
    """A hall and its clock."""

    def __init__(self, hall: RealHall) -> None:
        self.hall = hall
        self._count = 0

    def boots(self, at: datetime, *, boot: str, source: str) -> None:
        """Switch the machine off and on again; it shows this time, and ``source`` confirms it."""
        self.hall.hub.kill()
        self.hall.clock.change(boot=boot, source=source)
        self.shows(at)
        self.hall.start_hub()

    def shows(self, at: datetime) -> None:
        """Set the wall clock."""
        self.hall.clock.show(at, now=datetime.now(UTC))

    def learns_the_time(self, at: datetime) -> None:
        """A time service sets the clock, and the hub notices."""
        self.shows(at)
        self.hall.clock.change(source="ntp")
        self.hall.health()

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
