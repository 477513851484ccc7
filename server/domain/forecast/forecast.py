"""Forecast of everybody's wait by Monte Carlo: many simulation runs of the hall, each under its own queue discipline.

The quantiles over all runs are the promise. They are calibrated by the outcomes of earlier promises
(``calibration``). The same hall, moment and seed give the same forecast, digit by digit.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from statistics import median_low
from typing import NamedTuple

from protocol.vocabulary import ServiceId, TicketId
from server.domain.forecast.calibration import LEVELS, Factors
from server.domain.forecast.queue_simulation import QueueSimulation
from server.domain.forecast.simulation_input import WALK_S, SimulationInput

SAMPLES = 100
"""Simulation runs of one forecast; they fix a P90 to a few per cent of the spread."""


class Quantiles(NamedTuple):
    """Quantiles of a wait, in minutes from now: half of all visitors are called within ``p50_min``, and so on."""

    p50_min: float
    p80_min: float
    p90_min: float


class WindowPace(NamedTuple):
    """How the windows that take a service call, for the time until the next forecast."""

    free: int
    """Number of windows without a visitor."""
    interval_min: float
    """Mean interval between two of their calls while visitors wait, minutes."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """The waits of a site. None means "unknown", or that no window takes the service."""

    services: Mapping[ServiceId, Quantiles | None] = field(default_factory=dict)
    """Wait of a ticket issued now without priority, by service."""
    protected: Mapping[ServiceId, Quantiles | None] = field(default_factory=dict)
    """Wait of a ticket issued now in the site's last protected class, by service."""
    tickets: Mapping[TicketId, Quantiles] = field(default_factory=dict)
    """Remaining wait of each ticket that waits or travels, as far as it is known."""
    ahead: Mapping[ServiceId, int] = field(default_factory=dict)
    """Of those who wait, how many are called before a ticket issued now without priority, at windows that take it:
    median, by service."""
    ahead_of_protected: Mapping[ServiceId, int] = field(default_factory=dict)
    """The same for a ticket in the site's last protected class."""
    ahead_of_tickets: Mapping[TicketId, int] = field(default_factory=dict)
    """The same for each ticket that waits or travels."""
    paces: Mapping[ServiceId, WindowPace] = field(default_factory=dict)
    """Pace of the windows that take a service; of services that any window takes."""
    closes_min: float = math.inf
    """Minutes until the site closes for the day."""
    seq: int = 0
    """Journal number of the hall that was forecast; 0 of none."""

    def for_new_ticket(self, service: ServiceId, *, protected: bool) -> Quantiles | None:
        """Return the wait of a ticket issued now."""
        return (self.protected if protected else self.services).get(service)


NO_FORECAST = Forecast()
"""What is known before the first forecast, and while none can be made."""


def run_simulations(given: SimulationInput, *, samples: int, seed: int, only: str | None = None) -> Forecast:
    """Return the waits of a hall, given as a simulation input, from ``samples`` simulation runs.

    For a what-if question pass the input of the changed hall. ``only`` restricts the forecast to new tickets of one
    service: the same digits, several times faster.
    """
    simulation = QueueSimulation(given, only=None if only is None else given.services.index(only))
    runs = [simulation.run(Random(f"{seed}:{sample}")) for sample in range(samples)]  # noqa: S311 - no secret
    waits = [sorted(seconds) for seconds in zip(*(called for called, _ in runs), strict=True)] if runs else []
    ahead = [median_low(people) for people in zip(*(before for _, before in runs), strict=True)] if runs else []
    last_protected = max(0, given.ordinary_rank - 1)
    return Forecast(
        services=_probe_waits(given, simulation, waits, rank=given.ordinary_rank),
        protected=_probe_waits(given, simulation, waits, rank=last_protected),
        tickets={
            ticket.ticket: found
            for ticket, seconds in zip(given.tickets if only is None else (), waits, strict=False)
            if given.known[given.queues[ticket.queue][0]] and (found := _quantiles(seconds, given.correction))
        },
        ahead=_ahead_of_probes(given, simulation, ahead, rank=given.ordinary_rank),
        ahead_of_protected=_ahead_of_probes(given, simulation, ahead, rank=last_protected),
        ahead_of_tickets={
            t.ticket: people
            for t, people in zip(given.tickets if only is None else (), ahead, strict=False)
            if simulation.is_taken(t.queue)
        },
        paces=dict(_paces(given)),
        closes_min=given.arrivals_end_s / 60,
        seq=given.seq,
    )


def _paces(given: SimulationInput) -> Iterator[tuple[ServiceId, WindowPace]]:
    """Yield the pace of the windows that take each service; a paused window counts as one that comes back."""
    calls_s: dict[int, float] = defaultdict(float)
    free: dict[int, int] = defaultdict(int)
    for window in given.windows:
        services = {given.queues[q][0] for q, _ in window.queues}
        visits_s = [WALK_S + math.exp(mu + sigma**2 / 2) for s in services for mu, sigma in [window.times[s]]]
        for service in services:
            calls_s[service] += len(visits_s) / sum(visits_s)
            free[service] += window.visit is None and not window.paused
    for service, rate in calls_s.items():
        yield given.services[service], WindowPace(free=free[service], interval_min=1 / (60 * rate))


def _ahead_of_probes(
    given: SimulationInput, simulation: QueueSimulation, ahead: Sequence[int], *, rank: int
) -> dict[ServiceId, int]:
    """Return how many visitors are called before each service's probe visitor in one class."""
    probes = ((given.queues[queue], target) for queue, target in simulation.probes.items())
    return {given.services[s]: ahead[target] for (s, of_class), target in probes if of_class == rank and ahead}


def _probe_waits(
    given: SimulationInput, simulation: QueueSimulation, waits: Sequence[Sequence[float]], *, rank: int
) -> dict[ServiceId, Quantiles | None]:
    """Return the wait of each service's probe visitor in one class."""
    found: dict[ServiceId, Quantiles | None] = dict.fromkeys(given.services)
    for queue, target in simulation.probes.items():
        service, of_class = given.queues[queue]
        if of_class == rank and given.known[service] and waits:
            found[given.services[service]] = _quantiles(waits[target], given.correction)
    return found


def _quantiles(seconds: Sequence[float], factors: Factors) -> Quantiles | None:
    """Return the calibrated quantiles of sorted waits; None when a run ended without the call."""
    if not seconds or math.isinf(seconds[-1]):
        return None
    corrected = zip(LEVELS, factors, strict=True)
    minutes = [quantile(seconds, level) * factor / 60 for level, factor in corrected]
    return Quantiles(*(max(minutes[: place + 1]) for place in range(len(LEVELS))))  # factors may disturb the order


def quantile(values: Sequence[float], level: float) -> float:
    """Return a quantile of sorted values, interpolated linearly between their midpoints.

    Each of n samples represents the middle of its n-th part of the distribution (type 5 of Hyndman and Fan), so that a
    high quantile of few samples is biased neither low nor high.
    """
    place = min(max(level * len(values) - 0.5, 0.0), len(values) - 1.0)
    below = int(place)
    above = min(below + 1, len(values) - 1)
    return values[below] + (values[above] - values[below]) * (place - below)
