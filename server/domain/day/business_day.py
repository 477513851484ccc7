"""Rules for the business day: when it begins, when it is another date's, and when a person says that it is over.

Nobody who took a number is cancelled by a clock. A day ends when its people are gone or a person says so: ADR 25 has
the cases.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from protocol import journal as j
from server.domain.day.turn_of_day import TurnOfDay
from server.domain.desk import issuance
from server.domain.model.clock_trust import ClockTrust
from server.domain.model.hall import Hall
from server.domain.model.refusals import DaySettled
from server.domain.model.tickets import Ticket
from server.domain.referrals import referral_origin

GONE_S = 8 * 3600.0
"""Time without any entry after which those left over from the day before are gone, seconds.

Nobody stands for a working day in front of windows that call nobody, and between closing and opening it is longer. Only
time that one run of the machine has measured counts: no clock that is set makes it longer.
"""
AT_WORK_S = 2 * 3600.0
"""Time since the latest entry within which clerks are at work, seconds: a day that begins then closes no window."""
ONE_DAY = timedelta(days=1)

_Facts = tuple[j.AnyFact, ...]


class IssuedNumbers(Protocol):
    """What the journal has of the numbers issued so far."""

    def first_since(self, midnight: j.Moment, *, until: j.Moment) -> int | None:
        """Return the entry of the first number of the running day that was issued since midnight, or None.

        Entries of the same run of the machine are compared by its monotonic clock; others by the time that they were
        written with, which may not be later than ``until``.
        """

    def counts(self, day: date) -> Mapping[str, int]:
        """Return the largest count of each letter among the tickets of a business day."""


class _NoNumbers:
    def first_since(self, midnight: j.Moment, *, until: j.Moment) -> int | None:  # noqa: ARG002 - IssuedNumbers
        return None

    def counts(self, day: date) -> Mapping[str, int]:  # noqa: ARG002 - IssuedNumbers
        return {}


NO_NUMBERS: IssuedNumbers = _NoNumbers()
"""Of a hall that has issued none yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayQuestion:
    """What only a person can answer: whether those who took a number before today are still here."""

    day: date
    """The business day that they belong to."""
    tickets: tuple[Ticket, ...]


def is_believed(hall: Hall, *, today: date, trust: ClockTrust) -> bool:
    """Whether the business day may follow the clock to another date: further than to the next one only if confirmed."""
    if hall.day is None or today == hall.day or trust is ClockTrust.WRONG:
        return False
    return trust is ClockTrust.CONFIRMED or today - hall.day == ONE_DAY


def start_day(hall: Hall, *, now: j.Moment, trust: ClockTrust, numbers: IssuedNumbers) -> _Facts:
    """Return the facts that need no person: a new business day, or another date of the running one.

    None while it is the day, while the date is not believed, and while people of the day before may be here.
    """
    turn = TurnOfDay(hall=hall, now=now)
    if hall.day is None:
        return (j.DayStarted(day=turn.today, notice=hall.notice),)
    if not is_believed(hall, today=turn.today, trust=trust):
        return ()
    return _go_back(turn, numbers) if turn.today < hall.day else _go_on(turn, numbers)


def day_question(hall: Hall, *, now: j.Moment, trust: ClockTrust) -> DayQuestion | None:
    """Return the question that is open, or None."""
    turn = TurnOfDay(hall=hall, now=now)
    if hall.day is None or turn.today < hall.day or not is_believed(hall, today=turn.today, trust=trust):
        return None
    before = turn.people_of_before
    return DayQuestion(day=hall.day, tickets=tuple(before)) if before else None


def settle_day(
    hall: Hall, *, day: date, gone: bool, now: j.Moment, trust: ClockTrust, numbers: IssuedNumbers
) -> tuple[j.AnyFact, ...]:
    """Return the facts of a person's answer about those left over from ``day``: they are gone, or they are here.

    Raises DaySettled: nobody is asked that any more.
    """
    question = day_question(hall, now=now, trust=trust)
    if question is None or question.day != day:
        raise DaySettled
    turn = TurnOfDay(hall=hall, now=now)
    return _end_for_people_of_before(turn, numbers) if gone else (_move(turn, numbers),)


def _go_on(turn: TurnOfDay, numbers: IssuedNumbers) -> _Facts:
    """Return what follows from a later date: nothing while a place elsewhere is requested for a visitor here."""
    if referral_origin.is_awaited(turn.hall, at=turn.now):
        return ()
    if not turn.people:
        return _begin(turn, numbers)
    if turn.people_of_before:
        are_gone = (turn.idle_s or 0.0) >= GONE_S
        return _end_for_people_of_before(turn, numbers) if are_gone else ()
    goes_on_by_night = turn.is_open_over_midnight() and not turn.were_dated_wrong(turn.people)
    return () if goes_on_by_night else (_move(turn, numbers),)


def _go_back(turn: TurnOfDay, numbers: IssuedNumbers) -> _Facts:
    """Return what puts right a day that a wrong clock has begun, or carried into the future."""
    has_visitors = turn.people or _first_number(turn, numbers) is not None
    return (_move(turn, numbers),) if has_visitors else _begin(turn, numbers)


def _end_for_people_of_before(turn: TurnOfDay, numbers: IssuedNumbers) -> _Facts:
    """Return the facts that end the day of those who took a number before today; others keep theirs."""
    before = turn.people_of_before
    cancelled = [j.TicketCancelled(ticket=t.id, reason="day_ended") for t in before]
    if len(before) < len(turn.people) or _first_number(turn, numbers) is not None:
        return (*cancelled, _move(turn, numbers))
    return (*cancelled, *_begin(turn, numbers))


def _begin(turn: TurnOfDay, numbers: IssuedNumbers) -> _Facts:
    """Return the facts that begin the day of today.

    Referrals without an answer are given up, and print jobs nobody reported on have an unknown outcome.
    """
    return (
        *referral_origin.give_up_at_day_end(turn.hall),
        *(issuance.give_up_print(p) for p in issuance.pending_prints(turn.hall)),
        j.DayStarted(
            day=turn.today,
            notice=turn.hall.notice,
            counts=dict(numbers.counts(turn.today)),
            windows_stay=turn.idle_s is not None and turn.idle_s < AT_WORK_S,
        ),
    )


def _move(turn: TurnOfDay, numbers: IssuedNumbers) -> j.DayMoved:
    """Return the fact that makes the running day that of today, from the first number issued today on."""
    hall = turn.hall
    if hall.day is None:
        raise ValueError("the hall has not begun a day")
    more = {letter: n for letter, n in numbers.counts(turn.today).items() if n > hall.counts.get(letter, 0)}
    first = _first_number(turn, numbers)
    return j.DayMoved(was=hall.day, day=turn.today, since=hall.seq + 1 if first is None else first, counts=more)


def _first_number(turn: TurnOfDay, numbers: IssuedNumbers) -> int | None:
    return numbers.first_since(turn.midnight, until=turn.now)
