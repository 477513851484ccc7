"""Corrects promises by what became of earlier ones, so that P80 holds for 80 of 100 (adaptive conformal inference:
Gibbs and Candès 2021).

A level that was missed too often is raised, one that was missed too seldom is lowered: its normal score moves by a
small step for each promise of the last thousand. Everything follows from those, so it is the same after a restart.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from statistics import NormalDist

from server.domain.learned import Missed

LEVELS = (0.5, 0.65, 0.8, 0.9)
"""Of the quantiles a forecast tells. The second is only used for offers, and moves between its neighbours."""
STEP = 0.01
"""How far one missed promise moves a normal score."""
FURTHEST = 1.0
"""No score moves further."""
THIN_BELOW = 50
"""Nothing is corrected before there are so many outcomes."""

Levels = tuple[float, float, float, float]

_NORMAL = NormalDist()


@lru_cache(maxsize=64)
def levels(outcomes: Sequence[Missed]) -> Levels:
    """Return the levels at which the sampled quantiles are read, so that they come true at ``LEVELS``."""
    if len(outcomes) < THIN_BELOW:
        return LEVELS
    p50 = _moved(0.5, sum(o.p50 for o in outcomes), len(outcomes))
    p80 = _moved(0.8, sum(o.p80 for o in outcomes), len(outcomes))
    p90 = _moved(0.9, sum(o.p90 for o in outcomes), len(outcomes))
    return (p50, (p50 + p80) / 2, p80, p90)


def _moved(level: float, missed: int, count: int) -> float:
    """Return a level moved by how much more often it was missed than it should be."""
    moved = STEP * (missed - (1 - level) * count)
    return _NORMAL.cdf(_NORMAL.inv_cdf(level) + min(max(moved, -FURTHEST), FURTHEST))
