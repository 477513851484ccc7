"""What a hub writes when a manager has accepted that a window helps with other services, opens, or gives its clerk."""

from __future__ import annotations

from collections.abc import Iterable

from protocol import journal as j
from protocol.county import Help, Leave
from server.domain.hall import Hall


def accepted(hall: Hall, helps: Iterable[Help]) -> list[j.WindowHelps]:
    """Return what is new of the accepted proposals. A closed window stays closed until its clerk opens it."""
    now = {window: hall.window(window).helps for window in hall.offer.windows}
    made = []
    for help_ in helps:
        before = now.get(help_.window)
        wanted = [s for s in help_.services if s in hall.offer.services]
        if before is None or set(wanted) <= set(before):
            continue
        now[help_.window] = tuple(dict.fromkeys((*before, *wanted)))
        made.append(j.WindowHelps(window=help_.window, services=now[help_.window], proposal=help_.proposal))
    return made


def agreed(hall: Hall, helps: Iterable[Help], leaves: Iterable[Leave]) -> list[j.WindowAgreed]:
    """Return what the clerks of windows are to be told anew; each proposal is told to a window once a day."""
    asked = [_agreed(h, opens=True) for h in helps if h.opens] + [_agreed(leave, opens=False) for leave in leaves]
    return [a for a in asked if a.window in hall.offer.windows and a.proposal not in _heard(hall, a.window)]


def _agreed(told: Help | Leave, *, opens: bool) -> j.WindowAgreed:
    return j.WindowAgreed(
        window=told.window,
        proposal=told.proposal,
        opens=opens,
        services=told.services,
        elsewhere=told.elsewhere,
    )


def _heard(hall: Hall, window: str) -> set[str]:
    return {a.proposal for a in hall.window(window).agreed}
