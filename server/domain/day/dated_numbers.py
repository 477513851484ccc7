"""Puts the numbers of a business day that a wrong clock froze back to the dates on which they were issued."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from protocol import journal as j


class DatedNumber(NamedTuple):
    """A number: the entry that issued it, and the time it was written with."""

    seq: int
    at: datetime


def split_day(day: date, numbers: Sequence[DatedNumber], *, today: date, zone: ZoneInfo) -> list[j.DayMoved]:
    """Return the facts that give each number of ``day`` the date on which it was issued.

    Dates only go forward. One written with a time in the future counts for the date before it, the first ones for the
    first date that is known, or for today.
    """
    written = [n.at.astimezone(zone).date() for n in numbers]
    known = [d for d in written if d <= today]
    latest = known[0] if known else today
    moves: list[j.DayMoved] = []
    was = day
    for number, on in zip(numbers, written, strict=True):
        latest = max(latest, on) if on <= today else latest
        if latest != was:
            moves.append(j.DayMoved(was=was, day=latest, since=number.seq))
            was = latest
    return moves
