"""The page of an evaluation: every figure with its target."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from math import nan

from against_theory import ErlangComparison
from targets import Figures, ratio_table

from server.simulation.engine.simulated_forecasts import SAMPLES
from server.simulation.results.report import format_figure

RHO = 0.85
"""Utilisation of all tables but the first."""
STEP_FIGURES = (
    "mean_min",
    "p90_min",
    "p95_min",
    "longest_min",
    "within_30_min",
    "within_limits",
    "overtime_min",
    "priority_mean_min",
    "worst_service_p90_min",
    "sent_share",
    "sent_worse_off",
    "sent_promise_missed",
    "promise_mae_min",
    "promise_mae_over_floor",
    "p50_holds",
    "p80_holds",
    "p90_holds",
    "changes",
    "mean_over_status_quo",
    "gap_closed",
)
OTHER_DAY_FIGURES = (
    "mean_over_status_quo",
    "mean_over_pooled",
    "gap_closed",
    "worst_service_p90_over_pooled",
    "sent_share",
    "sent_worse_off",
    "sent_promise_missed",
    "promise_mae_over_floor",
    "p80_holds",
    "p90_holds",
)
TWINS_WORSE_AT_MOST = 0.09
HOW = """\
Each figure is of the same days for every policy: a visitor's random numbers are drawn before the day begins. In
brackets its 95 % interval over the days, paired. ✓ reached, ✓✓ the stretch target too (in parentheses).

* **status_quo**: each window its own services, each site alone, first come first served after protected visitors.
* **pooled**: windows take all they are certified for.
* **balanced**: pooled, urgency near the limits (`docs/adr/0012-whom-a-window-calls.md`), offers of other sites that
  visitors may decline.
* **dedicated_offers**: each window its own services; managers accept the county's advice; offers.
* **bound**: all sites one hall, no travel: nothing that must move people can do better.

The halls run `server/domain` unchanged. They have learned on ten days before (except on "day one"); promises are made
from {samples} simulation runs. *Floor* is the same predictor with the true serving times. The quote for staying is P50
here, the quote for going the longer of the travel and P80 there; the targets were set with P65, the shorter quote.
Coverage of promises is measured on those who stayed and were promised more than "at once".
"""


def page(
    *,
    command: str,
    seeds: int,
    by_rho: Mapping[float, Figures],
    day_one: Mapping[float, Figures],
    other_days: Mapping[str, Figures],
    theory: Sequence[ErlangComparison],
) -> str:
    machine = f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    days = f"{seeds} days (seeds 1 to {seeds}; day one: {max(1, seeds // 3)}) of `demo/scenarios/county_weekday.json`"
    lines = [
        "# What balancing does",
        "",
        f"`{command}` on {datetime.now(UTC):%Y-%m-%d}: {days}; {machine}.",
        "",
        HOW.format(samples=SAMPLES),
        "## Targets",
        "",
        *ratio_table(by_rho, day_one),
        "",
        f"## What each step buys (ρ = {RHO})",
        "",
        *_steps(by_rho[RHO]),
        "",
        f"## Other days and other counties (balanced, ρ = {RHO})",
        "",
        *_other_days({"ordinary weekday": by_rho[RHO], **other_days}),
        "",
        *_verdicts(by_rho[RHO], other_days),
        "",
        "## Comparison with theory",
        "",
        *_theory(theory),
    ]
    return "\n".join(lines) + "\n"


def _steps(figures: Figures) -> list[str]:
    rows = ["| | " + " | ".join(figures) + " |", "|---" * (len(figures) + 1) + "|"]
    return rows + [
        f"| {name} | " + " | ".join(format_figure(name, named.get(name)) for named in figures.values()) + " |"
        for name in STEP_FIGURES
    ]


def _other_days(days: Mapping[str, Figures]) -> list[str]:
    rows = ["| | " + " | ".join(OTHER_DAY_FIGURES) + " |", "|---" * (len(OTHER_DAY_FIGURES) + 1) + "|"]
    return rows + [
        f"| {day} | "
        + " | ".join(format_figure(name, named["balanced"].get(name)) for name in OTHER_DAY_FIGURES)
        + " |"
        for day, named in days.items()
    ]


def _verdicts(ordinary: Figures, other_days: Mapping[str, Figures]) -> list[str]:
    """Return the targets of these days, and whether they are reached."""
    names = list(other_days)
    twins, far = (other_days[name] for name in names[:2])
    twins_worse = _tick(_value(twins, "sent_worse_off") <= TWINS_WORSE_AT_MOST)
    closed = _value(ordinary, "gap_closed")
    most = f"{TWINS_WORSE_AT_MOST:.0%}"
    lines = [
        f"* Twins: {most} or less of those referred are called later than quoted here: {twins_worse}.",
        f"* Where branches are far, never worse than pooled: {_tick(_value(far, 'mean_over_pooled') <= 1)}.",
    ]
    for name in names[2:]:
        points = (_value(other_days[name], "gap_closed") - closed) * 100
        lines.append(f"* {name}: gap closed {points:+.1f} points against the ordinary day (5): {_tick(points >= -5)}.")
    return lines


def _value(figures: Figures, name: str) -> float:
    found = figures["balanced"].get(name)
    return nan if found is None else found.value


def _theory(theory: Sequence[ErlangComparison]) -> list[str]:
    lines = [
        "| windows | ρ | visitors | the twin, min | Erlang C at the drawn rates, min | the twin ÷ Erlang C |",
        "|---" * 6 + "|",
    ]
    lines += [
        f"| {h.windows} | {h.rho} | {h.visitors:,} | {h.ours_min:.3f} | {h.erlang_min:.3f} | "
        f"{h.ratio.value:.3f} [{h.ratio.low:.3f} … {h.ratio.high:.3f}] {_tick(abs(h.ratio.value - 1) <= 0.02)} |"
        for h in theory
    ]
    return [
        *lines,
        "",
        "With Ciw, on the same visitors, every single wait is the same (`tests/simulation/test_against_ciw.py`).",
    ]


def _tick(reached: bool) -> str:  # noqa: FBT001 - the only argument
    return "✓" if reached else "✗"
