"""Erlang's formula of 1917 for the wait in a queue with exponential gaps and visits (M/M/c)."""

from __future__ import annotations

from math import factorial


def mean_wait(*, windows: int, rho: float, mean_min: float) -> float:
    """Return the mean minutes from arrival to call."""
    load = windows * rho
    below = sum(load**n / factorial(n) for n in range(windows))
    waits = load**windows / factorial(windows) / (1 - rho)
    return waits / (below + waits) * mean_min / (windows * (1 - rho))
