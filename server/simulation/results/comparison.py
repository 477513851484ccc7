"""Policies side by side: every figure of each, and what can only be said of two together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isnan

from server.simulation.results.day_metrics import SERVICE_P90
from server.simulation.results.ratio_estimates import Figure, Ratio, figure, gap_closed, ratios_of

Days = Mapping[str, Sequence[Mapping[str, Ratio]]]
"""Policy -> each day's parts, the same days in the same order for all."""

WORST_SERVICE = "worst_service_p90_min"


def compare(days: Days) -> dict[str, dict[str, Figure]]:
    """Return each policy's figures by name.

    The worst service is the one with the highest P90, averaged over the days. Ratios need both policies: without
    ``status_quo``, ``pooled`` or ``bound`` among them those that name it are left out.
    """
    return {policy: {**_own(parts), **_beside_others(policy, days)} for policy, parts in days.items()}


def worst_service(parts: Sequence[Mapping[str, Ratio]]) -> str | None:
    """Return the figure of the service with the highest P90, or None when nobody was served."""
    names = sorted({name for day in parts for name in day if name.startswith(SERVICE_P90)})
    return max(names, key=lambda name: figure(_all(parts, name)).value, default=None)


def _own(parts: Sequence[Mapping[str, Ratio]]) -> dict[str, Figure]:
    names = [name for name in parts[0] if not name.startswith(SERVICE_P90)]
    own = {name: figure(_all(parts, name)) for name in names}
    worst = worst_service(parts)
    return {**own, **({WORST_SERVICE: figure(_all(parts, worst))} if worst else {})}


def _beside_others(policy: str, days: Days) -> dict[str, Figure]:
    mine = days[policy]
    beside: dict[str, Figure] = {}
    if (quo := days.get("status_quo")) is not None:
        beside["mean_over_status_quo"] = _ratio(mine, quo, "mean_min")
        beside["p90_over_status_quo"] = _ratio(mine, quo, "p90_min")
    if (bound := days.get("bound")) is not None:
        beside["mean_over_bound"] = _ratio(mine, bound, "mean_min")
    if (pooled := days.get("pooled")) is not None:
        beside["mean_over_pooled"] = _ratio(mine, pooled, "mean_min")
        beside["worst_service_p90_over_pooled"] = _worst_ratio(mine, pooled)
    if quo is not None and bound is not None:
        means = [_all(p, "mean_min") for p in (quo, mine, bound)]
        beside["gap_closed"] = figure(gap_closed(*means))
    return {name: told for name, told in beside.items() if not isnan(told.value)}


def _ratio(mine: Sequence[Mapping[str, Ratio]], other: Sequence[Mapping[str, Ratio]], name: str) -> Figure:
    return figure(ratios_of(_all(mine, name), _all(other, name)))


def _worst_ratio(mine: Sequence[Mapping[str, Ratio]], pooled: Sequence[Mapping[str, Ratio]]) -> Figure:
    worst, worst_pooled = worst_service(mine), worst_service(pooled)
    if worst is None or worst_pooled is None:
        return Figure(float("nan"))
    return figure(ratios_of(_all(mine, worst), _all(pooled, worst_pooled)))


def _all(parts: Sequence[Mapping[str, Ratio]], name: str) -> list[Ratio]:
    """Return a figure's part in each day; a day on which nobody wanted a service says nothing of it."""
    return [day.get(name, Ratio(0.0, 0.0)) for day in parts]
