"""Exponentially weighted arrival rate of a service, with a time constant of one hour."""

from __future__ import annotations

import math
from dataclasses import dataclass

from protocol.journal import Moment

MEMORY_S = 3600.0


@dataclass(frozen=True, slots=True)
class ArrivalRate:
    """The weights of those who came, faded to a moment."""

    weight: float
    protected: float
    """The part of it that is visitors of protected classes."""
    at: Moment

    def rates(self, *, began: Moment, at: Moment) -> tuple[float, float]:
        """Return how many come in a second, ordinary and protected, as counted since the day began."""
        faded = math.exp(-at.since(self.at) / MEMORY_S) / (MEMORY_S * (1 - math.exp(-_age_s(began, at) / MEMORY_S)))
        return ((self.weight - self.protected) * faded, self.protected * faded)


def after_arrival(flow: ArrivalRate | None, *, protected: bool, at: Moment) -> ArrivalRate:
    """Return the flow with a visitor who came now."""
    faded = math.exp(-at.since(flow.at) / MEMORY_S) if flow else 0.0
    before = (flow.weight * faded, flow.protected * faded) if flow else (0.0, 0.0)
    return ArrivalRate(before[0] + 1, before[1] + protected, at)


def _age_s(began: Moment, at: Moment) -> float:
    """Return the age of the day; its first minutes are taken for a quarter of an hour, for then a crowd was waiting."""
    return max(at.since(began), 900.0)
