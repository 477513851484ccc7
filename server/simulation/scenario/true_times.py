"""What nobody in a hall can know: the scenario's own figures, in the predictor's words."""

from __future__ import annotations

from math import log, log1p, sqrt

from server.domain.forecast.service_times import Lognormal, ServiceTimes
from server.simulation.scenario.scenario import Scenario, ScenarioService
from server.simulation.scenario.scenario_halls import ScenarioHall, identifier


def true_times(scenario: Scenario, place: ScenarioHall) -> ServiceTimes:
    """Return the serving times that a hall's visits are drawn from."""
    return ServiceTimes(
        known=frozenset(identifier(s.id) for s in scenario.services),
        services={identifier(s.id): _lognormal(s) for s in scenario.services},
        windows={name: -log(window.speed) for name, (_, window) in place.windows.items()},
        pairs={
            (identifier(service), name): log(scenario.secondary_skill_slowdown)
            for name, (_, window) in place.windows.items()
            for service in window.skills
            if service not in window.dedicated
        },
        drift=0.0,
    )


def _lognormal(service: ScenarioService) -> Lognormal:
    variance = log1p(service.cv**2)
    return Lognormal(mu=log(service.mean_min * 60) - variance / 2, sigma=sqrt(variance))
