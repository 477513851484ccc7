"""What a hub writes when a manager has accepted that a window helps with other services."""

from __future__ import annotations

from collections.abc import Iterable

from protocol import journal as j
from protocol.county import Help
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
