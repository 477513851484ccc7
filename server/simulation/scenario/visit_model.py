"""The truth about visits that no hall knows: serving times at each window, and when a window's clerk is absent."""

from __future__ import annotations

from math import log, log1p, sqrt

from server.domain.forecast.service_times import Lognormal, ServiceTimes
from server.simulation.scenario.scenario import Scenario, ScenarioService, ScenarioSite, ScenarioWindow, Span
from server.simulation.scenario.scenario_halls import ScenarioHall, service_id
from server.simulation.scenario.visitors import Visitor


def true_service_times(scenario: Scenario, hall: ScenarioHall) -> ServiceTimes:
    """Return the distributions that a hall's serving times are drawn from, as the predictor's model."""
    return ServiceTimes(
        known=frozenset(service_id(s.id) for s in scenario.services),
        services={service_id(s.id): _lognormal(s) for s in scenario.services},
        windows={name: -log(window.speed) for name, (_, window) in hall.windows.items()},
        pairs={
            (service_id(service), name): log(scenario.secondary_skill_slowdown)
            for name, (_, window) in hall.windows.items()
            for service in window.skills
            if service not in window.dedicated
        },
        drift=0.0,
    )


def _lognormal(service: ScenarioService) -> Lognormal:
    variance = log1p(service.cv**2)
    return Lognormal(mu=log(service.mean_min * 60) - variance / 2, sigma=sqrt(variance))


def serving_min(
    scenario: Scenario, visitor: Visitor, site: ScenarioSite, window: ScenarioWindow, *, at_min: float
) -> float:
    """Return the serving time in minutes of a visit that starts at a minute."""
    factor = 1.0 if visitor.service in window.dedicated else scenario.secondary_skill_slowdown
    for change in scenario.disturbances:
        if change.touches("slowdown", site=site.id, at_min=at_min):
            factor *= change.factor
    return visitor.work_min / window.speed * factor


def closures(scenario: Scenario, site: ScenarioSite, window: ScenarioWindow) -> list[tuple[float, float | None]]:
    """Return when the clerk is absent, as (begin, end) in order without overlaps; end None is the end of the day.

    A window that is open until the site closes stays open until everybody is served.
    """
    spans: list[Span] = [window.lunch] if window.lunch else []
    for change in scenario.disturbances:
        here = change.window == window.id or (change.window is None and change.site in ("*", site.id))
        if change.kind == "window_closed" and here:
            spans.append((change.from_min, change.to_min))
    absences: list[tuple[float, float | None]] = list(_merged(spans))
    if window.open[1] < scenario.close_min:
        absences = [(begin, end) for begin, end in absences if begin < window.open[1]]
        absences.append((window.open[1], None))
    return absences


def _merged(spans: list[Span]) -> list[Span]:
    merged: list[Span] = []
    for begin, end in sorted(spans):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((begin, end))
    return merged
