"""The twin agrees with queueing theory: Erlang C, and the recursion of Kiefer and Wolfowitz.

A queue of three windows needs hundreds of thousands of visitors before its mean wait is known to 2 %. The recursion is
fast enough for that; the twin is compared with the recursion visitor by visitor. ``make evaluate`` runs the twin itself
that long.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from itertools import accumulate
from random import Random
from statistics import fmean

import pytest
from erlang_c import mean_wait
from one_hall import alike, visitors, waits

MEAN_MIN = 8.0


def exponential(chance: Random, count: int, *, windows: int, rho: float) -> tuple[list[float], list[float]]:
    gaps = [chance.expovariate(rho * windows / MEAN_MIN) for _ in range(count)]
    return list(accumulate(gaps)), [chance.expovariate(1 / MEAN_MIN) for _ in range(count)]


def recursion(arrivals: list[float], work: list[float], *, windows: int) -> Iterator[float]:
    free = [0.0] * windows
    for arrives, minutes in zip(arrivals, work, strict=True):
        begins = max(arrives, heapq.heappop(free))
        heapq.heappush(free, begins + minutes)
        yield begins - arrives


@pytest.mark.parametrize(("windows", "rho"), [(1, 0.7), (3, 0.85), (6, 0.9)])
def test_each_visitor_waits_as_by_the_recursion(windows: int, rho: float) -> None:
    arrivals, work = exponential(Random(7), 2500, windows=windows, rho=rho)
    expected = list(recursion(arrivals, work, windows=windows))
    assert waits(alike(windows), visitors(arrivals, work)) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(("windows", "rho"), [(1, 0.5), (3, 0.7), (6, 0.75)])
def test_the_recursion_waits_as_by_erlang_c(windows: int, rho: float) -> None:
    arrivals, work = exponential(Random(20), 600_000, windows=windows, rho=rho)
    expected = mean_wait(windows=windows, rho=rho, mean_min=MEAN_MIN)
    assert fmean(recursion(arrivals, work, windows=windows)) == pytest.approx(expected, rel=0.02)
