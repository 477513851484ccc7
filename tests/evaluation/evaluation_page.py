"""The page of an evaluation: every figure beside what is asked of it."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from math import nan

from against_theory import Held
from targets import Figures, ratio_table

from server.simulation.engine.simulated_forecasts import SAMPLES
from server.simulation.results.report import format_figure

RHO = 0.85
"""Of all tables but the first."""
STEPS = (
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
BESIDE = (
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
Each figure is of the same days for every policy: what chance decides of a visitor is drawn before the day begins. In
brackets its 95 % interval over the days, paired. ✓ reached, ✓✓ the stretch figure too (it stands in parentheses).

* **status_quo**: each window its own services, each site alone, first come first served after protected visitors.
* **pooled**: windows take all they are certified for.
* **balanced**: pooled, urgency near the limits (`docs/adr/0012`), offers of other sites that visitors may decline.
* **dedicated_offers**: each window its own services; managers accept the county's advice; offers.
* **bound**: all sites one hall, no travel: nothing that must move people can do better.

The halls run `server/domain` unchanged. They have learned on ten days before (except on "day one"); promises are made
from {samples} courses. *Floor* is the same predictor told the true serving times. The quote for staying is P50 here,
the quote for going the longer of the travel and P80 there; the aims were set with P65, the shorter quote. Whether a
promise holds is asked of those who stayed and were promised more than "at once".
"""


def page(
    *,
    command: str,
    seeds: int,
    by_rho: Mapping[float, Figures],
    day_one: Mapping[float, Figures],
    beside: Mapping[str, Figures],
    held: Sequence[Held],
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
        *_beside({"ordinary weekday": by_rho[RHO], **beside}),
        "",
        *_judgements(by_rho[RHO], beside),
        "",
        "## Held against theory",
        "",
        *_theory(held),
    ]
    return "\n".join(lines) + "\n"


def _steps(figures: Figures) -> list[str]:
    rows = ["| | " + " | ".join(figures) + " |", "|---" * (len(figures) + 1) + "|"]
    return rows + [
        f"| {name} | " + " | ".join(format_figure(name, told.get(name)) for told in figures.values()) + " |"
        for name in STEPS
    ]


def _beside(days: Mapping[str, Figures]) -> list[str]:
    rows = ["| | " + " | ".join(BESIDE) + " |", "|---" * (len(BESIDE) + 1) + "|"]
    return rows + [
        f"| {day} | " + " | ".join(format_figure(name, told["balanced"].get(name)) for name in BESIDE) + " |"
        for day, told in days.items()
    ]


def _judgements(ordinary: Figures, beside: Mapping[str, Figures]) -> list[str]:
    """Return what is asked of these days, and whether it is so."""
    names = list(beside)
    twins, far = (beside[name] for name in names[:2])
    twins_worse = _tick(_value(twins, "sent_worse_off") <= TWINS_WORSE_AT_MOST)
    closed = _value(ordinary, "gap_closed")
    told = [
        f"* Twins: {TWINS_WORSE_AT_MOST:.0%} or less of those sent are called later than quoted here: {twins_worse}.",
        f"* Where branches are far, never worse than pooled: {_tick(_value(far, 'mean_over_pooled') <= 1)}.",
    ]
    for name in names[2:]:
        points = (_value(beside[name], "gap_closed") - closed) * 100
        told.append(f"* {name}: gap closed {points:+.1f} points against the ordinary day (5): {_tick(points >= -5)}.")
    return told


def _value(told: Figures, name: str) -> float:
    figure = told["balanced"].get(name)
    return nan if figure is None else figure.value


def _theory(held: Sequence[Held]) -> list[str]:
    told = [
        "| windows | ρ | visitors | the twin, min | Erlang C at the drawn rates, min | the twin ÷ Erlang C |",
        "|---" * 6 + "|",
    ]
    told += [
        f"| {h.windows} | {h.rho} | {h.visitors:,} | {h.ours_min:.3f} | {h.erlang_min:.3f} | "
        f"{h.ratio.value:.3f} [{h.ratio.low:.3f} … {h.ratio.high:.3f}] {_tick(abs(h.ratio.value - 1) <= 0.02)} |"
        for h in held
    ]
    return [
        *told,
        "",
        "With Ciw, on the same visitors, every single wait is the same (`tests/simulation/test_against_ciw.py`).",
    ]


def _tick(reached: bool) -> str:  # noqa: FBT001 - it is the whole question
    return "✓" if reached else "✗"
