"""The wording of clock times, weekdays and dates, independent of the machine's locale.

Functions with a ``zone`` (an IANA name or a time zone) convert aware moments; all others take local dates. Weekdays
count from 1 (Monday) to 7, as ``date.isoweekday`` does.
"""

from __future__ import annotations

from datetime import date, datetime, tzinfo
from zoneinfo import ZoneInfo

from protocol.vocabulary import Text

_WEEKDAYS = (("一", "Mon"), ("二", "Tue"), ("三", "Wed"), ("四", "Thu"), ("五", "Fri"), ("六", "Sat"), ("日", "Sun"))
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def clock(at: datetime, zone: str | tzinfo | None) -> str:
    """Return the local time of a moment: ``08:05``."""
    return f"{_local(at, zone):%H:%M}"


def clock_with_seconds(at: datetime, zone: str | tzinfo | None) -> str:
    """Return the local time of a moment to the second: ``08:05:09``."""
    return f"{_local(at, zone):%H:%M:%S}"


def day_and_clock(at: datetime, zone: str | tzinfo | None) -> str:
    """Return the local day and time of a moment of this year, as pages show it in both languages: ``11-23 08:05``."""
    return f"{_local(at, zone):%m-%d %H:%M}"


def date_and_clock(at: datetime, zone: str | tzinfo | None) -> str:
    """Return the local date and time of a moment, as tables and files show it: ``2026-11-23 08:05``."""
    return f"{_local(at, zone):%Y-%m-%d %H:%M}"


def clock_or_day(at: datetime, *, now: datetime) -> str:
    """Return the time of a moment of today, else its day: ``08:05`` or ``11-23``; in the zone of ``now``."""
    local = _local(at, now.tzinfo)
    return clock(local, now.tzinfo) if local.date() == now.date() else f"{local:%m-%d}"


def _local(at: datetime, zone: str | tzinfo | None) -> datetime:
    return at.astimezone(ZoneInfo(zone) if isinstance(zone, str) else zone)


def weekday(isoweekday: int) -> Text:
    """Return a weekday's name: "星期一 / Mon"."""
    zh, en = _WEEKDAYS[isoweekday - 1]
    return Text(zh=f"星期{zh}", en=en)


def short_weekday(isoweekday: int) -> Text:
    """Return a weekday's name as lists and tables have it: "周一 / Mon"."""
    zh, en = _WEEKDAYS[isoweekday - 1]
    return Text(zh=f"周{zh}", en=en)


def month_and_day(*, month: int, day: int) -> Text:
    """Return a day of this year: "11月23日 / 23 Nov"."""
    return Text(zh=f"{month}月{day}日", en=f"{day} {_MONTHS[month - 1]}")


def date_with_weekday(day: date) -> Text:
    """Return a day of this year with its weekday: "11月23日 星期一 / Mon 23 Nov"."""
    name, short = weekday(day.isoweekday()), month_and_day(month=day.month, day=day.day)
    return Text(zh=f"{short.zh} {name.zh}", en=f"{name.en} {short.en}")


def date_and_time(local: datetime) -> Text:
    """Return a local moment in full: "2026年11月23日 星期一 01:05 / Mon 23 Nov 2026, 01:05"."""
    day = date_with_weekday(local)
    return Text(zh=f"{local.year}年{day.zh} {local:%H:%M}", en=f"{day.en} {local.year}, {local:%H:%M}")
