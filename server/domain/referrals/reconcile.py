"""What two sites must hear of each other's referrals, derived from their halls and from nothing else.

A letter is the whole truth about one referral as both journals have it, told again until both sides are done with it:
lost, repeated, late and reordered letters do no harm. ``obey`` is all that a hub does upon them.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from types import MappingProxyType

from protocol import journal as j
from protocol.county import DestinationState, OriginState, Referral
from protocol.vocabulary import Promise, ServiceId, SiteId, TicketId
from server.domain.events.apply import apply_facts
from server.domain.model.hall import Hall
from server.domain.model.referral_state import HeldPlace, OutgoingReferral
from server.domain.model.tickets import Ticket
from server.domain.referrals import referral_destination, referral_origin

NO_PROMISES: Mapping[ServiceId, Promise | None] = MappingProxyType({})


def referral_states(halls: Mapping[SiteId, Hall], site: SiteId, *, unheard: Container[SiteId] = ()) -> list[Referral]:
    """Return the referrals from and to a site that its two sides are not done with, as their halls have them.

    What a site asked that is ``unheard`` for long is not asked of another one any more: it was given up there long
    ago, and a place would be held anew every day for a visitor who never comes.
    """
    return [
        letter
        for origin, hall in halls.items()
        for sent in hall.referrals.values()
        if site in (origin, sent.fact.to_site)
        and (letter := _letter(origin, sent, halls.get(sent.fact.to_site))) is not None
        and not (origin in unheard and letter.asked is OriginState.ASKED and letter.held is DestinationState.NOTHING)
    ]


def reconcile(
    hall: Hall,
    letters: Iterable[Referral],
    *,
    at: j.Moment,
    new_ticket: Callable[[], TicketId],
    promises: Mapping[ServiceId, Promise | None] = NO_PROMISES,
    hours_apply: bool = True,
) -> list[j.AnyFact]:
    """Return what a hub writes upon its letters and the time; nothing when it has written all of it before.

    ``new_ticket`` makes the secret id of a ticket; ``promises`` are those of a ticket issued now.
    """
    site = hall.site.catalogue.site
    made: list[j.AnyFact] = []
    for letter in letters:
        if letter.from_site == site:
            facts = referral_origin.on_destination_answer(hall, letter, at=at)
        elif letter.to_site == site and letter.asked is not OriginState.ASKED:
            facts = referral_destination.on_origin_decision(hall, letter)
        elif letter.to_site == site and letter.referral not in hall.places:
            now, promise = at.at if hours_apply else None, promises.get(letter.service)
            facts = (referral_destination.reserve_place(hall, letter, ticket=new_ticket(), promise=promise, now=now),)
        else:
            continue
        hall = _then(hall, facts, at)
        made += facts
    return [*made, *expire_referrals(hall, at=at)]


def expire_referrals(hall: Hall, *, at: j.Moment) -> Iterator[j.AnyFact]:
    """Yield what time alone ends: an answer that did not come, a visitor who did not arrive."""
    yield from referral_origin.expire_unanswered(hall, at=at)
    yield from referral_destination.expire_places(hall, at=at)


def _then(hall: Hall, facts: tuple[j.AnyFact, ...], at: j.Moment) -> Hall:
    made = apply_facts(hall, facts, moment=at, actor="hub", request_id=None)
    return made[-1].after if made else hall


def _letter(origin: SiteId, sent: OutgoingReferral, there: Hall | None) -> Referral | None:
    """Return what both sides must know of a referral; None when they are done with it."""
    place = there.places.get(sent.fact.referral) if there else None
    ticket = there.living(place.ticket) if there and place else None
    held = _held(place, ticket)
    if sent.state is not OriginState.ASKED and held is not DestinationState.HELD:
        return None
    letter = Referral(
        referral=sent.fact.referral,
        from_site=origin,
        to_site=sent.fact.to_site,
        service=sent.fact.service,
        language=sent.fact.language,
        priority=sent.fact.priority,
        from_ticket=sent.fact.ticket,
        waited_s=sent.fact.waited_s,
        travel_min=sent.fact.travel_min,
        asked=sent.state,
        held=held,
        ticket=sent.answer.there if sent.answer else None,
        reason=place.reason if place else "",
    )
    if there is None or ticket is None or sent.answer is not None:
        return letter
    return letter.model_copy(
        update={
            "ticket": ticket.id,
            "number": ticket.number,
            "people_ahead": ticket.people_ahead,
            "promise": ticket.promise,
            "area": there.site.areas[there.site.services[ticket.service].area].name,
            "kept_min": referral_destination.kept_min(there, travel_min=ticket.travel_min),
        }
    )


def _held(place: HeldPlace | None, ticket: Ticket | None) -> DestinationState:
    if place is None:
        return DestinationState.NOTHING
    if place.ticket is None:
        return DestinationState.REFUSED
    if ticket is None:
        return DestinationState.ENDED
    return DestinationState.CONFIRMED if ticket.confirmed else DestinationState.HELD
