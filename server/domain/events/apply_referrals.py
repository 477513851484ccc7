"""The fold of the facts about referrals, at the origin (who refers a visitor) and at the destination."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import dropwhile, islice
from typing import assert_never

from protocol import journal as j
from protocol.county import OriginState
from server.domain.events.new_tickets import add_ticket, held_ticket
from server.domain.events.queue_transitions import move_ticket
from server.domain.model.hall import OFFERS_KEPT, Hall, PrintAttempt
from server.domain.model.referral_state import GrantedPlace, HeldPlace, OutgoingReferral, ShownOffer
from server.domain.model.tickets import state_after


def apply_referral_fact(hall: Hall, entry: j.Entry, fact: j.ReferralFact) -> Hall:  # noqa: PLR0911 - one case for each kind
    """Return the hall after one fact about a referral."""
    match fact.kind:
        case "offer_made":
            return _keep_offer(hall, entry, fact)
        case "referral_asked":
            return _accept_offer(hall, entry, fact)
        case "referral_taken":
            return _refer_visitor(hall, entry, fact)
        case "referral_given_up":
            return _give_up_referral(hall, fact)
        case "place_held":
            return _hold_place(hall, entry, fact)
        case "place_refused":
            place = HeldPlace(from_site=fact.from_site, ticket=None, reason=fact.reason)
            return hall._replace(places={**hall.places, fact.referral: place})
        case "place_confirmed":
            ticket = hall.tickets[fact.ticket]._replace(confirmed=True)
            return hall._replace(tickets={**hall.tickets, ticket.id: ticket})
        case "ticket_arrived":
            old = hall.tickets[fact.ticket]
            return move_ticket(hall, old, old._replace(state=state_after(old.state, "check_in")))
        case "ticket_not_arrived":
            old = hall.tickets[fact.ticket]
            return move_ticket(hall, old, old._replace(state=state_after(old.state, "no_show")))
        case _:
            assert_never(fact)


def _keep_offer(hall: Hall, entry: j.Entry, fact: j.OfferMade) -> Hall:
    """Return the hall with one more offer; expired ones and more than ``OFFERS_KEPT`` are dropped, the oldest first."""
    surplus = max(0, len(hall.offers) + 1 - OFFERS_KEPT)
    latest = islice(hall.offers.items(), surplus, None)
    valid = dict(dropwhile(lambda kept: kept[1].expired(entry.moment), latest))
    return hall._replace(
        offers={**valid, fact.offer: ShownOffer(fact=fact, made=entry.moment, actor=entry.actor)},
        offered={**hall.offered, (fact.to_site, fact.service): entry.moment},
    )


def _accept_offer(hall: Hall, entry: j.Entry, fact: j.ReferralAsked) -> Hall:
    offer = hall.offers[fact.offer].fact
    referral = OutgoingReferral(fact=fact, where=offer.where, promise=offer.there, requested=entry.moment)
    return hall._replace(referrals={**hall.referrals, fact.referral: referral})


def _refer_visitor(hall: Hall, entry: j.Entry, fact: j.ReferralTaken) -> Hall:
    """Return the hall whose visitor goes: the destination owns the ticket from this entry on."""
    referral = hall.referrals[fact.referral]
    place = GrantedPlace(
        ticket=fact.there,
        number=fact.number,
        people_ahead=fact.people_ahead,
        promise=fact.promise,
        area=fact.area,
        kept_min=fact.kept_min,
        taken=entry.moment,
    )
    taken = replace(referral, state=OriginState.TAKEN, place=place)
    hall = hall._replace(referrals={**hall.referrals, fact.referral: taken}, prints=_first_print(hall, entry, fact))
    old = hall.open_ticket(referral.fact.ticket)
    return hall if old is None else move_ticket(hall, old, old._replace(state=state_after(old.state, "refer")))


def _first_print(hall: Hall, entry: j.Entry, fact: j.ReferralTaken) -> Mapping[str, tuple[PrintAttempt, ...]]:
    if fact.print_device is None:
        return hall.prints
    job = PrintAttempt(
        job=f"{fact.referral}.1",
        ticket=fact.referral,
        device=fact.print_device,
        reprint=False,
        started=entry.moment,
    )
    return {**hall.prints, fact.referral: (job,)}


def _give_up_referral(hall: Hall, fact: j.ReferralGivenUp) -> Hall:
    referral = replace(hall.referrals[fact.referral], state=OriginState.GIVEN_UP, reason=fact.reason)
    return hall._replace(referrals={**hall.referrals, fact.referral: referral})


def _hold_place(hall: Hall, entry: j.Entry, fact: j.PlaceHeld) -> Hall:
    """Return the hall with a numbered ticket for the referred visitor, outside of every queue until the check-in."""
    ticket = held_ticket(fact, entry)
    place = HeldPlace(from_site=fact.from_site, ticket=ticket.id, from_ticket=fact.from_ticket)
    return add_ticket(hall, fact, ticket)._replace(places={**hall.places, fact.referral: place})
