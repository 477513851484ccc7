"""Reconciliation of referrals between two sites: level-triggered and idempotent.

The state of a referral is the whole truth about it as both journals have it, derived from the two halls and from
nothing else. It is published again and again until both sides are done with it, so lost, repeated, late and reordered
states do no harm. ``reconcile`` is all that a hub does with the states it receives.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from types import MappingProxyType

from protocol import journal as j
from protocol.county import DestinationState, OriginState, Referral
from protocol.vocabulary import ServiceId, SiteId, TicketId
from server.domain.events.apply import apply_facts
from server.domain.forecast.wait_times import NOT_KNOWN, WaitFigures
from server.domain.model.hall import Hall
from server.domain.model.referral_state import HeldPlace, OutgoingReferral
from server.domain.model.tickets import Ticket
from server.domain.referrals import referral_destination, referral_origin

NO_WAITS: Mapping[ServiceId, WaitFigures] = MappingProxyType({})


def referral_states(halls: Mapping[SiteId, Hall], site: SiteId, *, silent: Container[SiteId] = ()) -> list[Referral]:
    """Return the referrals from and to a site that its two sides are not done with, as their halls have them.

    A request of an origin that is ``silent`` for long is left out: the origin gave it up long ago, and the destination
    would reserve a place anew every day for a visitor who never comes.
    """
    return [
        state
        for origin, hall in halls.items()
        for referral in hall.referrals.values()
        if site in (origin, referral.fact.to_site)
        and (state := _referral_state(origin, referral, halls.get(referral.fact.to_site))) is not None
        and not (origin in silent and state.asked is OriginState.ASKED and state.held is DestinationState.NOTHING)
    ]


def reconcile(
    hall: Hall,
    states: Iterable[Referral],
    *,
    at: j.Moment,
    new_ticket: Callable[[], TicketId],
    waits: Mapping[ServiceId, WaitFigures] = NO_WAITS,
    hours_apply: bool = True,
) -> list[j.AnyFact]:
    """Return the facts that bring a hall in line with the received states and the time; none when it is already.

    ``new_ticket`` creates the secret id of a ticket; ``waits`` are those of a ticket issued now. ``hours_apply`` is
    false while the clock cannot be trusted.
    """
    site = hall.site.catalogue.site
    written: list[j.AnyFact] = []
    for state in states:
        if state.from_site == site:
            facts = referral_origin.on_destination_answer(hall, state, at=at)
        elif state.to_site == site and state.asked is not OriginState.ASKED:
            facts = referral_destination.on_origin_decision(hall, state)
        elif state.to_site == site and state.referral not in hall.places:
            now, wait = at.at if hours_apply else None, waits.get(state.service, NOT_KNOWN)
            facts = (referral_destination.reserve_place(hall, state, ticket=new_ticket(), wait=wait, now=now),)
        else:
            continue
        hall = _after_facts(hall, facts, at)
        written += facts
    return [*written, *expire_referrals(hall, at=at)]


def expire_referrals(hall: Hall, *, at: j.Moment) -> Iterator[j.AnyFact]:
    """Yield what time alone ends: a request without an answer, a place whose visitor did not arrive."""
    yield from referral_origin.expire_unanswered(hall, at=at)
    yield from referral_destination.expire_places(hall, at=at)


def _after_facts(hall: Hall, facts: tuple[j.AnyFact, ...], at: j.Moment) -> Hall:
    applied = apply_facts(hall, facts, moment=at, actor="hub", request_id=None)
    return applied[-1].after if applied else hall


def _referral_state(origin: SiteId, referral: OutgoingReferral, there: Hall | None) -> Referral | None:
    """Return what both sides must know of a referral; None when they are done with it."""
    place = there.places.get(referral.fact.referral) if there else None
    ticket = there.open_ticket(place.ticket) if there and place else None
    held = _destination_state(place, ticket)
    if referral.state is not OriginState.ASKED and held is not DestinationState.HELD:
        return None
    state = Referral(
        referral=referral.fact.referral,
        from_site=origin,
        to_site=referral.fact.to_site,
        service=referral.fact.service,
        language=referral.fact.language,
        priority=referral.fact.priority,
        from_ticket=referral.fact.ticket,
        waited_s=referral.fact.waited_s,
        travel_min=referral.fact.travel_min,
        asked=referral.state,
        held=held,
        ticket=referral.place.ticket if referral.place else None,
        reason=place.reason if place else "",
    )
    if there is None or ticket is None or referral.place is not None:
        return state
    return state.model_copy(
        update={
            "ticket": ticket.id,
            "number": ticket.number,
            "people_ahead": ticket.people_ahead,
            "promise": ticket.promise,
            "area": there.site.areas[there.site.services[ticket.service].area].name,
            "kept_min": referral_destination.kept_min(there, travel_min=ticket.travel_min),
        }
    )


def _destination_state(place: HeldPlace | None, ticket: Ticket | None) -> DestinationState:
    if place is None:
        return DestinationState.NOTHING
    if place.ticket is None:
        return DestinationState.REFUSED
    if ticket is None:
        return DestinationState.ENDED
    return DestinationState.CONFIRMED if ticket.confirmed else DestinationState.HELD
