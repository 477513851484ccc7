"""How the demo's people behave: when visitors come, what for, and how long a clerk needs. Pure, and seeded.

Real time divided by ``speed``: at speed 10 a visit of ten minutes takes one.
"""

from __future__ import annotations

import random
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from statistics import fmean

from protocol.vocabulary import Language
from server.domain.model.catalogue import Catalogue, Service, Window

WALK_S = 25.0
"""From the call to the window."""
HANDLING_S = 2.5
"""What presses and glances take, at any speed."""
FIRST_S = 3.0
"""When the doors open, the clerks sit already."""
CROWD_GAP_S = 0.8
"""Those who stood before the door come one after the other."""
USUAL_MIN = 10.0
SPREAD = 0.5
"""Sigma of the logarithm of serving times."""
NO_SHOW = 0.04
ENGLISH = 0.15
PRIORITY = 0.08
ACCEPTS = 0.7
"""Who is offered another site goes there so often: more than in life, to be seen."""
SHORTEST_S = 2.0
FULL = 40
"""A visitor who sees so many people waiting comes back another day."""
FEW = 3
"""So many wait for what only the person's window does: always somebody to call, never a crowd nobody serves."""


@dataclass(frozen=True, kw_only=True)
class BusyHours:
    """How much goes on in a hall. ``load`` is what visitors bring, as a share of what the clerks can serve."""

    load: float
    crowd: int
    """So many stand before the door in the morning."""


BUSY = BusyHours(load=1.05, crowd=30)
CALM = BusyHours(load=0.5, crowd=3)


@dataclass(frozen=True, kw_only=True)
class VisitPlan:
    """What one visitor comes for."""

    service: str
    language: Language
    priority: str | None


class Rhythm:
    """One hall's pace. Each person has a random source of their own: the same seed gives the same people.

    ``windows`` are those with a simulated clerk.
    """

    def __init__(
        self, catalogue: Catalogue, *, windows: Sequence[Window], bustle: BusyHours, speed: float, seed: int
    ) -> None:
        self._catalogue = catalogue
        self._speed = speed
        self._seed = seed
        self._services = {service.letter: service for service in catalogue.services}
        self._weights = list(accumulate(1 / (rank + 3) for rank in range(len(catalogue.services))))
        self._served = frozenset(name for window in windows for name in window.services)
        self._crowd = bustle.crowd
        self._mean_gap_s = _mean_gap_s(catalogue, windows=windows, load=bustle.load, speed=speed)

    def person(self, name: str) -> random.Random:
        """Return the random source of one visitor stream or clerk."""
        return random.Random(f"{self._seed} {name}")  # noqa: S311 - people, not secrets

    def wish(self, chance: random.Random) -> VisitPlan:
        """Return what the next visitor wants; the services most used are the most wanted."""
        priorities = [priority.id for priority in self._catalogue.priorities]
        return VisitPlan(
            service=chance.choices(self._catalogue.services, cum_weights=self._weights)[0].id,
            language=Language.EN if chance.random() < ENGLISH else Language.ZH,
            priority=chance.choice(priorities) if priorities and chance.random() < PRIORITY else None,
        )

    def served_wish(self, chance: random.Random, *, among: Container[str]) -> VisitPlan:
        """Return what the next visitor wants, one of these services and sure to be called by a simulated clerk."""
        while True:
            wish = self.wish(chance)
            if wish.service in self._served and wish.service in among:
                return wish

    def stays(self, wish: VisitPlan, *, waiting: Mapping[str, int]) -> bool:
        """Whether a visitor takes a number who sees so many waiting for each service."""
        if wish.service in self._served:
            return sum(waiting.values()) < FULL
        return sum(count for service, count in waiting.items() if service not in self._served) < FEW

    def next_visitor_s(self, chance: random.Random, *, came: int) -> float:
        """Return how long until the next visitor comes, after ``came`` others."""
        if came == 0:
            return FIRST_S
        return CROWD_GAP_S if came < self._crowd else chance.expovariate(1 / self._mean_gap_s)

    def walking_s(self, chance: random.Random) -> float:
        """Return how long a called visitor walks."""
        return max(1.0, chance.uniform(0.5, 1.5) * WALK_S / self._speed)

    def travelling_s(self, minutes: float) -> float:
        """Return how long the way to another site takes."""
        return minutes * 60 / self._speed

    def goes(self, chance: random.Random) -> bool:
        """Whether a visitor accepts the offer of another site."""
        return chance.random() < ACCEPTS

    def serving_s(self, chance: random.Random, number: str) -> float:
        """Return how long the visitor with this number is served."""
        service = self._services.get(number.rstrip("0123456789"))
        mean_s = _minutes(service) * 60 / self._speed
        return max(SHORTEST_S, mean_s * chance.lognormvariate(-(SPREAD**2) / 2, SPREAD))

    def comes(self, chance: random.Random) -> bool:
        """Whether a called visitor comes to the window."""
        return chance.random() >= NO_SHOW

    def first_call_s(self, place: int) -> float:
        """Return when the window at this place in the list begins to call: one after the other, as people settle."""
        return 2.0 + 2.0 * place


def _mean_gap_s(catalogue: Catalogue, *, windows: Sequence[Window], load: float, speed: float) -> float:
    """Return the mean time between two visitors who bring this load to these windows."""
    services = {service.id: service for service in catalogue.services}
    visits_s = [
        (fmean(_minutes(services[name]) for name in window.services) * 60 + WALK_S) / speed + HANDLING_S
        for window in windows
    ]
    return 1 / (load * sum(1 / visit_s for visit_s in visits_s))


def _minutes(service: Service | None) -> float:
    return USUAL_MIN if service is None or service.expected_min is None else service.expected_min
