"""Comparison of policies: every figure of each, and the ratios between two of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isnan

from server.simulation.results.day_metrics import SERVICE_P90
from server.simulation.results.ratio_estimates import Figure, Ratio, estimate_ratio, gap_closed, ratios_of

Days = Mapping[str, Sequence[Mapping[str, Ratio]]]
"""Policy -> metrics by day; the same days in the same order for all policies."""

WORST_SERVICE = "worst_service_p90_min"


def compare(days: Days) -> dict[str, dict[str, Figure]]:
    """Return each policy's figures by name.

    The worst service is the one with the highest P90, averaged over the days. Ratios to ``status_quo``, ``pooled`` or
    ``bound`` are left out when that policy is not among those compared.
    """
    return {policy: {**_own(by_day), **_ratios(policy, days)} for policy, by_day in days.items()}


def worst_service(by_day: Sequence[Mapping[str, Ratio]]) -> str | None:
    """Return the name of the P90 figure that is highest among services; None when nobody was served."""
    names = sorted({name for day in by_day for name in day if name.startswith(SERVICE_P90)})
    return max(names, key=lambda name: estimate_ratio(_series(by_day, name)).value, default=None)


def _own(by_day: Sequence[Mapping[str, Ratio]]) -> dict[str, Figure]:
    names = [name for name in by_day[0] if not name.startswith(SERVICE_P90)]
    own = {name: estimate_ratio(_series(by_day, name)) for name in names}
    worst = worst_service(by_day)
    return {**own, **({WORST_SERVICE: estimate_ratio(_series(by_day, worst))} if worst else {})}


def _ratios(policy: str, days: Days) -> dict[str, Figure]:
    mine = days[policy]
    ratios: dict[str, Figure] = {}
    if (quo := days.get("status_quo")) is not None:
        ratios["mean_over_status_quo"] = _ratio(mine, quo, "mean_min")
        ratios["p90_over_status_quo"] = _ratio(mine, quo, "p90_min")
    if (bound := days.get("bound")) is not None:
        ratios["mean_over_bound"] = _ratio(mine, bound, "mean_min")
    if (pooled := days.get("pooled")) is not None:
        ratios["mean_over_pooled"] = _ratio(mine, pooled, "mean_min")
        ratios["worst_service_p90_over_pooled"] = _worst_ratio(mine, pooled)
    if quo is not None and bound is not None:
        means = [_series(p, "mean_min") for p in (quo, mine, bound)]
        ratios["gap_closed"] = estimate_ratio(gap_closed(*means))
    return {name: found for name, found in ratios.items() if not isnan(found.value)}


def _ratio(mine: Sequence[Mapping[str, Ratio]], other: Sequence[Mapping[str, Ratio]], name: str) -> Figure:
    return estimate_ratio(ratios_of(_series(mine, name), _series(other, name)))


def _worst_ratio(mine: Sequence[Mapping[str, Ratio]], pooled: Sequence[Mapping[str, Ratio]]) -> Figure:
    worst, worst_pooled = worst_service(mine), worst_service(pooled)
    if worst is None or worst_pooled is None:
        return Figure(float("nan"))
    return estimate_ratio(ratios_of(_series(mine, worst), _series(pooled, worst_pooled)))


def _series(by_day: Sequence[Mapping[str, Ratio]], name: str) -> list[Ratio]:
    """Return a figure's contribution by day; a day without a visitor for a service contributes nothing."""
    return [day.get(name, Ratio(0.0, 0.0)) for day in by_day]
