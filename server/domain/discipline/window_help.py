"""Rules for proposals that a manager accepted: a window helps with other services, opens, or gives its clerk away.

A proposal accepted on a day that is over here is dropped: the county's clock ends a day a little later, and by then the
hub may have begun the next one. A later day means that the hub's clock is late; the proposal holds now.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from protocol import journal as j
from protocol.county import Help, Leave
from protocol.vocabulary import WindowId
from server.domain.model.hall import Hall

Accepted = TypeVar("Accepted", Help, Leave)


def accept_help(hall: Hall, helps: Iterable[Help]) -> list[j.WindowHelps]:
    """Return the facts of help that is new to the hall. A closed window stays closed until its clerk opens it."""
    now = {window: hall.window(window).helps for window in hall.site.windows}
    facts = []
    for help_ in _not_over(hall, helps):
        before = now.get(help_.window)
        wanted = [s for s in help_.services if s in hall.site.services]
        if before is None or set(wanted) <= set(before):
            continue
        now[help_.window] = tuple(dict.fromkeys((*before, *wanted)))
        facts.append(j.WindowHelps(window=help_.window, services=now[help_.window], proposal=help_.proposal))
    return facts


def agree_windows(hall: Hall, helps: Iterable[Help], leaves: Iterable[Leave]) -> list[j.WindowAgreed]:
    """Return the facts of openings and leaves that are new to the hall; each proposal once a day for each window."""
    opening = [_agreed(h, opens=True) for h in _not_over(hall, helps) if h.opens]
    agreements = opening + [_agreed(leave, opens=False) for leave in _not_over(hall, leaves)]
    return [
        a for a in agreements if a.window in hall.site.windows and a.proposal not in _known_proposals(hall, a.window)
    ]


def _not_over(hall: Hall, accepted: Iterable[Accepted]) -> list[Accepted]:
    return [t for t in accepted if hall.day is None or t.day >= hall.day]


def _agreed(accepted: Help | Leave, *, opens: bool) -> j.WindowAgreed:
    return j.WindowAgreed(
        window=accepted.window,
        proposal=accepted.proposal,
        opens=opens,
        services=accepted.services,
        elsewhere=accepted.elsewhere,
    )


def _known_proposals(hall: Hall, window: WindowId) -> set[str]:
    return {a.proposal for a in hall.window(window).agreed}
