"""Ticket numbers: counted per letter and business day from 1, never twice, never from a clock."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo


def ticket_number(letter: str, count: int) -> str:
    """Return the number as printed and called: ``A017``; beyond 999 it has a fourth digit, ``A1000``."""
    return f"{letter}{count:03d}"


def business_day(at: datetime, *, time_zone: str, last: date | None) -> date:
    """Return the business day at ``at``; it only moves forward, whatever the clock does."""
    today = at.astimezone(ZoneInfo(time_zone)).date()
    return today if last is None else max(today, last)
