"""Figures as a table for people and as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from math import isnan

from server.simulation.results.comparison import Days
from server.simulation.results.ratio_estimates import Figure, Ratio

SHARES = frozenset(
    {
        "within_30_min",
        "within_limits",
        "sent_share",
        "sent_worse_off",
        "sent_promise_missed",
        "p50_holds",
        "p80_holds",
        "p90_holds",
        "gap_closed",
    }
)
"""Figures that are told in per cent."""


def format_table(figures: Mapping[str, Mapping[str, Figure]]) -> str:
    """Return a line for each figure and a column for each policy: the value and its 95 % interval."""
    names = list(dict.fromkeys(name for told in figures.values() for name in told))
    rows = [["", *figures]]
    rows += [[name, *(format_figure(name, told.get(name)) for told in figures.values())] for name in names]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join(lines) + "\n"


def format_figure(name: str, told: Figure | None) -> str:
    """Return a value with its interval, as people read it."""
    if told is None or isnan(told.value):
        return "–"
    if isnan(told.low):
        return _number(name, told.value)
    return f"{_number(name, told.value)} [{_number(name, told.low)} … {_number(name, told.high)}]"


def _number(name: str, value: float) -> str:
    if name in SHARES:
        return f"{value:.1%}"
    return f"{value:.2f}" if "_over_" in name else f"{value:.1f}"


def as_json(scenario: str, *, rho: float, history: int, days: Days, figures: Mapping[str, Mapping[str, Figure]]) -> str:
    """Return all figures with their intervals, and the values of each day, by seed from 1. Not known is null."""
    told = {
        "scenario": scenario,
        "rho": rho,
        "history_days": history,
        "policies": {
            policy: {name: _with_interval(f) for name, f in named.items()} for policy, named in figures.items()
        },
        "days": {policy: [_values(day) for day in parts] for policy, parts in days.items()},
    }
    return json.dumps(told, ensure_ascii=False, indent=1) + "\n"


def _with_interval(told: Figure) -> dict[str, float | None]:
    return {"value": _finite(told.value), "low": _finite(told.low), "high": _finite(told.high)}


def _values(day: Mapping[str, Ratio]) -> dict[str, float | None]:
    return {name: _finite(part.above / part.below) if part.below else None for name, part in day.items()}


def _finite(value: float) -> float | None:
    return None if isnan(value) else value
