"""What the hall's voice has announced, and how long after it an absent visitor may be marked."""

from __future__ import annotations

from collections.abc import Iterable

from protocol import journal as j
from protocol.retained_messages import AnnouncedCall
from protocol.vocabulary import TicketState
from server.domain.model.hall import Hall
from server.domain.model.tickets import Ticket

UNANNOUNCED_S = 30.0
"""Time after which a call that no voice reported counts as announced when it was made, seconds: voices may fail."""


def announced(hall: Hall, reported: Iterable[AnnouncedCall], *, device: str) -> list[j.TicketAnnounced]:
    """Return the announcements that are news: of each called ticket the latest call or recall, the first time."""
    newest = {call.number: call for call in reversed(hall.calls)}
    known = {call.call_seq: call.number for call in newest.values() if not call.over}
    tickets = [(hall.open_ticket(hall.numbers.get(known.get(call.call_seq, ""))), call.ago_s) for call in reported]
    return [
        j.TicketAnnounced(ticket=ticket.id, device=device, ago_s=ago_s)
        for ticket, ago_s in tickets
        if ticket is not None and ticket.announced is None
    ]


def no_show_in_s(hall: Hall, ticket: Ticket, *, at: j.Moment) -> float | None:
    """Return the time until a called visitor may be marked as absent, seconds; None where the site has no such rule.

    It counts from the announcement. A call that is not announced counts from when it was made: at once where no voice
    has reported anything today, otherwise after ``UNANNOUNCED_S``.
    """
    after_s = hall.site.catalogue.rules.no_show_after_s
    if not after_s or ticket.state is not TicketState.CALLED or ticket.summoned is None:
        return None
    if ticket.summoned.boot != at.boot:
        return 0.0  # the machine was started since, which takes longer; its clock may be wrong
    if ticket.announced is not None:
        return max(0.0, after_s - at.since(ticket.announced))
    after_s = max(after_s, UNANNOUNCED_S) if hall.announcements else after_s
    return max(0.0, after_s - at.since(ticket.summoned))
