"""Figures over several days, each with a 95 % interval.

Every figure is a ratio of two sums over the days: minutes over visitors, visitors over visitors, one policy's minutes
over another's. Its interval is that of a ratio estimate over paired days (Cochran, Sampling Techniques, 6.3): common
random numbers make numerator and denominator rise and fall together, and that narrows it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum, nan, sqrt
from statistics import NormalDist

_Z = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True, slots=True)
class Ratio:
    """One day's contribution to a figure."""

    above: float
    below: float = 1.0


@dataclass(frozen=True, slots=True)
class Figure:
    """A value and its 95 % interval; not a number when no day said anything, without interval for a single day."""

    value: float
    low: float = nan
    high: float = nan


def figure(days: Sequence[Ratio]) -> Figure:
    """Return the ratio of the sums."""
    below = sum(d.below for d in days)
    if not below:
        return Figure(nan)
    value = sum(d.above for d in days) / below
    if len(days) < 2:
        return Figure(value)
    squares = sum((d.above - value * d.below) ** 2 for d in days)
    error = sqrt(squares / (len(days) * (len(days) - 1))) / (below / len(days))
    half = student_quantile(len(days) - 1) * error
    return Figure(value, value - half, value + half)


def student_quantile(freedom: int) -> float:
    """Return the 97.5 % quantile of Student's t by its expansion (Abramowitz and Stegun 26.7.5).

    Within 1 % from 4 degrees of freedom on; below that a little too small.
    """
    z = _Z
    terms = (
        z,
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
    )
    return fsum(term / freedom**power for power, term in enumerate(terms))


def ratios_of(above: Sequence[Ratio], below: Sequence[Ratio]) -> list[Ratio]:
    """Return one figure over another of the same days."""
    return [Ratio(_value(a), _value(b)) for a, b in zip(above, below, strict=True)]


def gap_closed(quo: Sequence[Ratio], policy: Sequence[Ratio], bound: Sequence[Ratio]) -> list[Ratio]:
    """Return which part of the way from the status quo to the bound a policy goes."""
    days = zip(quo, policy, bound, strict=True)
    return [Ratio(_value(q) - _value(p), _value(q) - _value(b)) for q, p, b in days]


def _value(part: Ratio) -> float:
    return part.above / part.below if part.below else nan
