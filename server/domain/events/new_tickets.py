"""Creation of tickets in a hall: one issued to a visitor here, or one of a place held for another site's visitor."""

from __future__ import annotations

from protocol import journal as j
from protocol.vocabulary import TicketState
from server.domain.model.hall import Hall
from server.domain.model.tickets import Ticket


def issued_ticket(fact: j.TicketIssued | j.PlaceHeld, entry: j.Entry) -> Ticket:
    """Return a new ticket: its seniority is its own journal entry."""
    return Ticket(
        id=fact.ticket,
        number=fact.number,
        service=fact.service,
        language=fact.language,
        priority=fact.priority,
        state=TicketState.WAITING,
        seniority=(entry.seq, entry.seq),
        issued=entry.moment,
        since=entry.moment,
        queued=entry.moment,
        people_ahead=fact.people_ahead,
        promise=fact.promise,
    )


def held_ticket(fact: j.PlaceHeld, entry: j.Entry) -> Ticket:
    """Return the ticket of a referred visitor on the way here; the other site may still own the visitor's ticket."""
    return issued_ticket(fact, entry)._replace(
        state=TicketState.TRAVELLING,
        referral=fact.referral,
        from_site=fact.from_site,
        travel_min=fact.travel_min,
        confirmed=False,
        credit_s=fact.waited_s,
    )


def add_ticket(hall: Hall, fact: j.TicketIssued | j.PlaceHeld, ticket: Ticket) -> Hall:
    """Return the hall with a new ticket and its number; the caller puts it into a queue.

    Raises ValueError: the business day has issued this number before.
    """
    if fact.count <= hall.counts.get(fact.letter, 0):
        raise ValueError(f"{fact.number} was issued before")
    return hall._replace(
        counts={**hall.counts, fact.letter: fact.count},
        tickets={**hall.tickets, ticket.id: ticket},
        numbers={**hall.numbers, ticket.number: ticket.id},
    )
