"""Reports of a comparison: a table for people, and JSON."""

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
"""Names of the figures that are shown in per cent."""


def format_table(figures: Mapping[str, Mapping[str, Figure]]) -> str:
    """Return a table with a line for each figure and a column for each policy: the value and its 95 % interval."""
    names = list(dict.fromkeys(name for named in figures.values() for name in named))
    rows = [["", *figures]]
    rows += [[name, *(format_figure(name, named.get(name)) for named in figures.values())] for name in names]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join(lines) + "\n"


def format_figure(name: str, found: Figure | None) -> str:
    """Return a value with its interval for people; a dash when it is unknown."""
    if found is None or isnan(found.value):
        return "–"
    if isnan(found.low):
        return _number(name, found.value)
    return f"{_number(name, found.value)} [{_number(name, found.low)} … {_number(name, found.high)}]"


def _number(name: str, value: float) -> str:
    if name in SHARES:
        return f"{value:.1%}"
    return f"{value:.2f}" if "_over_" in name else f"{value:.1f}"


def format_json(
    scenario: str, *, rho: float, history: int, days: Days, figures: Mapping[str, Mapping[str, Figure]]
) -> str:
    """Return all figures with their intervals, and the values of each day by seed from 1; null when unknown."""
    document = {
        "scenario": scenario,
        "rho": rho,
        "history_days": history,
        "policies": {
            policy: {name: _with_interval(f) for name, f in named.items()} for policy, named in figures.items()
        },
        "days": {policy: [_values(day) for day in by_day] for policy, by_day in days.items()},
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _with_interval(found: Figure) -> dict[str, float | None]:
    return {"value": _finite(found.value), "low": _finite(found.low), "high": _finite(found.high)}


def _values(day: Mapping[str, Ratio]) -> dict[str, float | None]:
    return {
        name: _finite(ratio.numerator / ratio.denominator) if ratio.denominator else None for name, ratio in day.items()
    }


def _finite(value: float) -> float | None:
    return None if isnan(value) else value
