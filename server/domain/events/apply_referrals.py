"""How the facts of referrals change a hall; ``folding`` applies them with all others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import dropwhile, islice
from types import MappingProxyType
from typing import Any

from protocol import journal as j
from protocol.county import OriginState
from protocol.vocabulary import TicketState
from server.domain.events.queue_transitions import move_ticket
from server.domain.model.hall import OFFERS_KEPT, Hall, PrintAttempt
from server.domain.model.referral_state import GrantedPlace, HeldPlace, OutgoingReferral, ShownOffer
from server.domain.model.tickets import Ticket, after


def _offered(hall: Hall, entry: j.Entry, fact: j.OfferMade) -> Hall:
    surplus = max(0, len(hall.offers) + 1 - OFFERS_KEPT)
    latest = islice(hall.offers.items(), surplus, None)
    standing = dict(dropwhile(lambda kept: kept[1].expired(entry.moment), latest))
    return replace(hall, offers={**standing, fact.offer: ShownOffer(fact=fact, made=entry.moment)})


def _asked(hall: Hall, entry: j.Entry, fact: j.ReferralAsked) -> Hall:
    offer = hall.offers[fact.offer].fact
    sent = OutgoingReferral(fact=fact, where=offer.where, told=offer.there, asked=entry.moment)
    return replace(hall, referrals={**hall.referrals, fact.referral: sent})


def _taken(hall: Hall, entry: j.Entry, fact: j.ReferralTaken) -> Hall:
    sent = hall.referrals[fact.referral]
    answer = GrantedPlace(
        there=fact.there,
        number=fact.number,
        people_ahead=fact.people_ahead,
        promise=fact.promise,
        area=fact.area,
        kept_min=fact.kept_min,
        taken=entry.moment,
    )
    taken = replace(sent, state=OriginState.TAKEN, answer=answer)
    hall = replace(hall, referrals={**hall.referrals, fact.referral: taken}, prints=_prints(hall, entry, fact))
    old = hall.living(sent.fact.ticket)
    return hall if old is None else move_ticket(hall, old, replace(old, state=after(old.state, "refer")))


def _prints(hall: Hall, entry: j.Entry, fact: j.ReferralTaken) -> Mapping[str, tuple[PrintAttempt, ...]]:
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


def _given_up(hall: Hall, entry: j.Entry, fact: j.ReferralGivenUp) -> Hall:  # noqa: ARG001 - same shape for all facts
    sent = replace(hall.referrals[fact.referral], state=OriginState.GIVEN_UP, reason=fact.reason)
    return replace(hall, referrals={**hall.referrals, fact.referral: sent})


def _held(hall: Hall, entry: j.Entry, fact: j.PlaceHeld) -> Hall:
    ticket = Ticket(
        id=fact.ticket,
        number=fact.number,
        service=fact.service,
        language=fact.language,
        priority=fact.priority,
        state=TicketState.TRAVELLING,
        seniority=(entry.seq, entry.seq),
        issued=entry.moment,
        since=entry.moment,
        queued=entry.moment,
        people_ahead=fact.people_ahead,
        promise=fact.promise,
        referral=fact.referral,
        from_site=fact.from_site,
        travel_min=fact.travel_min,
        confirmed=False,
        credit_s=fact.waited_s,
    )
    return replace(
        hall,
        counts={**hall.counts, fact.letter: fact.count},
        tickets={**hall.tickets, ticket.id: ticket},
        numbers={**hall.numbers, ticket.number: ticket.id},
        places={
            **hall.places,
            fact.referral: HeldPlace(from_site=fact.from_site, ticket=ticket.id, from_ticket=fact.from_ticket),
        },
    )


def _refused(hall: Hall, entry: j.Entry, fact: j.PlaceRefused) -> Hall:  # noqa: ARG001 - same shape for all facts
    place = HeldPlace(from_site=fact.from_site, ticket=None, reason=fact.reason)
    return replace(hall, places={**hall.places, fact.referral: place})


def _confirmed(hall: Hall, entry: j.Entry, fact: j.PlaceConfirmed) -> Hall:  # noqa: ARG001 - same shape for all facts
    ticket = replace(hall.tickets[fact.ticket], confirmed=True)
    return replace(hall, tickets={**hall.tickets, ticket.id: ticket})


def _arrived(hall: Hall, entry: j.Entry, fact: j.TicketArrived) -> Hall:  # noqa: ARG001 - same shape for all facts
    old = hall.tickets[fact.ticket]
    return move_ticket(hall, old, replace(old, state=after(old.state, "arrive")))


def _not_arrived(hall: Hall, entry: j.Entry, fact: j.TicketNotArrived) -> Hall:  # noqa: ARG001 - same shape for all
    old = hall.tickets[fact.ticket]
    return move_ticket(hall, old, replace(old, state=after(old.state, "no_show")))


APPLY: Mapping[str, Callable[[Hall, j.Entry, Any], Hall]] = MappingProxyType(
    {
        "offer_made": _offered,
        "referral_asked": _asked,
        "referral_taken": _taken,
        "referral_given_up": _given_up,
        "place_held": _held,
        "place_refused": _refused,
        "place_confirmed": _confirmed,
        "ticket_arrived": _arrived,
        "ticket_not_arrived": _not_arrived,
    }
)
