"""The fold of the facts about the business day and the clock."""

from __future__ import annotations

from typing import assert_never

from protocol import journal as j
from server.domain.events.queue_transitions import without_calls
from server.domain.model.hall import Hall, HallWindow


def apply_day_fact(hall: Hall, entry: j.Entry, fact: j.DayFact) -> Hall:
    """Return the hall after one fact about the business day or the clock."""
    match fact.kind:
        case "day_started":
            return _start_day(hall, entry, fact)
        case "day_moved":
            return _move_day(hall, fact)
        case "clock_confirmed":
            return hall
        case _:
            assert_never(fact)


def _start_day(hall: Hall, entry: j.Entry, fact: j.DayStarted) -> Hall:
    kept = {name: HallWindow(id=name, state=w.state) for name, w in hall.windows.items() if fact.windows_stay}
    return Hall(
        site=hall.site,
        day=fact.day,
        began=entry.moment,
        counts=fact.counts,
        windows=kept,
        learned=hall.learned,
        notice=fact.notice,
    )


def _move_day(hall: Hall, fact: j.DayMoved) -> Hall:
    """Return the hall on another date; visits that ended before it leave the board, as at the start of a day."""
    hall = hall._replace(learned=hall.learned.moved(fact.was, fact.day, since=fact.since))
    if hall.day != fact.was:
        return hall
    hall = without_calls(hall, lambda call: call.call_seq < fact.since and call.number not in hall.numbers)
    return hall._replace(day=fact.day, counts={**hall.counts, **fact.counts})
