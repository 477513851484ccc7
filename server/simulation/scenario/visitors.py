"""The visitors of one day. All their random numbers are drawn before the day begins, so that every policy meets the
same people (common random numbers). The same seed gives the same day.
"""

from __future__ import annotations

import math
from bisect import bisect
from dataclasses import dataclass
from itertools import accumulate
from random import Random

from server.simulation.scenario.scenario import PROFILE_STEP_MIN, Scenario, ScenarioSite


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """One visitor with all random numbers drawn; times in minutes."""

    name: str
    arrives_min: float
    site: str
    service: str
    priority: bool
    work_min: float
    """Serving time at a window of speed 1 whose own service it is."""
    absent: bool
    """Whether the visitor is absent when called."""
    lost: bool
    """Whether the visitor, once referred, never arrives at the other site."""
    willing: float
    """Uniform deviate: the visitor accepts an offer whose acceptance probability is above it."""
    travel_factor: float
    """Travel time over its mean."""


def draw_visitors(scenario: Scenario, *, rho: float, seed: int) -> tuple[Visitor, ...]:
    """Return the day's visitors by arrival. ``rho`` is the utilisation: offered work over open window minutes."""
    rng = Random(f"{scenario.name} {seed}")  # noqa: S311 - a day must be reproducible
    expected = expected_tickets(scenario, rho=rho)
    whole = _gamma(rng, scenario.day_noise.whole_county_cv)
    drawn = []
    for (site, service), tickets in expected.items():
        noisy = tickets * whole * _gamma(rng, scenario.day_noise.site_service_cv)
        for _ in range(_poisson(rng, noisy)):
            drawn.append((_arrival(rng, scenario), site, service))
        drawn += _surge(rng, scenario, site, service, noisy)
    return tuple(_visitor(rng, scenario, i, *who) for i, who in enumerate(sorted(drawn)))


def expected_tickets(scenario: Scenario, *, rho: float) -> dict[tuple[str, str], float]:
    """Return the expected tickets of an ordinary day, by site and service, that load the county to ``rho``."""
    relative: dict[tuple[str, str], float] = {}
    for row in scenario.demand:
        relative[row.site, row.service] = relative.get((row.site, row.service), 0.0) + row.tickets
    work = sum(n * _expected_work(scenario, service) for (_, service), n in relative.items())
    scale = rho * sum(open_minutes(s) for s in scenario.sites) / work
    return {key: n * scale for key, n in relative.items()}


def open_minutes(site: ScenarioSite) -> float:
    """Return the minutes that a site's windows are open, net of lunch."""
    lunches = [w.lunch[1] - w.lunch[0] for w in site.windows if w.lunch]
    return sum(w.open[1] - w.open[0] for w in site.windows) - sum(lunches)


def _expected_work(scenario: Scenario, service: str) -> float:
    served = scenario.call_overhead_min + scenario.by_service[service].mean_min
    return (1 - scenario.no_show_share) * served + scenario.no_show_share * scenario.no_show_cost_min


def _visitor(rng: Random, scenario: Scenario, order: int, arrives: float, site: str, service: str) -> Visitor:
    scenario_service = scenario.by_service[service]
    return Visitor(
        name=f"v{order}",
        arrives_min=arrives,
        site=site,
        service=service,
        priority=rng.random() < scenario.priority_share,
        work_min=scenario_service.mean_min * _lognormal(rng, scenario_service.cv),
        absent=rng.random() < scenario.no_show_share,
        lost=rng.random() < (scenario.divert.extra_no_show if scenario.divert else 0.0),
        willing=rng.random(),
        travel_factor=_lognormal(rng, scenario.travel_cv),
    )


def _arrival(rng: Random, scenario: Scenario) -> float:
    if rng.random() < scenario.opening_crowd_share:
        return 0.0
    sums = list(accumulate(_profile(scenario)))
    step = bisect(sums, rng.random() * sums[-1])
    return (min(step, len(sums) - 1) + rng.random()) * PROFILE_STEP_MIN


def _profile(scenario: Scenario) -> tuple[float, ...]:
    return scenario.arrival_profile_half_hours


def _surge(rng: Random, scenario: Scenario, site: str, service: str, tickets: float) -> list[tuple[float, str, str]]:
    """Return the arrivals that surges add to the ordinary ones."""
    more = []
    profile = _profile(scenario)
    for change in scenario.disturbances:
        if change.kind != "surge" or change.site not in ("*", site) or service not in (change.services or (service,)):
            continue
        for step, weight in enumerate(profile):
            begin = max(change.from_min, step * PROFILE_STEP_MIN)
            end = min(change.to_min, (step + 1) * PROFILE_STEP_MIN)
            share = max(0.0, end - begin) / PROFILE_STEP_MIN * weight / sum(profile)
            extra = tickets * (1 - scenario.opening_crowd_share) * share * max(0.0, change.factor - 1)
            more += [(rng.uniform(begin, end), site, service) for _ in range(_poisson(rng, extra))]
    return more


def _gamma(rng: Random, cv: float) -> float:
    """Draw a gamma factor of mean 1 with this coefficient of variation."""
    return rng.gammavariate(1 / cv**2, cv**2) if cv > 0 else 1.0


def _lognormal(rng: Random, cv: float) -> float:
    """Draw a lognormal factor of mean 1 with this coefficient of variation."""
    variance = math.log1p(cv**2)
    return rng.lognormvariate(-variance / 2, math.sqrt(variance))


def _poisson(rng: Random, mean: float) -> int:
    """Draw a Poisson number by counting exponential gaps."""
    count, gap = 0, rng.expovariate(1.0)
    while gap < mean:
        count += 1
        gap += rng.expovariate(1.0)
    return count
