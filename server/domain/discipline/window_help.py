"""What a hub writes when a manager has accepted that a window helps with other services, opens, or gives its clerk.

What was accepted on a day that is over here is dropped: the county's clock ends a day a little later, and by then the
hub may have begun the next one. A later day is the hub's mistake, whose clock is late: the county means now.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from protocol import journal as j
from protocol.county import Help, Leave
from protocol.vocabulary import WindowId
from server.domain.model.hall import Hall

Told = TypeVar("Told", Help, Leave)


def accept_help(hall: Hall, helps: Iterable[Help]) -> list[j.WindowHelps]:
    """Return what is new of the accepted proposals. A closed window stays closed until its clerk opens it."""
    now = {window: hall.window(window).helps for window in hall.site.windows}
    made = []
    for help_ in _not_over(hall, helps):
        before = now.get(help_.window)
        wanted = [s for s in help_.services if s in hall.site.services]
        if before is None or set(wanted) <= set(before):
            continue
        now[help_.window] = tuple(dict.fromkeys((*before, *wanted)))
        made.append(j.WindowHelps(window=help_.window, services=now[help_.window], proposal=help_.proposal))
    return made


def agree_windows(hall: Hall, helps: Iterable[Help], leaves: Iterable[Leave]) -> list[j.WindowAgreed]:
    """Return what the clerks of windows are to be told anew; each proposal is told to a window once a day."""
    opening = [_agreed(h, opens=True) for h in _not_over(hall, helps) if h.opens]
    asked = opening + [_agreed(leave, opens=False) for leave in _not_over(hall, leaves)]
    return [a for a in asked if a.window in hall.site.windows and a.proposal not in _heard(hall, a.window)]


def _not_over(hall: Hall, told: Iterable[Told]) -> list[Told]:
    return [t for t in told if hall.day is None or t.day >= hall.day]


def _agreed(told: Help | Leave, *, opens: bool) -> j.WindowAgreed:
    return j.WindowAgreed(
        window=told.window,
        proposal=told.proposal,
        opens=opens,
        services=told.services,
        elsewhere=told.elsewhere,
    )


def _heard(hall: Hall, window: WindowId) -> set[str]:
    return {a.proposal for a in hall.window(window).agreed}
