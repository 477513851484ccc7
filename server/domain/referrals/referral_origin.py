"""Rules of a referral at its origin: request a place at the destination, then take it or give it up.

The origin owns the visitor's ticket until ``ReferralTaken`` is in its journal, and takes only a place that the
destination holds. What has no answer in time is given up; the destination then releases its place.
"""

from __future__ import annotations

from protocol import journal as j
from protocol.county import DestinationState, OriginState, Referral
from protocol.vocabulary import Language, ReferralId, TicketId, TicketState
from server.domain.desk import issuance
from server.domain.model.hall import Hall
from server.domain.model.referral_state import OutgoingReferral, ShownOffer
from server.domain.model.refusals import CalledHere, NoAnswer, OfferGone, PlaceNotGranted, Refusal
from server.domain.model.tickets import state_after

ANSWER_TIMEOUT_S = 3.0
"""Time limit of the destination's answer, seconds: a visitor waits for it at the kiosk."""


def accept_offer(
    hall: Hall,
    *,
    offer: str,
    referral: ReferralId,
    print_device: str | None,
    at: j.Moment,
    language: Language | None = None,
) -> j.ReferralAsked:
    """Request a place at the offered site; the visitor's ticket here, if there is one, keeps waiting meanwhile.

    ``print_device`` is the kiosk the visitor stands at, ``language`` the one in use there now, None when it is the
    offer's. Raises OfferGone, UnknownTicket, WrongState.
    """
    offered = open_offer(hall, offer, at=at).fact
    waited_s = 0.0
    if offered.ticket is not None:
        ticket = issuance.require_open_ticket(hall, offered.ticket)
        state_after(ticket.state, "refer")
        waited_s = at.since(ticket.queued) + ticket.credit_s
    return j.ReferralAsked(
        referral=referral,
        offer=offer,
        to_site=offered.to_site,
        service=offered.service,
        language=language or offered.language,
        priority=offered.priority,
        ticket=offered.ticket,
        waited_s=waited_s,
        travel_min=offered.travel_min,
        print_device=print_device,
    )


def open_offer(hall: Hall, offer: str, *, at: j.Moment) -> ShownOffer:
    """Return an offer that can still be accepted. Raises OfferGone: too old, used already, or never made."""
    offered = hall.offers.get(offer)
    if offered is None or offered.expired(at) or _is_used(hall, offered.fact):
        raise OfferGone
    return offered


def is_under_way(hall: Hall, ticket: TicketId) -> bool:
    """Whether a place elsewhere is requested for this ticket and neither taken nor given up."""
    return any(s.state is OriginState.ASKED and s.fact.ticket == ticket for s in hall.referrals.values())


def _is_used(hall: Hall, offer: j.OfferMade) -> bool:
    """Whether the offer was accepted before, or a place is requested for the same ticket already."""
    accepted = any(s.fact.offer == offer.offer for s in hall.referrals.values())
    return accepted or (offer.ticket is not None and is_under_way(hall, offer.ticket))


def on_destination_answer(hall: Hall, state: Referral, *, at: j.Moment) -> tuple[j.AnyFact, ...]:
    """Return the origin's decision upon the destination's answer; nothing once it has decided."""
    referral = hall.referrals.get(state.referral)
    if referral is None or referral.state is not OriginState.ASKED or state.held is DestinationState.NOTHING:
        return ()
    if state.held in (DestinationState.REFUSED, DestinationState.ENDED):
        return (_give_up(referral, "refused"),)
    reason = _reason_to_give_up(hall, referral, at=at)
    return (_take_place(referral, state),) if reason is None else (_give_up(referral, reason),)


def expire_unanswered(hall: Hall, *, at: j.Moment) -> tuple[j.AnyFact, ...]:
    """Return the facts that give up requests without an answer in time, and those the visitor no longer needs."""
    waiting = [s for s in hall.referrals.values() if s.state is OriginState.ASKED]
    return tuple(_give_up(s, reason) for s in waiting if (reason := _reason_to_give_up(hall, s, at=at)) is not None)


def is_awaited(hall: Hall, *, at: j.Moment) -> bool:
    """Whether a visitor waits at this moment for the answer of another site."""
    return any(
        s.state is OriginState.ASKED and at.boot == s.requested.boot and at.since(s.requested) <= ANSWER_TIMEOUT_S
        for s in hall.referrals.values()
    )


def give_up_at_day_end(hall: Hall) -> tuple[j.AnyFact, ...]:
    """Return the facts that give up every request that is still open."""
    return tuple(_give_up(s, "day_ended") for s in hall.referrals.values() if s.state is OriginState.ASKED)


def _reason_to_give_up(hall: Hall, referral: OutgoingReferral, *, at: j.Moment) -> str | None:
    """Return why the visitor does not go any more; None while the answer may still come.

    After a restart of the machine nobody stands at its kiosks any longer.
    """
    if referral.fact.ticket is not None:
        ticket = hall.tickets.get(referral.fact.ticket)
        if ticket is None:
            return "changed_mind"
        if ticket.state is not TicketState.WAITING:
            return "called_here"
    return (
        "no_answer" if at.boot != referral.requested.boot or at.since(referral.requested) > ANSWER_TIMEOUT_S else None
    )


def _take_place(referral: OutgoingReferral, state: Referral) -> j.ReferralTaken:
    if state.ticket is None or state.number is None or state.area is None or state.kept_min is None:
        raise ValueError(f"a place without ticket, number, area or time: {state}")
    return j.ReferralTaken(
        referral=state.referral,
        there=state.ticket,
        number=state.number,
        people_ahead=state.people_ahead or 0,
        promise=state.promise,
        area=state.area,
        kept_min=state.kept_min,
        print_device=referral.fact.print_device,
    )


def _give_up(referral: OutgoingReferral, reason: str) -> j.ReferralGivenUp:
    return j.ReferralGivenUp(referral=referral.fact.referral, reason=reason)


def refusal_for(reason: str) -> Refusal:
    """Return the refusal that a visitor reads for a referral given up; nothing has changed for the visitor."""
    match reason:
        case "no_answer":
            return NoAnswer()
        case "refused":
            return PlaceNotGranted()
        case "called_here":
            return CalledHere()
        case _:
            return OfferGone()
