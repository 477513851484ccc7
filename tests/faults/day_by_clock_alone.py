"""A rule for the business day that believes any clock which has run for ten minutes: the control of ``clocks``."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from protocol import journal as j
from server.domain.day.turn_of_day import TurnOfDay
from server.domain.model.clock_trust import ClockTrust
from server.domain.model.hall import Hall

QUIET_S = 2 * 3600.0
LONGEST_DAY_S = 20 * 3600.0


def start_day(hall: Hall, *, now: j.Moment, trust: ClockTrust, **_: object) -> tuple[j.AnyFact, ...]:
    """Return the facts of a new day: people are cancelled when two hours were quiet, or the day is twenty hours old."""
    today = now.at.astimezone(ZoneInfo(hall.site.catalogue.time_zone)).date()
    if hall.day is not None and (today <= hall.day or trust is ClockTrust.WRONG):
        return ()
    people = TurnOfDay(hall=hall, now=now).people
    if people and hall.latest is not None and hall.began is not None:
        is_over = now.since(hall.latest) >= QUIET_S or now.since(hall.began) >= LONGEST_DAY_S
        if not is_over:
            return ()
    cancelled = [j.TicketCancelled(ticket=t.id, reason="day_ended") for t in people]
    return (*cancelled, j.DayStarted(day=today, notice=hall.notice))
