"""The fold of what the hall's voice has spoken."""

from __future__ import annotations

from protocol import journal as j
from server.domain.model.hall import ANNOUNCEMENTS_KEPT, Announcement, Hall


def announce_ticket(hall: Hall, entry: j.Entry, fact: j.TicketAnnounced) -> Hall:
    """Return the hall after the announcement of a ticket's latest call or recall."""
    old, at = hall.tickets[fact.ticket], entry.moment.before(fact.ago_s)
    ticket = old._replace(announced=at)
    lag_s = 0.0 if old.summoned is None else at.since(old.summoned)
    announcement = Announcement(number=ticket.number, at=at, lag_s=lag_s)
    return hall._replace(
        tickets={**hall.tickets, ticket.id: ticket},
        announcements=(announcement, *hall.announcements[: ANNOUNCEMENTS_KEPT - 1]),
    )
