"""A real hub whose clock is moved: nobody is cancelled by it, and people are asked what only they know."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from real_hall import RealHall, until
from timed_hall import OFFICE_HOURS, TimedHall, local

from server.runtime.clock import SETTLED_S


@pytest.fixture
def timed(tmp_path: Path) -> Iterator[TimedHall]:
    with RealHall(tmp_path, with_broker=False, start_hub=False, changes=OFFICE_HOURS) as hall:
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
    timed.learns_the_time(local(8, 36, days=1))
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
    timed.learns_the_time(local(9))
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
