"""Corrects promises by what became of earlier ones, so that P80 holds for 80 of 100 (adaptive conformal inference:
Gibbs and Candès 2021).

A level that was missed too often is stretched, one that was missed too seldom is drawn in: a small step for each of the
latest promises. Everything follows from those, so it is the same after a restart.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from server.domain.model.learned import Missed

LEVELS = (0.5, 0.8, 0.9)
"""Of the quantiles a forecast tells."""
STEP = 0.01
"""By how much one missed promise stretches its level, and the hits that make up for it draw it in."""
FURTHEST = 0.7
"""No level is stretched or drawn in by more than a factor of two."""
THIN_BELOW = 50
"""Nothing is corrected before there are so many outcomes."""

Factors = tuple[float, float, float]
"""What the quantiles at ``LEVELS`` are multiplied by."""
UNCORRECTED: Factors = (1.0, 1.0, 1.0)


def correction_factors(outcomes: Sequence[Missed]) -> Factors:
    """Return what sampled quantiles are to be multiplied by, so that they come true as often as they say."""
    if len(outcomes) < THIN_BELOW:
        return UNCORRECTED
    p50 = _stretch(0.5, sum(o.p50 for o in outcomes), len(outcomes))
    p80 = _stretch(0.8, sum(o.p80 for o in outcomes), len(outcomes))
    p90 = _stretch(0.9, sum(o.p90 for o in outcomes), len(outcomes))
    return (math.exp(p50), math.exp(p80), math.exp(p90))


def _stretch(level: float, missed: int, count: int) -> float:
    """Return the logarithm of a level's factor: by how much more often it was missed than it should be."""
    return min(max(STEP * (missed - (1 - level) * count), -FURTHEST), FURTHEST)
