"""Calibration of a day's promises: the promised range on paper against the wait to the first call.

A promise whose median is under half a minute means "at once": it counts among the promises and their errors, but not
for the coverage of the quantiles, where a wait of zero means nothing. A visitor never called has no outcome yet.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import fmean

from sqlalchemy import RowMapping

from server.domain.model.learned import LATE_MIN, SHORTEST_JUDGED_MIN


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseFigures:
    """Figures of a day's promises; None where there is nothing to measure."""

    checked: int
    """Number of promises with an outcome."""
    waits: int
    """Number of those that promise a wait."""
    p50_held: float | None = None
    """Coverage: share of those whose visitor was called within the promised P50; likewise below."""
    p80_held: float | None = None
    p90_held: float | None = None
    error_mean_min: float | None = None
    """Mean absolute difference between the wait and the promised median, minutes."""
    late: int = 0
    """Number of calls more than ten minutes after the end of the promised range."""


def promise_figures(issued: Iterable[RowMapping]) -> PromiseFigures:
    """Return the figures of the promises among these tickets."""
    checked = [r for r in issued if r["promise_p50_min"] is not None and r["first_wait_s"] is not None]
    waits = [r for r in checked if r["promise_p50_min"] >= SHORTEST_JUDGED_MIN]
    return PromiseFigures(
        checked=len(checked),
        waits=len(waits),
        p50_held=_held(waits, "promise_p50_min"),
        p80_held=_held(waits, "promise_p80_min"),
        p90_held=_held(waits, "promise_p90_min"),
        error_mean_min=fmean(abs(r["first_wait_s"] / 60 - r["promise_p50_min"]) for r in checked) if checked else None,
        late=sum(r["first_wait_s"] / 60 > r["promise_high_min"] + LATE_MIN for r in checked),
    )


def _held(waits: list[RowMapping], level: str) -> float | None:
    return fmean(row["first_wait_s"] / 60 <= row[level] for row in waits) if waits else None
