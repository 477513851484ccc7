"""What a person is asked about clock and day: is the time right, and are the people of yesterday still here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from protocol import journal as j
from server.domain.day.business_day import DayQuestion, day_question, is_believed
from server.domain.day.turn_of_day import TurnOfDay
from server.domain.model.clock_trust import ClockTrust
from server.domain.model.hall import Hall


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockQuestion:
    """Whether the time that the clock shows is right: nothing confirms it, or it is far from the business day."""

    day: date
    """The business day as long as nobody confirms the time."""


def open_question(hall: Hall, *, now: j.Moment, trust: ClockTrust) -> ClockQuestion | DayQuestion | None:
    """Return what only a person can say at this moment, or None. The clock comes first: the day rests on it."""
    if hall.day is None:
        return None
    today = TurnOfDay(hall=hall, now=now).today
    is_far = today != hall.day and not is_believed(hall, today=today, trust=trust)
    if trust < ClockTrust.KEPT or is_far:
        return ClockQuestion(day=hall.day)
    return day_question(hall, now=now, trust=trust)
