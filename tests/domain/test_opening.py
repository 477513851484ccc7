from __future__ import annotations

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from server.domain.model.catalogue import Catalogue, Hours
from server.domain.model.opening_hours import closes_at, is_open, opening_hours_text, opens_at

WEEK = (
    Hours(days=(1, 2, 3, 4, 5), open=time(8, 30), close=time(12, 0)),
    Hours(days=(1, 2, 3, 4, 5), open=time(13, 30), close=time(17, 30)),
    Hours(days=(6,), open=time(9, 0), close=time(11, 0)),
)


@pytest.fixture
def hall(small_catalogue: Catalogue) -> Catalogue:
    return small_catalogue.model_copy(update={"hours": WEEK})


def local(day: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
    """A moment of March 2026 in Shanghai, as UTC; the 2nd is a Monday."""
    return datetime(2026, 3, day, hour, minute, second, tzinfo=ZoneInfo("Asia/Shanghai")).astimezone(UTC)


@pytest.mark.parametrize(
    ("at", "now_open", "next_opening"),
    [
        (local(2, 8, 29, 59), False, "08:30"),
        (local(2, 8, 30), True, None),
        (local(2, 11, 59, 59), True, None),
        (local(2, 12, 0), False, "13:30"),
        (local(2, 13, 30), True, None),
        (local(2, 17, 30), False, "03-03 08:30"),
        (local(2, 0, 0), False, "08:30"),
        (local(6, 18, 0), False, "03-07 09:00"),
        (local(7, 9, 0), True, None),
        (local(7, 11, 0), False, "03-09 08:30"),
        (local(8, 10, 0), False, "03-09 08:30"),
    ],
)
def test_the_hall_is_open_in_its_hours_and_names_the_next_opening(
    hall: Catalogue,
    at: datetime,
    now_open: object,
    next_opening: str | None,
) -> None:
    assert (is_open(hall, at), opens_at(hall, at)) == (now_open, next_opening)


def test_a_hall_without_hours_is_always_open(small_catalogue: Catalogue) -> None:
    assert is_open(small_catalogue, local(8, 3))
    assert opens_at(small_catalogue, local(8, 3)) is None
    assert opening_hours_text(small_catalogue).zh == "全天开放"


def test_a_hall_that_opens_once_a_week_names_the_day_a_week_ahead(small_catalogue: Catalogue) -> None:
    tuesdays = small_catalogue.model_copy(update={"hours": (Hours(days=(2,), open=time(9), close=time(10)),)})
    assert opens_at(tuesdays, local(3, 10)) == "03-10 09:00"


def test_the_hours_are_worded_in_both_languages(hall: Catalogue) -> None:
    text = opening_hours_text(hall)
    assert text.zh == "周一至周五 08:30–12:00；周一至周五 13:30–17:30；周六 09:00–11:00"
    assert text.en == "Mon–Fri 08:30–12:00; Mon–Fri 13:30–17:30; Sat 09:00–11:00"


def test_days_apart_are_named_one_by_one(small_catalogue: Catalogue) -> None:
    apart = small_catalogue.model_copy(update={"hours": (Hours(days=(1, 3, 7), open=time(9), close=time(10)),)})
    assert opening_hours_text(apart).zh == "周一、周三、周日 09:00–10:00"
    assert opening_hours_text(apart).en == "Mon, Wed, Sun 09:00–10:00"


def test_hours_follow_the_sites_zone_over_a_change_of_summer_time(hall: Catalogue) -> None:
    berlin = hall.model_copy(update={"time_zone": "Europe/Berlin"})
    assert is_open(berlin, datetime(2026, 3, 27, 7, 30, tzinfo=UTC))
    assert not is_open(berlin, datetime(2026, 3, 27, 7, 29, tzinfo=UTC))
    assert is_open(berlin, datetime(2026, 3, 30, 6, 30, tzinfo=UTC))
    assert not is_open(berlin, datetime(2026, 3, 30, 6, 29, tzinfo=UTC))


def test_a_site_may_close_at_the_end_of_the_day(small_catalogue: Catalogue) -> None:
    late = Hours.model_validate({"days": (1, 2, 3, 4, 5, 6, 7), "open": "08:00", "close": "24:00"})
    catalogue = small_catalogue.model_copy(update={"hours": (late,)})
    zone = ZoneInfo(catalogue.time_zone)
    before = datetime(2026, 3, 2, 23, 59, 59, tzinfo=zone)
    assert is_open(catalogue, before)
    assert not is_open(catalogue, datetime(2026, 3, 3, tzinfo=zone))
    assert closes_at(catalogue, before) == datetime(2026, 3, 3, tzinfo=zone)
    assert "08:00–24:00" in opening_hours_text(catalogue).en
    assert Catalogue.model_validate(catalogue.model_dump(mode="json")) == catalogue
