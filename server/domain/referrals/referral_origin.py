"""Rules of a referral at the site of origin: ask the other site for a place, then take it or give it up.

This site owns the visitor's ticket until ``ReferralTaken`` is in its journal, and only a place that the other site
holds is ever taken. Whatever does not come about in time is given up; the other site then lets its place go.
"""

from __future__ import annotations

from protocol import journal as j
from protocol.county import DestinationState, OriginState, Referral
from protocol.vocabulary import Language, ReferralId, TicketId, TicketState
from server.domain.desk import issuance
from server.domain.model.hall import Hall
from server.domain.model.referral_state import OutgoingReferral, ShownOffer
from server.domain.model.refusals import CalledHere, NoAnswer, OfferGone, PlaceNotGranted, Refusal
from server.domain.model.tickets import after

ANSWER_S = 3.0
"""A visitor waits so long for the other site's answer."""


def accept_offer(
    hall: Hall,
    *,
    offer: str,
    referral: ReferralId,
    print_device: str | None,
    at: j.Moment,
    language: Language | None = None,
) -> j.ReferralAsked:
    """Ask the offered site to hold a place; the visitor's ticket here, if there is one, keeps waiting meanwhile.

    ``print_device`` is the kiosk the visitor stands at, ``language`` what is read there now, if not as when it was
    offered. Raises OfferGone, UnknownTicket, WrongState.
    """
    offered = open_offer(hall, offer, at=at).fact
    waited_s = 0.0
    if offered.ticket is not None:
        ticket = issuance.living_ticket(hall, offered.ticket)
        after(ticket.state, "refer")
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
    if offered is None or offered.expired(at) or _used(hall, offered.fact):
        raise OfferGone
    return offered


def is_under_way(hall: Hall, ticket: TicketId) -> bool:
    """Whether another site is being asked for a place for this ticket."""
    return any(s.state is OriginState.ASKED and s.fact.ticket == ticket for s in hall.referrals.values())


def _used(hall: Hall, offer: j.OfferMade) -> bool:
    """Whether the offer was accepted before, or another site is being asked for the same ticket already."""
    accepted = any(s.fact.offer == offer.offer for s in hall.referrals.values())
    return accepted or (offer.ticket is not None and is_under_way(hall, offer.ticket))


def on_destination_answer(hall: Hall, letter: Referral, *, at: j.Moment) -> tuple[j.AnyFact, ...]:
    """Return what this site writes upon the other site's answer; nothing once it has decided."""
    sent = hall.referrals.get(letter.referral)
    if sent is None or sent.state is not OriginState.ASKED or letter.held is DestinationState.NOTHING:
        return ()
    if letter.held in (DestinationState.REFUSED, DestinationState.ENDED):
        return (_given_up(sent, "refused"),)
    reason = _too_late(hall, sent, at=at)
    return (_taken(sent, letter),) if reason is None else (_given_up(sent, reason),)


def expire_unanswered(hall: Hall, *, at: j.Moment) -> tuple[j.AnyFact, ...]:
    """Give up what has waited too long for an answer, and what the visitor no longer needs."""
    waiting = [s for s in hall.referrals.values() if s.state is OriginState.ASKED]
    return tuple(_given_up(s, reason) for s in waiting if (reason := _too_late(hall, s, at=at)) is not None)


def give_up_at_day_end(hall: Hall) -> tuple[j.AnyFact, ...]:
    """Give up every referral that nothing has come of yet."""
    return tuple(_given_up(s, "day_ended") for s in hall.referrals.values() if s.state is OriginState.ASKED)


def _too_late(hall: Hall, sent: OutgoingReferral, *, at: j.Moment) -> str | None:
    """Return why the visitor does not go any more; None while the answer is still waited for.

    After a restart of the machine nobody waits at its kiosks any longer.
    """
    if sent.fact.ticket is not None:
        ticket = hall.tickets.get(sent.fact.ticket)
        if ticket is None:
            return "changed_mind"
        if ticket.state is not TicketState.WAITING:
            return "called_here"
    return "no_answer" if at.boot != sent.asked.boot or at.since(sent.asked) > ANSWER_S else None


def _taken(sent: OutgoingReferral, letter: Referral) -> j.ReferralTaken:
    if letter.ticket is None or letter.number is None or letter.area is None or letter.kept_min is None:
        raise ValueError(f"a place without ticket, number, area or time: {letter}")
    return j.ReferralTaken(
        referral=letter.referral,
        there=letter.ticket,
        number=letter.number,
        people_ahead=letter.people_ahead or 0,
        promise=letter.promise,
        area=letter.area,
        kept_min=letter.kept_min,
        print_device=sent.fact.print_device,
    )


def _given_up(sent: OutgoingReferral, reason: str) -> j.ReferralGivenUp:
    return j.ReferralGivenUp(referral=sent.fact.referral, reason=reason)


def refusal_for(reason: str) -> Refusal:
    """Return what a visitor is told about a referral that was given up; nothing has changed for the visitor."""
    match reason:
        case "no_answer":
            return NoAnswer()
        case "refused":
            return PlaceNotGranted()
        case "called_here":
            return CalledHere()
        case _:
            return OfferGone()
