"""Rules for the turn of the business day and for a changed site description."""

from __future__ import annotations

from datetime import datetime

from protocol import journal as j
from protocol.messages import TicketState
from server.domain import issuing
from server.domain.catalogue import Catalogue
from server.domain.hall import Hall
from server.domain.numbering import business_day

LEFT_OVER = frozenset(
    {TicketState.WAITING, TicketState.CALLED, TicketState.SERVING, TicketState.PARKED, TicketState.TRAVELLING}
)


def start_day(hall: Hall, *, now: datetime) -> tuple[j.AnyFact, ...]:
    """Return the facts that begin a new business day; none while it is the day.

    Tickets left over are cancelled, and print jobs nobody reported on have an unknown outcome.
    """
    day = business_day(now, time_zone=hall.offer.catalogue.time_zone, last=hall.day)
    if day == hall.day:
        return ()
    left = [t for t in hall.tickets.values() if t.state in LEFT_OVER]
    return (
        *(issuing.given_up(p) for p in issuing.pending_prints(hall)),
        *(j.TicketCancelled(ticket=t.id, reason="day_ended") for t in left),
        j.DayStarted(day=day, notice=hall.notice),
    )


def change_catalogue(hall: Hall, *, catalogue: Catalogue) -> tuple[j.AnyFact, ...]:
    """Return the facts of a changed site description: tickets of removed services and windows are cancelled."""
    services = {s.id for s in catalogue.services}
    windows = {w.id for w in catalogue.windows}
    lost = [
        t
        for t in hall.tickets.values()
        if t.service not in services or (t.window is not None and t.window not in windows)
    ]
    return (
        *(j.TicketCancelled(ticket=t.id, reason="service_removed") for t in lost),
        j.CatalogueChanged(catalogue=catalogue.model_dump(mode="json")),
    )
