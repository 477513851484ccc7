"""Which other site a visitor is shown, before a number is taken or while the wait grows longer than was promised."""

from __future__ import annotations

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

RENEWED_S = 60.0
"""What a visitor who waits is shown stays the same for so long."""


def offer_made(
    best: BestOffer,
    *,
    offer: str,
    service: ServiceId,
    language: Language,
    priority: str | None,
    ticket: TicketId | None,
) -> j.OfferMade:
    """Write down that a visitor was shown the best other site. ``offer`` is a fresh secret."""
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
    """Return, by site, how many visitors of a service were sent there within ``since_s``, or are about to be."""
    sent: dict[SiteId, int] = {}
    for one in hall.referrals.values():
        if one.fact.service == service and one.state is not OriginState.GIVEN_UP and at.since(one.asked) <= since_s:
            sent[one.fact.to_site] = sent.get(one.fact.to_site, 0) + 1
    return sent


def promise_slipped(ticket: Ticket, rest: Quantiles | None, *, at: j.Moment) -> bool:
    """Whether a visitor will probably wait longer than was promised, so that another site may be offered.

    Who was sent here once is not sent on.
    """
    if ticket.promise is None or ticket.from_site is not None or rest is None:
        return False
    return at.since(ticket.issued) / 60 + rest.p50_min > ticket.promise.high_min


def last_offer(hall: Hall, ticket: TicketId, *, at: j.Moment) -> ShownOffer | None:
    """Return what the visitor of a waiting ticket was shown last, a moment ago."""
    recent = [o for o in hall.offers.values() if o.fact.ticket == ticket and at.since(o.made) < RENEWED_S]
    return recent[-1] if recent else None


def offer_view(offer: j.OfferMade) -> Offer:
    """Return an offer as a visitor is told it."""
    return Offer(
        id=offer.offer,
        service=offer.service,
        here=offer.here,
        there=offer.there,
        saving_min=int(offer.saving_min),
        site=offer.where,
    )
