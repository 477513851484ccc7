"""Rules of a referral at its destination: reserve a place, confirm or release it, check the visitor in.

A reserved place is numbered like any ticket but belongs to the origin until its state there is ``taken``. Until then it
is neither called nor cancelled here, only released when the origin gives the referral up, or at the day's end. A
visitor who stands here with the paper knows the ticket's id, which proves that the place was taken.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from protocol import journal as j
from protocol.county import OriginState, Referral
from protocol.vocabulary import TicketId, TicketState
from server.domain.desk import issuance
from server.domain.forecast.wait_times import WaitFigures
from server.domain.model.hall import Hall
from server.domain.model.refusals import NotReferred, PlaceUnconfirmed, Refusal, UnknownTicket
from server.domain.model.tickets import Ticket, state_after

SETTLING_S = 60.0
"""Age below which a reserved place may be taken this very moment, seconds; no business day ends for it meanwhile."""
PRESENT = frozenset({TicketState.WAITING, TicketState.CALLED, TicketState.SERVING, TicketState.PARKED})
"""Ticket states of a visitor who is in the hall."""
_OF_ANY_TICKET = j.TicketIssued.model_fields.keys() & j.PlaceHeld.model_fields.keys() - {"kind"}
"""Fields that a reserved place has in common with a ticket issued here."""


def reserve_place(
    hall: Hall, state: Referral, *, ticket: TicketId, wait: WaitFigures, now: datetime | None
) -> j.PlaceHeld | j.PlaceRefused:
    """Number a place for another site's visitor, or refuse with the reason. ``ticket`` is a fresh secret.

    ``now`` None skips the opening hours; otherwise the hall must be open when the visitor arrives.
    """
    known = state.priority in hall.site.priority_rank
    try:
        issued = issuance.issue(
            hall,
            service=state.service,
            language=state.language,
            priority=state.priority if known else None,
            ticket=ticket,
            print_device=None,
            promise=wait.promise,
            people_ahead=wait.people_ahead,
            now=None if now is None else now + timedelta(minutes=state.travel_min),
        )
    except Refusal as refusal:
        return j.PlaceRefused(referral=state.referral, from_site=state.from_site, reason=refusal.name)
    return j.PlaceHeld(
        referral=state.referral,
        from_site=state.from_site,
        travel_min=state.travel_min,
        waited_s=state.waited_s,
        from_ticket=state.from_ticket,
        **{name: getattr(issued, name) for name in _OF_ANY_TICKET},
    )


def on_origin_decision(hall: Hall, state: Referral) -> tuple[j.AnyFact, ...]:
    """Return what the destination writes when the origin has decided about a place reserved here.

    A place under another id than the one that was taken was reserved anew by mistake, and is released.
    """
    place = hall.places.get(state.referral)
    ticket = hall.open_ticket(place.ticket) if place else None
    if ticket is None or ticket.confirmed:
        return ()
    if state.asked is OriginState.TAKEN and state.ticket == ticket.id:
        return (j.PlaceConfirmed(ticket=ticket.id, referral=state.referral),)
    return (j.TicketCancelled(ticket=ticket.id, reason="referral_given_up"),)


def check_in(hall: Hall, *, code: str) -> tuple[j.AnyFact, ...]:
    """Check in a referred visitor by the code scanned from the paper, or by the number.

    The paper of the ticket at the origin proves no more about the place here than a number does. A visitor who is here
    already is checked in; one who comes later than the place was kept returns to the queue by the rule for returns.
    For a missed number of this hall the staff apply that rule (``/return-to-queue``): its holder was here, and a person
    who types a number at a kiosk may have read it from the board.

    Raises UnknownTicket, NotReferred, NoReturnLeft, PlaceUnconfirmed.
    """
    ticket = ticket_for_code(hall, code)
    if ticket.referral is None:
        raise NotReferred(ticket.number)
    if ticket.state in PRESENT:
        return ()
    if not ticket.confirmed and ticket.id != scanned_code(code):
        raise PlaceUnconfirmed.by_number(ticket.number)
    return return_to_queue(hall, ticket=ticket.id) if ticket.state is TicketState.NO_SHOW else _check_in(ticket)


def return_to_queue(hall: Hall, *, ticket: TicketId) -> tuple[j.AnyFact, ...]:
    """Put a visitor who missed the call, or came too late from another site, back into the queue by the site's rule.

    Raises UnknownTicket, WrongState, NoReturnLeft.
    """
    returned = issuance.return_to_queue(hall, ticket=ticket)
    return (*_confirm(hall.tickets[ticket]), returned)


def ticket_for_code(hall: Hall, code: str) -> Ticket:
    """Return the open ticket of a scanned address, an id or a number. Raises UnknownTicket."""
    old = [p.ticket for p in hall.places.values() if p.from_ticket == scanned_code(code)]
    known = (TicketId(scanned_code(code)), hall.numbers.get(typed_number(code)), *old)
    ticket = next((found for t in known if (found := hall.open_ticket(t))), None)
    if ticket is None:
        raise UnknownTicket.by_code(code)
    return ticket


def check_in_by_clerk(hall: Hall, *, ticket: TicketId, at: j.Moment) -> tuple[j.AnyFact, ...]:
    """Check in a referred visitor whose paper a clerk has read.

    A place younger than ``SETTLING_S`` must be confirmed: nobody walks here so fast.

    Raises UnknownTicket, NotReferred, NoReturnLeft, PlaceUnconfirmed.
    """
    found = issuance.require_open_ticket(hall, ticket)
    if at.since(found.issued) < SETTLING_S:
        issuance.require_confirmed(found)
    return check_in(hall, code=ticket)


def scanned_code(code: str) -> str:
    """Return the id in the address of a ticket's page."""
    return code.rpartition("/")[2]


def typed_number(code: str) -> str:
    """Return a typed number in the form in which it is printed."""
    return code.replace(" ", "").upper()


def expire_places(hall: Hall, *, at: j.Moment) -> list[j.TicketNotArrived]:
    """Return the facts that end the places of visitors who should have arrived long ago."""
    travelling = [t for t in hall.tickets.values() if t.state is TicketState.TRAVELLING]
    return [
        j.TicketNotArrived(ticket=t.id)
        for t in travelling
        if at.since(t.issued) > kept_min(hall, travel_min=t.travel_min) * 60
    ]


def kept_min(hall: Hall, *, travel_min: float) -> float:
    """Return for how many minutes a place is kept from the moment it is reserved."""
    return travel_min + hall.site.catalogue.rules.travel_grace_min


def is_unsettled(ticket: Ticket, *, at: j.Moment) -> bool:
    """Whether a place was reserved a moment ago and the origin may just be taking it."""
    return not ticket.confirmed and at.since(ticket.issued) < SETTLING_S


def _check_in(ticket: Ticket) -> tuple[j.AnyFact, ...]:
    state_after(ticket.state, "check_in")
    return (*_confirm(ticket), j.TicketArrived(ticket=ticket.id))


def _confirm(ticket: Ticket) -> tuple[j.AnyFact, ...]:
    if ticket.confirmed or ticket.referral is None:
        return ()
    return (j.PlaceConfirmed(ticket=ticket.id, referral=ticket.referral),)
