"""What the county tells a site of the others: how long a visitor issued now would wait at each.

Visitors on their way stand in the hall they go to (its journal has ``place_held``), so a forecast counts them. Between
two forecasts, everybody who has joined a hall since, or was asked to be let in, adds the work of one visit shared by
the windows that can do it: a hundred visitors of the same second are not all sent to the same short queue.
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
from protocol.vocabulary import Text, TicketState
from server.domain.county.travel import Travel
from server.domain.forecast import wait_times
from server.domain.forecast.forecast import Forecast
from server.domain.forecast.service_times import learned_service_times
from server.domain.forecast.simulation_input import WALK_S
from server.domain.model import opening_hours
from server.domain.model.hall import Hall

NEAREST = 24
"""A site hears of at most so many others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteLocation:
    """Where a site is, in the words of the county's settings."""

    name: Text
    address: Text
    directions: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteForecast:
    """A forecast with what it was made from."""

    forecast: Forecast
    seq: int
    """The journal number of the hall it was made from."""
    made: Moment
    """By the county's clock."""
    adds: Mapping[tuple[str, str], float]
    """(Service of one more visitor, service) -> minutes that the visitor adds to that service's waits."""


def site_forecast(hall: Hall, forecast: Forecast, *, made: Moment) -> SiteForecast:
    """Return the forecast of a hall with what each further visitor would add to its waits."""
    return SiteForecast(forecast=forecast, seq=hall.seq, made=made, adds=_adds(hall))


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteState:
    """One site as the county has it."""

    place: SiteLocation
    hall: Hall
    last_contact: Moment
    """When the hub last said that this hall is how things stand: the county's clock."""
    clock: Moment
    """What the hub's own clocks said then."""
    forecasted: SiteForecast | None = None

    def now(self, at: Moment) -> Moment:
        """Return the site's own moment at the county's moment ``at``."""
        passed = at.since(self.last_contact)
        return Moment(
            at=self.clock.at + timedelta(seconds=passed), boot=self.clock.boot, mono_s=self.clock.mono_s + passed
        )

    def age_s(self, at: Moment) -> float:
        """Return how old the picture is: the older of what was heard and what was computed from it."""
        return max(at.since(self.last_contact), at.since(self.forecasted.made) if self.forecasted else 0.0)


def plan_for(site: str, pictures: Mapping[str, SiteState], travel: Travel, *, at: Moment) -> list[PlannedSite]:
    """Return what the county tells one site of the others, the nearest first; ``at`` is the county's moment.

    Only of services that the site has too. A site without a forecast, or that nobody wrote the way to, is left out.
    """
    asked = _asked(pictures)
    wanted = pictures[site].hall.site.services if site in pictures else ()
    ways = [
        (minutes, name) for name in pictures if name != site and (minutes := travel.between(site, name)) is not None
    ]
    planned = (
        _planned(name, pictures[name], wanted, asked.get(name, ()), minutes, at=at) for minutes, name in sorted(ways)
    )
    return list(islice((p for p in planned if p.services), NEAREST))


def _asked(pictures: Mapping[str, SiteState]) -> Mapping[str, list[str]]:
    """Return, by site, the services for which visitors are about to come and the site has not said so yet."""
    asked: dict[str, list[str]] = defaultdict(list)
    for picture in pictures.values():
        for name, sent in picture.hall.referrals.items():
            target = pictures.get(sent.fact.to_site)
            if sent.state is not OriginState.GIVEN_UP and target is not None and name not in target.hall.places:
                asked[sent.fact.to_site].append(sent.fact.service)
    return asked


def _planned(
    site: str, picture: SiteState, wanted: Container[str], asked: Iterable[str], travel_min: float, *, at: Moment
) -> PlannedSite:
    return PlannedSite(
        where=OtherSite(
            site=site,
            name=picture.place.name,
            address=picture.place.address,
            directions=picture.place.directions,
            travel_min=math.ceil(travel_min),
        ),
        open=_is_open(picture.hall, picture.now(at).at, travel_min=travel_min),
        age_s=picture.age_s(at),
        services=list(_services(picture.hall, picture.forecasted, wanted, asked)) if picture.forecasted else [],
    )


def _is_open(hall: Hall, now: datetime, *, travel_min: float) -> bool:
    """Whether the site is open, and still will be when a visitor who goes now arrives."""
    described = hall.site.catalogue
    return opening_hours.is_open(described, now) and opening_hours.is_open(
        described, now + timedelta(minutes=travel_min)
    )


def _services(hall: Hall, made: SiteForecast, wanted: Container[str], asked: Iterable[str]) -> Iterator[PlannedService]:
    """Yield the forecast waits, with what those add who are not in the forecast."""
    more = Counter([*_joined(hall, since=made.seq), *asked])
    for service, wait in sorted(made.forecast.services.items()):
        if wait is None or service not in wanted or service not in hall.site.services:
            continue
        added = sum(count * made.adds.get((other, service), 0.0) for other, count in more.items())
        yield PlannedService(
            service=service,
            p50_min=round(wait.p50_min + added, 2),
            p80_min=round(wait.p80_min + added, 2),
            p90_min=round(wait.p90_min + added, 2),
            each_min=round(made.adds.get((service, service), 0.0), 2),
        )


def _joined(hall: Hall, *, since: int) -> Iterable[str]:
    """Return the services of those who took a place after a journal number and still wait or are on their way."""
    there = (TicketState.WAITING, TicketState.TRAVELLING)
    return [t.service for t in hall.tickets.values() if t.seniority[1] > since and t.state in there]


def _adds(hall: Hall) -> dict[tuple[str, str], float]:
    """Return what one visitor of a service adds to the waits of each, where it adds anything.

    The visit is shared evenly by the windows that take it; of that the other service's windows feel their part.
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
