"""The twin agrees with Ciw, an independent queueing library, on the same visitors, classes and serving times."""

from __future__ import annotations

import math
from itertools import accumulate, pairwise
from random import Random
from statistics import fmean

import ciw
import pytest
from one_hall import alike, visitors, waits

VISITORS = 4000
ENDLESS = 1e9


def ciw_waits(arrivals: list[float], work: list[float], first: list[bool], *, windows: int) -> dict[bool, list[float]]:
    """Return the waits of each class, by arrival, as Ciw has them."""

    def each(values: list[float], *, priority: bool) -> list[float]:
        return [value for value, is_first in zip(values, first, strict=True) if is_first is priority]

    def gaps(*, priority: bool) -> list[float]:
        return [b - a for a, b in pairwise([0.0, *each(arrivals, priority=priority)])]

    names = {"protected": True, "other": False}
    network = ciw.create_network(
        arrival_distributions={n: [ciw.dists.Sequential([*gaps(priority=p), ENDLESS])] for n, p in names.items()},
        service_distributions={n: [ciw.dists.Sequential(each(work, priority=p))] for n, p in names.items()},
        priority_classes={"protected": 0, "other": 1},
        number_of_servers=[windows],
    )
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_customers(len(arrivals), method="Finish")
    records = sorted(simulation.get_all_records(), key=lambda r: r.arrival_date)
    return {p: [r.waiting_time for r in records if r.customer_class == n] for n, p in names.items()}


@pytest.mark.parametrize("protected", [0.0, 0.2])
def test_visitors_with_lognormal_visits_wait_as_in_ciw_class_by_class(protected: float) -> None:
    chance, windows, cv = Random(3), 4, 0.8
    spread = math.sqrt(math.log1p(cv**2))
    arrivals = list(accumulate(chance.expovariate(windows * 0.88 / 8) for _ in range(VISITORS)))
    work = [8 * chance.lognormvariate(-(spread**2) / 2, spread) for _ in range(VISITORS)]
    first = [n == 0 or chance.random() < protected for n in range(VISITORS)]
    theirs = ciw_waits(arrivals, work, first, windows=windows)
    ours = waits(alike(windows), visitors(arrivals, work, first))
    for priority in (True, False):
        own = [wait for wait, is_first in zip(ours, first, strict=True) if is_first is priority]
        assert fmean(own) == pytest.approx(fmean(theirs[priority]), rel=0.02)
        assert own[:1000] == pytest.approx(theirs[priority][:1000], abs=1e-6)
