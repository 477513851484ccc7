"""The targets of the twin's figures, and the lines of their table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf

from server.simulation.results.ratio_estimates import Figure
from server.simulation.results.report import SHARES, format_figure

RHOS = (0.75, 0.85, 0.95)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The target of one figure of a policy, for each utilisation of ``RHOS``."""

    label: str
    figure: str
    policy: str = "balanced"
    at_most: Sequence[float]
    at_least: float = -inf
    stretch: Sequence[float] = ()
    history: bool = True
    """False: on day one, when the halls know only their settings."""


REFERRED_WORSE_OFF = Target(
    label="called later than the quote for staying, of those referred",
    figure="sent_worse_off",
    at_most=(0.03, 0.03, 0.03),
)
TARGETS = (
    Target(
        label="mean ÷ status quo",
        figure="mean_over_status_quo",
        at_most=(0.33, 0.47, 0.61),
        stretch=(0.29, 0.41, 0.52),
    ),
    Target(label="mean ÷ bound", figure="mean_over_bound", at_most=(2.4, 1.6, 1.2), stretch=(inf, 1.38, 1.04)),
    Target(label="P90 ÷ status quo", figure="p90_over_status_quo", at_most=(0.30, 0.38, 0.47)),
    Target(
        label="called more than 10 min after the quote, of those referred",
        figure="sent_promise_missed",
        at_most=(0.05, 0.08, 0.12),
    ),
    REFERRED_WORSE_OFF,
    Target(label="promise MAE ÷ floor, after 10 days", figure="promise_mae_over_floor", at_most=(1.10, 1.10, 1.10)),
    Target(
        label="promise MAE ÷ floor, day one",
        figure="promise_mae_over_floor",
        at_most=(1.25, 1.25, 1.25),
        history=False,
    ),
    Target(label="P80 holds", figure="p80_holds", at_most=(0.83, 0.83, 0.83), at_least=0.77),
    Target(label="P90 holds", figure="p90_holds", at_most=(0.93, 0.93, 0.93), at_least=0.87),
    Target(label="worst service's P90 ÷ pooled", figure="worst_service_p90_over_pooled", at_most=(1.10, 1.10, 1.10)),
    Target(
        label="dedicated windows, advice and offers: mean ÷ status quo",
        figure="mean_over_status_quo",
        policy="dedicated_offers",
        at_most=(0.56, 0.61, 0.66),
    ),
)

Figures = Mapping[str, Mapping[str, Figure]]


def ratio_table(by_rho: Mapping[float, Figures], day_one: Mapping[float, Figures]) -> list[str]:
    """Return the table of all targets: the aim, the figure, and whether it is reached."""
    head = "| | " + " | ".join(f"ρ {rho:.2f}" for rho in RHOS) + " |"
    return [head, "|---" * (len(RHOS) + 1) + "|", *(_line(t, by_rho if t.history else day_one) for t in TARGETS)]


def _line(target: Target, by_rho: Mapping[float, Figures]) -> str:
    cells = [
        f"{_aim(target, place)}: {verdict(target, place, by_rho[rho][target.policy].get(target.figure))}"
        for place, rho in enumerate(RHOS)
    ]
    return f"| {target.label} | {' | '.join(cells)} |"


def verdict(target: Target, place: int, found: Figure | None) -> str:
    """Return a figure with its interval and a tick, two for the stretch target, or a cross."""
    if found is None:
        return "– ✗"
    if not target.at_least <= found.value <= target.at_most[place]:
        return f"**{format_figure(target.figure, found)}** ✗"
    further = bool(target.stretch) and found.value <= target.stretch[place] < inf
    return f"**{format_figure(target.figure, found)}** {'✓✓' if further else '✓'}"


def _aim(target: Target, place: int) -> str:
    most = _number(target, target.at_most[place])
    if target.at_least > -inf:
        return f"{_number(target, target.at_least)} to {most}"
    stretch = target.stretch[place] if target.stretch else inf
    return f"≤ {most}" + (f" ({_number(target, stretch)})" if stretch < inf else "")


def _number(target: Target, value: float) -> str:
    return f"{value:.0%}" if target.figure in SHARES else f"{value:.2f}"
