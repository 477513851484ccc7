"""Offers of another site: before a ticket is issued, or when a wait grows longer than was promised."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from protocol import journal as j
from protocol.answers import Offer
from protocol.county import OriginState
from protocol.vocabulary import Language, ServiceId, SiteId, TicketId
from server.domain.forecast.forecast import Quantiles
from server.domain.model.hall import Hall
from server.domain.model.referral_state import ShownOffer
from server.domain.model.tickets import Ticket
from server.domain.referrals.best_offer import BestOffer

OFFER_REFRESH_S = 60.0
"""Interval at which the offer shown to a waiting visitor is renewed, seconds."""


def offer_made(
    best: BestOffer,
    *,
    offer: str,
    service: ServiceId,
    language: Language,
    priority: str | None,
    ticket: TicketId | None,
) -> j.OfferMade:
    """Return the fact that a visitor was shown the best other site. ``offer`` is a fresh secret."""
    return j.OfferMade(
        offer=offer,
        service=service,
        language=language,
        priority=priority,
        ticket=ticket,
        to_site=best.where.site,
        where=best.where,
        here=best.here,
        there=best.there,
        travel_min=best.where.travel_min,
        saving_min=best.saving_min,
    )


def referred_since(hall: Hall, *, service: ServiceId, since_s: float, at: j.Moment) -> Mapping[SiteId, int]:
    """Return, by site, how many visitors of a service were referred there within ``since_s``, or are about to be."""
    return Counter(
        referral.fact.to_site
        for referral in hall.referrals.values()
        if referral.fact.service == service
        and referral.state is not OriginState.GIVEN_UP
        and at.since(referral.requested) <= since_s
    )


def promise_slipped(ticket: Ticket, rest: Quantiles | None, *, at: j.Moment) -> bool:
    """Whether a visitor will probably wait longer than was promised, so that another site may be offered.

    A visitor who was referred here is not referred on.
    """
    if ticket.promise is None or ticket.from_site is not None or rest is None:
        return False
    return at.since(ticket.issued) / 60 + rest.p50_min > ticket.promise.high_min


def last_offer(hall: Hall, ticket: TicketId, *, at: j.Moment) -> ShownOffer | None:
    """Return the offer that the visitor of a waiting ticket saw last, if it is recent."""
    recent = [o for o in hall.offers.values() if o.fact.ticket == ticket and at.since(o.made) < OFFER_REFRESH_S]
    return recent[-1] if recent else None


def is_made_for(hall: Hall, offer: str | None, *, actor: str) -> bool:
    """Whether an offer was made at this actor's request, a kiosk's or another's."""
    made = hall.offers.get(offer or "")
    return made is not None and made.actor == actor


def offer_view(offer: j.OfferMade) -> Offer:
    """Return an offer as a visitor sees it."""
    return Offer(
        id=offer.offer,
        service=offer.service,
        here=offer.here,
        there=offer.there,
        saving_min=int(offer.saving_min),
        site=offer.where,
    )
