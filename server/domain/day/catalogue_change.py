"""The rule for a changed site description."""

from __future__ import annotations

from protocol import journal as j
from server.domain.model.catalogue import Catalogue
from server.domain.model.hall import Hall


def change_catalogue(hall: Hall, *, catalogue: Catalogue) -> tuple[j.AnyFact, ...]:
    """Return the facts of a changed site description: tickets that no window can call any more are cancelled."""
    pooled = catalogue.rules.pooled
    services = {s for w in catalogue.windows for s in (*w.services, *(w.skills if pooled else ()))}
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
