"""Online calibration of promises, so that an 80 % quantile holds for 80 of 100 visitors (adaptive conformal inference:
Gibbs and Candès 2021).

A level that earlier promises missed too often is stretched, one that was missed too seldom is shrunk, by a small step
for each of the latest outcomes. The correction depends on those alone, so it is the same after a restart.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from server.domain.model.learned import Missed

LEVELS = (0.5, 0.8, 0.9)
"""Quantile levels of a forecast, as probabilities."""
STEP = 0.01
"""Step of the correction, in the logarithm of the factor, for one missed promise or for the hits that balance it."""
LOG_FACTOR_MAX = 0.7
"""Bound of the logarithm of a factor: no level is stretched or shrunk by more than a factor of two."""
THIN_BELOW = 50
"""Number of outcomes below which nothing is corrected."""

Factors = tuple[float, float, float]
"""Factors by which the quantiles at ``LEVELS`` are multiplied."""
UNCORRECTED: Factors = (1.0, 1.0, 1.0)


def correction_factors(outcomes: Sequence[Missed]) -> Factors:
    """Return the factors for sampled quantiles that make each level come true as often as it states."""
    if len(outcomes) < THIN_BELOW:
        return UNCORRECTED
    p50 = _log_factor(0.5, sum(o.p50 for o in outcomes), len(outcomes))
    p80 = _log_factor(0.8, sum(o.p80 for o in outcomes), len(outcomes))
    p90 = _log_factor(0.9, sum(o.p90 for o in outcomes), len(outcomes))
    return (math.exp(p50), math.exp(p80), math.exp(p90))


def _log_factor(level: float, missed: int, count: int) -> float:
    """Return the logarithm of a level's factor, proportional to the excess of misses over the expected number."""
    return min(max(STEP * (missed - (1 - level) * count), -LOG_FACTOR_MAX), LOG_FACTOR_MAX)
