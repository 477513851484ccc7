"""Rules of a referral at the site that was asked: hold a place, confirm or release it, check the visitor in.

A held place is numbered like any ticket but belongs to the other site until that says ``taken``: until then it is
neither called nor withdrawn here, only released upon the other site's word or at the day's end. Whoever stands here
with the paper knows the ticket's id, which is proof that it was taken.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from protocol import journal as j
from protocol.county import OriginState, Referral
from protocol.vocabulary import Promise, TicketId, TicketState
from server.domain.desk import issuance
from server.domain.model.hall import Hall
from server.domain.model.refusals import NotReferred, PlaceUnconfirmed, Refusal, UnknownTicket
from server.domain.model.tickets import Ticket, after

SETTLES_S = 60.0
"""A place held so recently may be taken this very moment: no business day ends over it."""
PRESENT = frozenset({TicketState.WAITING, TicketState.CALLED, TicketState.SERVING, TicketState.PARKED})
"""States of a visitor who is in the hall."""


def reserve_place(
    hall: Hall, letter: Referral, *, ticket: TicketId, promise: Promise | None, now: datetime | None
) -> j.PlaceHeld | j.PlaceRefused:
    """Number a place for another site's visitor, or say why not. ``ticket`` is a fresh secret.

    ``now`` None skips the hours; otherwise the hall must be open when the visitor arrives.
    """
    known = letter.priority in hall.site.priority_rank
    try:
        issued = issuance.issue(
            hall,
            service=letter.service,
            language=letter.language,
            priority=letter.priority if known else None,
            ticket=ticket,
            print_device=None,
            promise=promise,
            now=None if now is None else now + timedelta(minutes=letter.travel_min),
        )
    except Refusal as refusal:
        return j.PlaceRefused(referral=letter.referral, from_site=letter.from_site, reason=refusal.name)
    return j.PlaceHeld(
        referral=letter.referral,
        from_site=letter.from_site,
        ticket=ticket,
        number=issued.number,
        letter=issued.letter,
        count=issued.count,
        service=issued.service,
        language=issued.language,
        priority=issued.priority,
        travel_min=letter.travel_min,
        waited_s=letter.waited_s,
        people_ahead=issued.people_ahead,
        promise=promise,
        from_ticket=letter.from_ticket,
    )


def on_origin_decision(hall: Hall, letter: Referral) -> tuple[j.AnyFact, ...]:
    """Return what this site writes when the other one has decided about a place held here.

    A place under another id than the one that was taken was held anew by mistake, and is released.
    """
    place = hall.places.get(letter.referral)
    ticket = hall.living(place.ticket) if place else None
    if ticket is None or ticket.confirmed:
        return ()
    if letter.asked is OriginState.TAKEN and letter.ticket == ticket.id:
        return (j.PlaceConfirmed(ticket=ticket.id, referral=letter.referral),)
    return (j.TicketCancelled(ticket=ticket.id, reason="referral_given_up"),)


def check_in(hall: Hall, *, code: str) -> tuple[j.AnyFact, ...]:
    """Check in a visitor whom another site sent, by what was scanned from the paper, or by the number.

    The paper of a ticket that was waiting at the other site says nothing about the place here, no more than a number
    does. Who is here already is checked in; who comes later than the place was kept comes back by the rule for returns.
    For a number of this hall that was missed it is the staff who decide upon that rule (``/return``): its holder was
    here, and whoever types a number at a kiosk may have read it from the board.
    Raises UnknownTicket, NotReferred, NoReturnLeft, PlaceUnconfirmed.
    """
    ticket = ticket_for_code(hall, code)
    if ticket.referral is None:
        raise NotReferred(ticket.number)
    if ticket.state in PRESENT:
        return ()
    if not ticket.confirmed and ticket.id != scanned_code(code):
        raise PlaceUnconfirmed.by_number(ticket.number)
    return return_to_queue(hall, ticket=ticket.id) if ticket.state is TicketState.NO_SHOW else _came(ticket)


def return_to_queue(hall: Hall, *, ticket: TicketId) -> tuple[j.AnyFact, ...]:
    """Put a visitor who missed the call, or came too late from another site, back into the queue by the site's rule.

    Raises UnknownTicket, WrongState, NoReturnLeft.
    """
    returned = issuance.return_to_queue(hall, ticket=ticket)
    return (*_confirmation(hall.tickets[ticket]), returned)


def ticket_for_code(hall: Hall, code: str) -> Ticket:
    """Return the living ticket of a scanned address, an id or a number. Raises UnknownTicket."""
    old = [p.ticket for p in hall.places.values() if p.from_ticket == scanned_code(code)]
    known = (TicketId(scanned_code(code)), hall.numbers.get(typed_number(code)), *old)
    ticket = next((found for t in known if (found := hall.living(t))), None)
    if ticket is None:
        raise UnknownTicket.by_code(code)
    return ticket


def check_in_by_clerk(hall: Hall, *, ticket: TicketId, at: j.Moment) -> tuple[j.AnyFact, ...]:
    """Check in a visitor whose paper a clerk has seen; nobody has walked here a moment after the place was held.

    Raises UnknownTicket, NotReferred, NoReturnLeft, PlaceUnconfirmed.
    """
    found = issuance.living_ticket(hall, ticket)
    if at.since(found.issued) < SETTLES_S:
        issuance.require_confirmed(found)
    return check_in(hall, code=ticket)


def scanned_code(code: str) -> str:
    """Return the id in the address of a ticket's page."""
    return code.rpartition("/")[2]


def typed_number(code: str) -> str:
    """Return a number as it is printed."""
    return code.replace(" ", "").upper()


def expire_places(hall: Hall, *, at: j.Moment) -> list[j.TicketNotArrived]:
    """Stop keeping the places of visitors who should have arrived long ago."""
    travelling = [t for t in hall.tickets.values() if t.state is TicketState.TRAVELLING]
    return [
        j.TicketNotArrived(ticket=t.id)
        for t in travelling
        if at.since(t.issued) > kept_min(hall, travel_min=t.travel_min) * 60
    ]


def kept_min(hall: Hall, *, travel_min: float) -> float:
    """Return for how many minutes a place is kept from the moment it is held."""
    return travel_min + hall.site.catalogue.rules.travel_grace_min


def has_unsettled(hall: Hall, *, at: j.Moment) -> bool:
    """Whether a place was held a moment ago and the other site may just be taking it."""
    return any(not t.confirmed and at.since(t.issued) < SETTLES_S for t in hall.tickets.values())


def _came(ticket: Ticket) -> tuple[j.AnyFact, ...]:
    after(ticket.state, "check_in")
    return (*_confirmation(ticket), j.TicketArrived(ticket=ticket.id))


def _confirmation(ticket: Ticket) -> tuple[j.AnyFact, ...]:
    if ticket.confirmed or ticket.referral is None:
        return ()
    return (j.PlaceConfirmed(ticket=ticket.id, referral=ticket.referral),)
