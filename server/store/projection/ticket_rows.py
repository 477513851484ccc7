"""What the projections share: the site, and a new ticket's row."""

from __future__ import annotations

from typing import Any

from protocol import journal as j
from protocol.vocabulary import SiteId
from server.domain.events.apply import AppliedEntry


def site_of(step: AppliedEntry) -> SiteId:
    """Return the site whose tables are written."""
    return step.after.site.catalogue.site


def new_ticket_row(step: AppliedEntry, fact: j.TicketIssued | j.PlaceHeld, *, state: str) -> dict[str, Any]:
    """Return the columns that every new ticket has, issued here or reserved for another site's visitor."""
    promise = fact.promise
    return {
        "site": site_of(step),
        "id": fact.ticket,
        "business_day": step.after.day,
        "number": fact.number,
        "letter": fact.letter,
        "count": fact.count,
        "service": fact.service,
        "language": fact.language.value,
        "priority": fact.priority,
        "state": state,
        "issued_seq": step.entry.seq,
        "issued_at": step.entry.moment.at,
        "people_ahead": fact.people_ahead,
        "promise_low_min": promise and promise.low_min,
        "promise_high_min": promise and promise.high_min,
        "returns": 0,
        "changed_seq": step.entry.seq,
    }
