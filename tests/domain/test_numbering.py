from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plain_hall import MORNING, PlainHall

from protocol.journal import Moment
from server.domain.day.turn_of_day import TurnOfDay
from server.domain.desk.numbering import ticket_number
from server.domain.events.apply import empty_hall
from server.domain.model.catalogue import Catalogue
from server.domain.model.clock_trust import ClockTrust


@pytest.mark.parametrize(
    ("letter", "count", "printed"),
    [("A", 1, "A001"), ("A", 17, "A017"), ("B", 999, "B999"), ("A", 1000, "A1000"), ("AB", 12345, "AB12345")],
)
def test_a_number_is_its_letter_and_three_digits_and_grows_beyond_999(letter: str, count: int, printed: str) -> None:
    assert ticket_number(letter, count) == printed


@given(st.integers(1, 200_000), st.integers(1, 200_000))
def test_two_counts_never_print_the_same(one: int, other: int) -> None:
    assert (ticket_number("A", one) == ticket_number("A", other)) == (one == other)


@pytest.mark.parametrize(
    ("zone", "at", "day"),
    [
        ("Asia/Shanghai", datetime(2026, 3, 1, 15, 59, 59, tzinfo=UTC), date(2026, 3, 1)),
        ("Asia/Shanghai", datetime(2026, 3, 1, 16, 0, tzinfo=UTC), date(2026, 3, 2)),
        ("Asia/Urumqi", datetime(2026, 3, 1, 17, 59, 59, tzinfo=UTC), date(2026, 3, 1)),
        ("Asia/Urumqi", datetime(2026, 3, 1, 18, 0, tzinfo=UTC), date(2026, 3, 2)),
        ("UTC", datetime(2026, 3, 1, 23, 59, 59, tzinfo=UTC), date(2026, 3, 1)),
        ("Europe/Berlin", datetime(2026, 3, 28, 22, 59, tzinfo=UTC), date(2026, 3, 28)),
        ("Europe/Berlin", datetime(2026, 3, 28, 23, 0, tzinfo=UTC), date(2026, 3, 29)),
        ("Europe/Berlin", datetime(2026, 3, 29, 22, 0, tzinfo=UTC), date(2026, 3, 30)),
        ("America/St_Johns", datetime(2026, 11, 1, 2, 29, tzinfo=UTC), date(2026, 10, 31)),
        ("America/St_Johns", datetime(2026, 11, 1, 2, 30, tzinfo=UTC), date(2026, 11, 1)),
        ("Pacific/Kiritimati", datetime(2026, 3, 1, 10, 0, tzinfo=UTC), date(2026, 3, 2)),
    ],
)
def test_the_business_day_turns_at_the_sites_own_midnight(
    small_catalogue: Catalogue, zone: str, at: datetime, day: date
) -> None:
    hall = empty_hall(small_catalogue.model_copy(update={"time_zone": zone}))
    assert TurnOfDay(hall=hall, now=Moment(at=at, boot="boot-1", mono_s=0.0)).today == day


def test_each_letter_counts_for_itself_from_one(small_catalogue: Catalogue) -> None:
    hall = PlainHall(small_catalogue)
    given_out = [hall.issue(service).number for service in ("id-card", "invoice", "id-card", "household", "id-card")]
    assert given_out == ["A001", "C001", "A002", "B001", "A003"]


def test_a_cancelled_number_is_not_issued_again(small_catalogue: Catalogue) -> None:
    hall = PlainHall(small_catalogue)
    hall.cancel(hall.issue().id)
    assert hall.issue().number == "A002"


def test_numbers_begin_again_on_the_next_day_only(small_catalogue: Catalogue) -> None:
    hall = PlainHall(small_catalogue)
    hall.issue()
    hall.wait(3600)
    assert hall.turn_day() == []
    assert hall.issue().number == "A002"
    hall.wait(24 * 3600)
    hall.turn_day()
    assert hall.issue().number == "A001"


def test_a_clock_that_goes_back_neither_turns_the_day_nor_repeats_a_number(small_catalogue: Catalogue) -> None:
    hall = PlainHall(small_catalogue)
    hall.issue()
    hall.moment = hall.moment.model_copy(update={"at": MORNING - timedelta(days=400)})
    hall.trust = ClockTrust.KEPT
    assert hall.turn_day() == []
    assert hall.issue().number == "A002"
    assert hall.hall.day == date(2026, 3, 2)
