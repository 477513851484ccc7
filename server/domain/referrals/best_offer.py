"""Choice of the best other site for a visitor, by a conservative rule.

``best_offer`` picks it from the county's plan (``server.domain.county.plan``), or none. The saving is the median wait
here less the longer of the travel and the P80 wait there: the place there is kept during the walk, so travel and wait
there run in parallel.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from protocol.answers import OtherSite
from protocol.county import PLAN_VALID_S, PlannedService, PlannedSite
from protocol.vocabulary import Promise, ServiceId, SiteId
from server.domain.forecast import wait_times
from server.domain.forecast.forecast import Quantiles


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferRule:
    """When another site is worth a visitor's walk."""

    min_saving_min: float = 8.0
    priority_min_saving_min: float = 15.0
    """Least saving for protected visitors, minutes: the walk costs them more, and they are called soon here."""
    valid_s: float = PLAN_VALID_S
    """Age up to which a site's state is good enough for an offer, seconds."""


RULE = OfferRule()


@dataclass(frozen=True, slots=True, kw_only=True)
class BestOffer:
    """The best other site for one visitor. Both ranges are waits from now on; ``there`` has the travel in it."""

    where: OtherSite
    here: Promise
    there: Promise
    saving_min: float


def best_offer(
    here: Quantiles,
    plan: Sequence[PlannedSite],
    *,
    service: ServiceId,
    priority: bool,
    plan_age_s: float,
    referred: Mapping[SiteId, int] = MappingProxyType({}),
    rule: OfferRule = RULE,
) -> BestOffer | None:
    """Return the other site that saves this visitor most, or None when none saves enough for certain.

    ``here`` is this very visitor's wait here. ``plan_age_s`` is the age of the plan itself. ``referred`` counts, by
    site, the visitors of this service referred there since, whom the plan cannot contain yet.
    """
    least = rule.priority_min_saving_min if priority else rule.min_saving_min
    offers = [
        BestOffer(
            where=site.where,
            here=wait_times.promise_for(here),
            there=promise_there(there, travel_min=site.where.travel_min),
            saving_min=here.p50_min - max(site.where.travel_min, there.p80_min),
        )
        for site in plan
        if site.open and site.age_s + plan_age_s <= rule.valid_s
        for planned in site.services
        if planned.service == service
        for there in [_with_more(planned, referred.get(site.where.site, 0))]
    ]
    worth_it = [o for o in offers if o.saving_min >= least]
    return min(worth_it, key=lambda o: (-o.saving_min, o.where.travel_min, o.where.site), default=None)


def promise_there(there: Quantiles, *, travel_min: int) -> Promise:
    """Return the range from now to the call there; nobody is called before the walk is over."""
    arriving = Quantiles(
        p50_min=max(travel_min, there.p50_min),
        p80_min=max(travel_min, there.p80_min),
        p90_min=max(travel_min, there.p90_min),
    )
    return wait_times.promise_for(arriving, least_min=travel_min)


def _with_more(planned: PlannedService, visitors: int) -> Quantiles:
    more = planned.each_min * visitors
    return Quantiles(
        p50_min=planned.p50_min + more,
        p80_min=planned.p80_min + more,
        p90_min=planned.p90_min + more,
    )
