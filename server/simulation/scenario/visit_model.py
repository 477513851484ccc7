"""How long a visit takes at a window, and when a window's clerk is away."""

from __future__ import annotations

from server.simulation.scenario.scenario import Scenario, ScenarioSite, ScenarioWindow, Span
from server.simulation.scenario.visitors import Visitor


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
    """Return when the clerk is away, by begin, without overlaps; None is until the day's end.

    A window that is open until the site closes stays until everybody is served.
    """
    spans: list[Span] = [window.lunch] if window.lunch else []
    for change in scenario.disturbances:
        here = change.window == window.id or (change.window is None and change.site in ("*", site.id))
        if change.kind == "window_closed" and here:
            spans.append((change.from_min, change.to_min))
    away: list[tuple[float, float | None]] = list(_merged(spans))
    if window.open[1] < scenario.close_min:
        away = [(begin, end) for begin, end in away if begin < window.open[1]]
        away.append((window.open[1], None))
    return away


def _merged(spans: list[Span]) -> list[Span]:
    merged: list[Span] = []
    for begin, end in sorted(spans):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((begin, end))
    return merged
