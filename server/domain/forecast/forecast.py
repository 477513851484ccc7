"""How long everybody will wait: many possible courses of the hall, each played with its own discipline.

The quantiles over the courses are the promise. They are corrected by what became of earlier promises
(``calibration``). The same hall, moment and seed give the same forecast.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple

from protocol.journal import Moment
from server.domain.forecast.calibration import LEVELS, Factors
from server.domain.forecast.queue_simulation import QueueSimulation
from server.domain.forecast.simulation_input import SimulationInput, simulation_input
from server.domain.model.hall import Hall

SAMPLES = 100
"""So many courses tell a P90 to a few per cent of its spread."""


class Quantiles(NamedTuple):
    """A wait in minutes from now: half of all visitors are called within ``p50_min``, and so on."""

    p50_min: float
    p80_min: float
    p90_min: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """The waits of a site; None is "unknown", or that no window takes the service."""

    services: Mapping[str, Quantiles | None] = field(default_factory=dict)
    """Of a number taken now without priority."""
    protected: Mapping[str, Quantiles | None] = field(default_factory=dict)
    """Of a number taken now in the site's last protected class."""
    tickets: Mapping[str, Quantiles] = field(default_factory=dict)
    """The rest of the wait of everybody who waits or is on the way, as far as it is known."""

    def for_new_ticket(self, service: str, *, protected: bool) -> Quantiles | None:
        """Return the wait of a number taken now."""
        return (self.protected if protected else self.services).get(service)


def forecast_waits(hall: Hall, *, at: Moment, samples: int = SAMPLES, seed: int = 0) -> Forecast:
    """Return the waits of a hall, by ``samples`` courses. What if the hall were another? Pass that one."""
    return run_simulations(simulation_input(hall, at=at), samples=samples, seed=seed)


def run_simulations(scene: SimulationInput, *, samples: int, seed: int, only: str | None = None) -> Forecast:
    """Return the waits of a scene, made of a hall here or in another process.

    With ``only`` nothing but the waits of new numbers of that service, the same ones, several times sooner.
    """
    course = QueueSimulation(scene, only=None if only is None else scene.services.index(only))
    played = [course.play(Random(f"{seed}:{sample}")) for sample in range(samples)]  # noqa: S311 - no secret
    waits = [sorted(seconds) for seconds in zip(*played, strict=True)] if played else []
    protected = max(0, scene.ordinary - 1)
    return Forecast(
        services=_ghosts(scene, course, waits, rank=scene.ordinary),
        protected=_ghosts(scene, course, waits, rank=protected),
        tickets={
            ticket.ticket: found
            for ticket, seconds in zip(scene.waiting if only is None else (), waits, strict=False)
            if scene.known[scene.lines[ticket.line][0]] and (found := _quantiles(seconds, scene.factors))
        },
    )


def _ghosts(
    scene: SimulationInput, course: QueueSimulation, waits: Sequence[Sequence[float]], *, rank: int
) -> dict[str, Quantiles | None]:
    """Return the wait of a new number of each service in one class."""
    found: dict[str, Quantiles | None] = dict.fromkeys(scene.services)
    for line, target in course.ghosts.items():
        service, of_class = scene.lines[line]
        if of_class == rank and scene.known[service] and waits:
            found[scene.services[service]] = _quantiles(waits[target], scene.factors)
    return found


def _quantiles(seconds: Sequence[float], factors: Factors) -> Quantiles | None:
    """Return the corrected quantiles of sorted waits; None when it is not sure that there is a call."""
    if not seconds or math.isinf(seconds[-1]):
        return None
    corrected = zip(LEVELS, factors, strict=True)
    minutes = [quantile(seconds, level) * factor / 60 for level, factor in corrected]
    return Quantiles(*(max(minutes[: place + 1]) for place in range(len(LEVELS))))


def quantile(values: Sequence[float], level: float) -> float:
    """Return a quantile of sorted values, by linear interpolation between their midpoints.

    Each of n samples stands for the middle of its n-th part of all courses (type 5 of Hyndman and Fan), so that a high
    quantile of few samples is told neither too short nor too long.
    """
    place = min(max(level * len(values) - 0.5, 0.0), len(values) - 1.0)
    below = int(place)
    above = min(below + 1, len(values) - 1)
    return values[below] + (values[above] - values[below]) * (place - below)
