"""Waits, places and dates are worded once, whatever shows them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from protocol.text.dates import (
    clock,
    clock_with_seconds,
    date_and_clock,
    date_and_time,
    date_with_weekday,
    day_and_clock,
    month_and_day,
    short_weekday,
    weekday,
)
from protocol.text.waits import UNKNOWN_WAIT, expected_wait, people_ahead, wait_range
from protocol.vocabulary import Promise, Text

LONG = Promise(low_min=20, high_min=35)
SHORT = Promise(low_min=0, high_min=10)
EXACT = Promise(low_min=5, high_min=5)


@pytest.mark.parametrize(
    ("promise", "zh", "en"),
    [
        (LONG, "20–35 分钟", "20–35 min"),
        (SHORT, "10 分钟以内", "within 10 min"),
        (EXACT, "5 分钟", "5 min"),
        (None, "暂时说不准", "not known yet"),
    ],
)
def test_a_wait_is_a_range_or_unknown(promise: Promise | None, zh: str, en: str) -> None:
    assert wait_range(promise) == Text(zh=zh, en=en)


def test_a_wait_without_a_label_is_a_phrase() -> None:
    assert [expected_wait(promise) for promise in (LONG, SHORT, EXACT, None)] == [
        Text(zh="预计 20–35 分钟", en="about 20–35 min"),
        Text(zh="预计 10 分钟以内", en="within 10 min"),
        Text(zh="预计 5 分钟", en="about 5 min"),
        Text(zh="等候时间暂时说不准", en="Waiting time not known yet"),
    ]
    assert wait_range(None) == UNKNOWN_WAIT


def test_people_ahead_are_counted_with_a_singular_and_a_none() -> None:
    assert [people_ahead(count) for count in (0, 1, 7)] == [
        Text(zh="前面没有人", en="Nobody ahead of you"),
        Text(zh="前面 1 人", en="1 person ahead"),
        Text(zh="前面 7 人", en="7 people ahead"),
    ]


def test_a_clock_shows_the_halls_own_time() -> None:
    at = datetime(2026, 11, 22, 17, 5, tzinfo=UTC)
    assert [clock(at, zone) for zone in ("Asia/Shanghai", "Europe/Berlin", ZoneInfo("Asia/Shanghai"))] == [
        "01:05",
        "18:05",
        "01:05",
    ]


def test_a_moment_reads_the_same_in_both_languages_on_pages_and_in_tables() -> None:
    at = datetime(2026, 11, 22, 17, 5, 9, tzinfo=UTC)
    assert clock_with_seconds(at, "Asia/Shanghai") == "01:05:09"
    assert day_and_clock(at, "Asia/Shanghai") == "11-23 01:05"
    assert date_and_clock(at, "Asia/Shanghai") == "2026-11-23 01:05"


def test_days_are_written_as_each_language_writes_them() -> None:
    monday = date(2026, 11, 23)
    assert (weekday(1), short_weekday(7)) == (Text(zh="星期一", en="Mon"), Text(zh="周日", en="Sun"))
    assert month_and_day(month=11, day=23) == Text(zh="11月23日", en="23 Nov")
    assert date_with_weekday(monday) == Text(zh="11月23日 星期一", en="Mon 23 Nov")
    assert date_and_time(datetime(2026, 11, 23, 1, 5, tzinfo=ZoneInfo("Asia/Shanghai"))) == Text(
        zh="2026年11月23日 星期一 01:05", en="Mon 23 Nov 2026, 01:05"
    )
