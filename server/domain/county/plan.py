"""The plan for a site: how long a visitor whose ticket is issued now would wait at each of the other sites.

Travelling visitors are in the hall they go to (its journal has ``place_held``), so a forecast counts them. Between two
forecasts, each visitor who has joined a hall since, or whose referral to it has been requested, adds the work of one
visit, shared by the windows that can do it: a hundred visitors of the same second are not all referred to the same
short queue (no herding).
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from protocol.answers import OtherSite
from protocol.county import OriginState, PlannedService, PlannedSite
from protocol.journal import Moment
from protocol.vocabulary import ServiceId, SiteId, Text, TicketState
from server.domain.county.travel import Travel
from server.domain.forecast import wait_times
from server.domain.forecast.forecast import Forecast
from server.domain.forecast.service_times import learned_service_times
from server.domain.forecast.simulation_input import WALK_S
from server.domain.model import opening_hours
from server.domain.model.hall import Hall

NEAREST = 24
"""Largest number of other sites in a plan."""
TO_AND_FRO_S = 30 * 60.0
"""Time for which a service that one site offered at another is not offered the other way, seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteLocation:
    """Where a site is, in texts for people from the county's settings."""

    name: Text
    address: Text
    directions: Text
    url: str = ""
    """Where visitors' phones reach the site's ticket pages; empty when the settings name no address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteForecast:
    """A site's forecast and what it was made from."""

    forecast: Forecast
    seq: int
    """Journal number of the hall that was simulated."""
    made: Moment
    """When it was made, by the county's clock."""
    adds: Mapping[tuple[str, str], float]
    """Marginal wait: (service of one more visitor, service) -> minutes added to that service's waits."""


def site_forecast(hall: Hall, forecast: Forecast, *, made: Moment) -> SiteForecast:
    """Return the forecast of a hall together with the marginal wait of each further visitor."""
    return SiteForecast(forecast=forecast, seq=hall.seq, made=made, adds=_marginal_waits(hall))


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteState:
    """One site, as the county folds it from the site's journal."""

    place: SiteLocation
    hall: Hall
    last_contact: Moment
    """When the hub last confirmed that this hall is current, by the county's clock."""
    clock: Moment
    """Reading of the hub's own clocks at that moment."""
    forecasted: SiteForecast | None = None

    def now(self, at: Moment) -> Moment:
        """Return the site's own moment at the county's moment ``at``."""
        passed = at.since(self.last_contact)
        return Moment(
            at=self.clock.at + timedelta(seconds=passed), boot=self.clock.boot, mono_s=self.clock.mono_s + passed
        )

    def age_s(self, at: Moment) -> float:
        """Return the age of this state: that of the last contact or of the forecast, whichever is older."""
        return max(at.since(self.last_contact), at.since(self.forecasted.made) if self.forecasted else 0.0)


def plan_for(site: SiteId, states: Mapping[SiteId, SiteState], travel: Travel, *, at: Moment) -> list[PlannedSite]:
    """Return the plan for one site, the nearest other site first; ``at`` is the county's moment.

    It covers the services that the site has itself. A site without a forecast, or to which no travel time is given, is
    left out; so is a service that the other site has itself offered here within ``TO_AND_FRO_S``.
    """
    requested = _requested_services(states)
    services = states[site].hall.site.services if site in states else ()
    ways = [(minutes, name) for name in states if name != site and (minutes := travel.between(site, name)) is not None]
    planned = (
        _planned(
            name,
            states[name],
            [s for s in services if not _offered_lately(states[name], site, s, at=at)],
            requested.get(name, ()),
            minutes,
            at=at,
        )
        for minutes, name in sorted(ways)
    )
    return list(islice((p for p in planned if p.services), NEAREST))


def _offered_lately(state: SiteState, site: SiteId, service: ServiceId, *, at: Moment) -> bool:
    """Whether a site has lately offered a service of another one to its own visitors."""
    offered = state.hall.offered.get((site, service))
    return offered is not None and state.now(at).since(offered) <= TO_AND_FRO_S


def _requested_services(states: Mapping[SiteId, SiteState]) -> Mapping[str, list[str]]:
    """Return, by site, the services of accepted referrals for which its journal has no place yet."""
    requested: dict[str, list[str]] = defaultdict(list)
    for state in states.values():
        for name, referral in state.hall.referrals.items():
            target = states.get(referral.fact.to_site)
            if referral.state is not OriginState.GIVEN_UP and target is not None and name not in target.hall.places:
                requested[referral.fact.to_site].append(referral.fact.service)
    return requested


def _planned(
    site: SiteId, state: SiteState, services: Container[str], requested: Iterable[str], travel_min: float, *, at: Moment
) -> PlannedSite:
    return PlannedSite(
        where=OtherSite(
            site=site,
            name=state.place.name,
            address=state.place.address,
            directions=state.place.directions,
            travel_min=math.ceil(travel_min),
            time_zone=state.hall.site.catalogue.time_zone,
            url=state.place.url,
        ),
        open=_is_open(state.hall, state.now(at).at, travel_min=travel_min),
        age_s=state.age_s(at),
        services=list(_services(state.hall, state.forecasted, services, requested)) if state.forecasted else [],
    )


def _is_open(hall: Hall, now: datetime, *, travel_min: float) -> bool:
    """Whether the site is open now, and when a visitor who leaves now arrives."""
    catalogue = hall.site.catalogue
    return opening_hours.is_open(catalogue, now) and opening_hours.is_open(
        catalogue, now + timedelta(minutes=travel_min)
    )


def _services(
    hall: Hall, forecasted: SiteForecast, services: Container[str], requested: Iterable[str]
) -> Iterator[PlannedService]:
    """Yield the forecast waits plus the marginal waits of visitors who are not in the forecast."""
    more = Counter([*_services_joined(hall, since=forecasted.seq), *requested])
    for service, wait in sorted(forecasted.forecast.services.items()):
        if wait is None or service not in services or service not in hall.site.services:
            continue
        added = sum(count * forecasted.adds.get((other, service), 0.0) for other, count in more.items())
        yield PlannedService(
            service=service,
            p50_min=round(wait.p50_min + added, 2),
            p80_min=round(wait.p80_min + added, 2),
            p90_min=round(wait.p90_min + added, 2),
            each_min=round(forecasted.adds.get((service, service), 0.0), 2),
        )


def _services_joined(hall: Hall, *, since: int) -> Iterable[str]:
    """Return the services of tickets that joined after a journal number and still wait or travel."""
    there = (TicketState.WAITING, TicketState.TRAVELLING)
    return [t.service for t in hall.tickets.values() if t.seniority[1] > since and t.state in there]


def _marginal_waits(hall: Hall) -> dict[tuple[str, str], float]:
    """Return the marginal waits in minutes: what one visitor of a service adds to the waits of each service.

    The visit is shared evenly by the windows that take it, and each other service bears the part of its own windows.
    """
    times = learned_service_times(hall)
    workers = {s: frozenset(wait_times.windows_for(hall, s)) for s in hall.site.services}
    visit_min = {s: (WALK_S + times.mean_s(s)) / 60 for s in workers}
    return {
        (one, other): visit_min[one] * len(able & windows) / (len(able) * len(windows))
        for one, able in workers.items()
        for other, windows in workers.items()
        if able & windows
    }
