"""What two sites must hear of each other's referrals, derived from their halls and from nothing else.

A letter is the whole truth about one referral as both journals have it, told again until both sides are done with it:
lost, repeated, late and reordered letters do no harm. ``obey`` is all that a hub does upon them.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from types import MappingProxyType

from protocol import journal as j
from protocol.county import Asked, Held, Referral
from protocol.messages import Promise
from server.domain import placing, referring
from server.domain.folding import steps
from server.domain.hall import Hall
from server.domain.referrals import Place, Sent
from server.domain.tickets import Ticket

NO_PROMISES: Mapping[str, Promise | None] = MappingProxyType({})


def letters(halls: Mapping[str, Hall], site: str, *, unheard: Container[str] = ()) -> list[Referral]:
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
        and not (origin in unheard and letter.asked is Asked.ASKED and letter.held is Held.NOTHING)
    ]


def obey(
    hall: Hall,
    letters: Iterable[Referral],
    *,
    at: j.Moment,
    new_ticket: Callable[[], str],
    promises: Mapping[str, Promise | None] = NO_PROMISES,
    hours_apply: bool = True,
) -> list[j.AnyFact]:
    """Return what a hub writes upon its letters and the time; nothing when it has written all of it before.

    ``new_ticket`` makes the secret id of a ticket; ``promises`` are those of a ticket issued now.
    """
    site = hall.offer.catalogue.site
    made: list[j.AnyFact] = []
    for letter in letters:
        if letter.from_site == site:
            facts = referring.answered(hall, letter, at=at)
        elif letter.to_site == site and letter.asked is not Asked.ASKED:
            facts = placing.told(hall, letter)
        elif letter.to_site == site and letter.referral not in hall.places:
            now, promise = at.at if hours_apply else None, promises.get(letter.service)
            facts = (placing.hold(hall, letter, ticket=new_ticket(), promise=promise, now=now),)
        else:
            continue
        hall = _then(hall, facts, at)
        made += facts
    return [*made, *overdue(hall, at=at)]


def overdue(hall: Hall, *, at: j.Moment) -> Iterator[j.AnyFact]:
    """Yield what time alone ends: an answer that did not come, a visitor who did not arrive."""
    yield from referring.unanswered(hall, at=at)
    yield from placing.not_arrived(hall, at=at)


def _then(hall: Hall, facts: tuple[j.AnyFact, ...], at: j.Moment) -> Hall:
    made = steps(hall, facts, moment=at, actor="hub", request_id=None)
    return made[-1].after if made else hall


def _letter(origin: str, sent: Sent, there: Hall | None) -> Referral | None:
    """Return what both sides must know of a referral; None when they are done with it."""
    place = there.places.get(sent.fact.referral) if there else None
    ticket = there.tickets.get(place.ticket or "") if there and place else None
    held = _held(place, ticket)
    if sent.state is not Asked.ASKED and held is not Held.HELD:
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
            "area": there.offer.areas[there.offer.services[ticket.service].area].name,
            "kept_min": placing.kept_min(there, travel_min=ticket.travel_min),
        }
    )


def _held(place: Place | None, ticket: Ticket | None) -> Held:
    if place is None:
        return Held.NOTHING
    if place.ticket is None:
        return Held.REFUSED
    if ticket is None:
        return Held.ENDED
    return Held.CONFIRMED if ticket.confirmed else Held.HELD
