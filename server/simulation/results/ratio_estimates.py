"""Ratio estimates over several days, each with a 95 % confidence interval.

Every figure is a ratio of two sums over the days: minutes over visitors, visitors over visitors, one policy's minutes
over another's. Its interval is that of a ratio estimate over paired days (Cochran, Sampling Techniques, 6.3): common
random numbers correlate numerator and denominator, which narrows it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum, nan, sqrt
from statistics import NormalDist

_Z = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True, slots=True)
class Ratio:
    """One day's contribution to a figure: the terms of the two sums."""

    numerator: float
    denominator: float = 1.0


@dataclass(frozen=True, slots=True)
class Figure:
    """An estimate and its 95 % interval; NaN when no day contributes, an interval of NaN for a single day."""

    value: float
    low: float = nan
    high: float = nan


def estimate_ratio(days: Sequence[Ratio]) -> Figure:
    """Return the ratio of the sums with its interval."""
    total = sum(d.denominator for d in days)
    if not total:
        return Figure(nan)
    value = sum(d.numerator for d in days) / total
    if len(days) < 2:
        return Figure(value)
    squares = sum((d.numerator - value * d.denominator) ** 2 for d in days)
    error = sqrt(squares / (len(days) * (len(days) - 1))) / (total / len(days))
    half = student_quantile(len(days) - 1) * error
    return Figure(value, value - half, value + half)


def student_quantile(freedom: int) -> float:
    """Return the 97.5 % quantile of Student's t by its asymptotic expansion (Abramowitz and Stegun 26.7.5).

    The error is below 1 % from 4 degrees of freedom on; below that the quantile is a little too small.
    """
    z = _Z
    terms = (
        z,
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
    )
    return fsum(term / freedom**power for power, term in enumerate(terms))


def ratios_of(figures: Sequence[Ratio], others: Sequence[Ratio]) -> list[Ratio]:
    """Return, by day, one figure over another."""
    return [Ratio(_value(a), _value(b)) for a, b in zip(figures, others, strict=True)]


def gap_closed(quo: Sequence[Ratio], policy: Sequence[Ratio], bound: Sequence[Ratio]) -> list[Ratio]:
    """Return, by day, the share of the gap between status quo and bound that a policy closes."""
    days = zip(quo, policy, bound, strict=True)
    return [Ratio(_value(q) - _value(p), _value(q) - _value(b)) for q, p, b in days]


def _value(part: Ratio) -> float:
    return part.numerator / part.denominator if part.denominator else nan
