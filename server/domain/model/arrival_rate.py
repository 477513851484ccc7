"""Arrival rates of services, exponentially weighted with a time constant of one hour, and shrunk while they are few.

A rate that is measured from one or two arrivals says little: one elderly visitor in a quarter of an hour is no stream
of elderly visitors who go before everybody. So each estimate is a posterior mean (empirical Bayes):

* the rate of a service has a Gamma prior with the average of the hall's services as its mean, and a small shape: some
  services have far more visitors than others;
* the protected share of a service has a Beta prior around that of the whole hall, which in turn has one around
  ``PROTECTED_PRIOR``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from protocol.journal import Moment
from protocol.vocabulary import ServiceId

MEMORY_S = 3600.0
RATE_SHAPE = 0.5
"""Shape of the Gamma prior of a service's rate, arrivals."""
PROTECTED_PRIOR = (2.0, 40.0)
"""Prior of the hall's protected share: one of twenty visitors, with the weight of forty arrivals."""
SHARE_WEIGHT = 40.0
"""Weight of the hall's protected share in that of one service, arrivals."""


class ExpectedArrivals(NamedTuple):
    """Expected arrivals of a service per second."""

    ordinary: float
    protected: float


@dataclass(frozen=True, slots=True)
class ArrivalRate:
    """Exponentially decayed sum of arrivals at a moment."""

    weight: float
    protected: float
    """Part of the sum that visitors of protected classes contribute."""
    at: Moment

    def faded(self, at: Moment) -> tuple[float, float]:
        """Return the sum at a later moment, all and protected."""
        factor = math.exp(-at.since(self.at) / MEMORY_S)
        return (self.weight * factor, self.protected * factor)


def after_arrival(flow: ArrivalRate | None, *, protected: bool, at: Moment) -> ArrivalRate:
    """Return the rate after one more arrival at ``at``."""
    everybody, protected_before = flow.faded(at) if flow else (0.0, 0.0)
    return ArrivalRate(everybody + 1, protected_before + protected, at)


def expected_arrivals(
    measured: Mapping[ServiceId, ArrivalRate], *, services: int, began: Moment, at: Moment
) -> dict[ServiceId, ExpectedArrivals]:
    """Return the estimated arrivals of each service measured since the day began, of so many that the hall has."""
    exposure_s = MEMORY_S * (1 - math.exp(-_age_s(began, at) / MEMORY_S))
    sums = {service: flow.faded(at) for service, flow in measured.items()}
    everybody, protected = (sum(part) for part in zip((0.0, 0.0), *sums.values(), strict=True))
    usual = max(everybody, 1.0) / (exposure_s * services)
    prior, weight = PROTECTED_PRIOR
    share = (protected + prior) / (everybody + weight)
    return {
        service: _posterior(*found, exposure_s=exposure_s, usual=usual, share=share) for service, found in sums.items()
    }


def _posterior(
    everybody: float, protected: float, *, exposure_s: float, usual: float, share: float
) -> ExpectedArrivals:
    rate = (everybody + RATE_SHAPE) / (exposure_s + RATE_SHAPE / usual)
    of_service = (protected + share * SHARE_WEIGHT) / (everybody + SHARE_WEIGHT)
    return ExpectedArrivals(ordinary=rate * (1 - of_service), protected=rate * of_service)


def _age_s(began: Moment, at: Moment) -> float:
    """Return the age of the day, seconds; at least half an hour: the opening crowd distorts the rate."""
    return max(at.since(began), 1800.0)
