"""Exponentially weighted arrival rate of a service, with a time constant of one hour."""

from __future__ import annotations

import math
from dataclasses import dataclass

from protocol.journal import Moment

MEMORY_S = 3600.0


@dataclass(frozen=True, slots=True)
class ArrivalRate:
    """Exponentially decayed sum of arrivals at a moment."""

    weight: float
    protected: float
    """Part of the sum that visitors of protected classes contribute."""
    at: Moment

    def rates(self, *, began: Moment, at: Moment) -> tuple[float, float]:
        """Return arrivals per second, ordinary and protected, as measured since the day began."""
        faded = math.exp(-at.since(self.at) / MEMORY_S) / (MEMORY_S * (1 - math.exp(-_age_s(began, at) / MEMORY_S)))
        return ((self.weight - self.protected) * faded, self.protected * faded)


def after_arrival(flow: ArrivalRate | None, *, protected: bool, at: Moment) -> ArrivalRate:
    """Return the rate after one more arrival at ``at``."""
    faded = math.exp(-at.since(flow.at) / MEMORY_S) if flow else 0.0
    before = (flow.weight * faded, flow.protected * faded) if flow else (0.0, 0.0)
    return ArrivalRate(before[0] + 1, before[1] + protected, at)


def _age_s(began: Moment, at: Moment) -> float:
    """Return the age of the day, seconds; at least a quarter of an hour: the opening crowd distorts the rate."""
    return max(at.since(began), 900.0)
