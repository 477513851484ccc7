"""What the county tells a site of the others: how long a visitor issued now would wait at each.

Visitors on their way stand in the hall they go to (its journal has ``place_held``), so a forecast counts them. Between
two forecasts, everybody who has joined a hall since, or was asked to be let in, adds the work of one visit shared by
the windows that can do it: a hundred visitors of the same second are not all sent to the same short queue.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from protocol.county import Asked, PlannedService, PlannedSite
from protocol.journal import Moment
from protocol.messages import OtherSite, Text, TicketState
from server.domain import opening, waiting
from server.domain.forecast import Forecast, Quantiles
from server.domain.hall import Hall
from server.domain.serving import serving_times
from server.domain.travel import Travel


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a site is, in the words of the county's settings."""

    name: Text
    address: Text
    directions: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecasted:
    """A forecast, the journal number it was made at, and when (the county's clock)."""

    forecast: Forecast
    seq: int
    made: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One site as the county has it."""

    place: Place
    hall: Hall
    heard: Moment
    """When the hub last said that this hall is how things stand: the county's clock."""
    clock: Moment
    """What the hub's own clocks said then."""
    forecasted: Forecasted | None = None

    def now(self, at: Moment) -> Moment:
        """Return the site's own moment at the county's moment ``at``."""
        passed = at.since(self.heard)
        return Moment(
            at=self.clock.at + timedelta(seconds=passed), boot=self.clock.boot, mono_s=self.clock.mono_s + passed
        )

    def age_s(self, at: Moment) -> float:
        """Return how old the picture is: the older of what was heard and what was computed from it."""
        return max(at.since(self.heard), at.since(self.forecasted.made) if self.forecasted else 0.0)


def plan_for(site: str, pictures: Mapping[str, Picture], travel: Travel, *, at: Moment) -> list[PlannedSite]:
    """Return what the county tells one site of the others, the nearest first; ``at`` is the county's moment.

    A site without a forecast, or that nobody wrote the way to, is left out.
    """
    asked = _asked(pictures)
    planned = [
        _planned(name, picture, travel_min=minutes, asked=asked.get(name, ()), at=at)
        for name, picture in pictures.items()
        if name != site and (minutes := travel.between(site, name)) is not None and picture.forecasted is not None
    ]
    return sorted(planned, key=lambda p: (p.where.travel_min, p.where.site))


def _asked(pictures: Mapping[str, Picture]) -> dict[str, list[str]]:
    """Return, by site, the services for which visitors are about to come and the site has not said so yet."""
    asked: dict[str, list[str]] = defaultdict(list)
    for picture in pictures.values():
        for name, sent in picture.hall.referrals.items():
            target = pictures.get(sent.fact.to_site)
            if sent.state is not Asked.GIVEN_UP and target is not None and name not in target.hall.places:
                asked[sent.fact.to_site].append(sent.fact.service)
    return asked


def _planned(site: str, picture: Picture, *, travel_min: float, asked: Iterable[str], at: Moment) -> PlannedSite:
    hall, made = picture.hall, picture.forecasted
    known = made.forecast.services if made else {}
    joined = Counter([*(_joined(hall, since=made.seq) if made else ()), *asked])
    adding = _Adding(hall)
    return PlannedSite(
        where=OtherSite(
            site=site,
            name=picture.place.name,
            address=picture.place.address,
            directions=picture.place.directions,
            travel_min=math.ceil(travel_min),
        ),
        open=_is_open(hall, picture.now(at).at, travel_min=travel_min),
        age_s=picture.age_s(at),
        services=[
            _service(service, wait, joined, adding)
            for service, wait in sorted(known.items())
            if wait is not None and service in hall.offer.services
        ],
    )


def _is_open(hall: Hall, now: datetime, *, travel_min: float) -> bool:
    """Whether the site is open, and still will be when a visitor who goes now arrives."""
    described = hall.offer.catalogue
    return opening.is_open(described, now) and opening.is_open(described, now + timedelta(minutes=travel_min))


def _joined(hall: Hall, *, since: int) -> Iterable[str]:
    """Return the services of those who took a place after a journal number and still wait or are on their way."""
    there = (TicketState.WAITING, TicketState.TRAVELLING)
    return [t.service for t in hall.tickets.values() if t.seniority[1] > since and t.state in there]


def _service(service: str, wait: Quantiles, joined: Mapping[str, int], adding: _Adding) -> PlannedService:
    more = sum(count * adding.minutes(other, to=service) for other, count in joined.items())
    return PlannedService(
        service=service,
        p50_min=wait.p50_min + more,
        p65_min=wait.p65_min + more,
        p80_min=wait.p80_min + more,
        p90_min=wait.p90_min + more,
        each_min=adding.minutes(service, to=service),
    )


class _Adding:
    """What one more visitor adds to the waits of a hall."""

    def __init__(self, hall: Hall) -> None:
        self._hall = hall
        self._times = serving_times(hall)
        self._workers: dict[str, frozenset[str]] = {}

    def minutes(self, service: str, *, to: str) -> float:
        """Return the minutes that one visitor of a service adds to the wait for another.

        The visit is shared evenly by the windows that take it; of that the other service's windows feel their part.
        """
        able, windows = self._windows(service), self._windows(to)
        if not able or not windows:
            return 0.0
        visit_min = (waiting.WALK_S + self._times.mean_s(service)) / 60
        return visit_min * len(able & windows) / (len(able) * len(windows))

    def _windows(self, service: str) -> frozenset[str]:
        """Return the open windows that take a service; when none is open, all that could."""
        if service not in self._workers:
            self._workers[service] = frozenset(waiting.windows_for(self._hall, service))
        return self._workers[service]
