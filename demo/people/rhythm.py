"""Random variables of the demo's people: arrivals, services, walking, serving and no-shows. Pure and seeded.

Real durations are divided by ``speed``: at speed 10 a visit of ten minutes takes one.
"""

from __future__ import annotations

import random
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from statistics import fmean

from protocol.vocabulary import Language, ServiceId
from server.domain.model.catalogue import Catalogue, Service, Window

WALK_S = 25.0
"""Mean walking time from the call to the window, seconds."""
HANDLING_S = 2.5
"""Time per visit that presses and polling take at any speed, seconds."""
FIRST_S = 3.0
"""Time until the first visitor comes, seconds: the clerks are at their windows by then."""
CROWD_GAP_S = 0.8
"""Interval between visitors of the crowd that waited for the opening, seconds."""
USUAL_MIN = 10.0
"""Mean serving time of a service whose description names none, minutes."""
SPREAD = 0.5
"""Standard deviation of the logarithm of serving times (log-normal)."""
NO_SHOW = 0.04
"""Probability that a called visitor does not come."""
ENGLISH = 0.15
"""Probability that a visitor chooses English."""
PRIORITY = 0.08
"""Probability that a visitor has a priority class, where the site has some."""
ACCEPTS = 0.7
"""Probability that a visitor accepts an offer: higher than in life, so that a short demo shows referrals."""
SHORTEST_S = 2.0
"""Shortest serving time at any speed, seconds."""
FULL = 40
"""Number of waiting tickets at which a visitor goes away without a ticket."""
FEW = 3
"""Maximum number of tickets that wait for the person's window alone: never an unserved crowd."""


@dataclass(frozen=True, kw_only=True)
class HallLoad:
    """Arrivals of a hall: ``load`` is the utilisation (work that visitors bring per work that clerks can do)."""

    load: float
    crowd: int
    """Number of visitors who wait for the opening."""


BUSY = HallLoad(load=1.05, crowd=30)
CALM = HallLoad(load=0.5, crowd=3)


@dataclass(frozen=True, kw_only=True)
class VisitPlan:
    """One visitor's service, language and priority class."""

    service: ServiceId
    language: Language
    priority: str | None


class Rhythm:
    """Draws for one hall. Each person has a random source of their own: the same seed gives the same people.

    ``windows`` are those with a simulated clerk.
    """

    def __init__(
        self, catalogue: Catalogue, *, windows: Sequence[Window], hall_load: HallLoad, speed: float, seed: int
    ) -> None:
        self._catalogue = catalogue
        self._speed = speed
        self._seed = seed
        self._services = {service.letter: service for service in catalogue.services}
        self._weights = list(accumulate(1 / (rank + 3) for rank in range(len(catalogue.services))))
        self._served = frozenset(name for window in windows for name in window.services)
        self._crowd = hall_load.crowd
        self._mean_gap_s = _mean_gap_s(catalogue, windows=windows, load=hall_load.load, speed=speed)

    def random_source(self, name: str) -> random.Random:
        """Return the random source of one visitor stream or clerk."""
        return random.Random(f"{self._seed} {name}")  # noqa: S311 - people, not secrets

    def visit_plan(self, rng: random.Random) -> VisitPlan:
        """Draw what the next visitor comes for; services earlier in the catalogue are more frequent."""
        priorities = [priority.id for priority in self._catalogue.priorities]
        return VisitPlan(
            service=rng.choices(self._catalogue.services, cum_weights=self._weights)[0].id,
            language=Language.EN if rng.random() < ENGLISH else Language.ZH,
            priority=rng.choice(priorities) if priorities and rng.random() < PRIORITY else None,
        )

    def served_plan(self, rng: random.Random, *, among: Container[str]) -> VisitPlan:
        """Draw a visit for one of the services ``among`` that a window with a simulated clerk serves."""
        while True:
            plan = self.visit_plan(rng)
            if plan.service in self._served and plan.service in among:
                return plan

    def stays(self, plan: VisitPlan, *, waiting: Mapping[str, int]) -> bool:
        """Whether a visitor joins the queue, given the number of waiting tickets by service (balking)."""
        if plan.service in self._served:
            return sum(waiting.values()) < FULL
        return sum(count for service, count in waiting.items() if service not in self._served) < FEW

    def next_visitor_s(self, rng: random.Random, *, came: int) -> float:
        """Draw the time until the next visitor comes after ``came`` others, seconds."""
        if came == 0:
            return FIRST_S
        return CROWD_GAP_S if came < self._crowd else rng.expovariate(1 / self._mean_gap_s)

    def walking_s(self, rng: random.Random) -> float:
        """Draw a called visitor's walking time, seconds."""
        return max(1.0, rng.uniform(0.5, 1.5) * WALK_S / self._speed)

    def travelling_s(self, minutes: float) -> float:
        """Return the demo's travel time for real ``minutes``, seconds."""
        return minutes * 60 / self._speed

    def accepts_offer(self, rng: random.Random) -> bool:
        """Draw whether a visitor accepts the offer of another site."""
        return rng.random() < ACCEPTS

    def serving_s(self, rng: random.Random, number: str) -> float:
        """Draw the serving time of the visitor with this number, seconds."""
        service = self._services.get(number.rstrip("0123456789"))
        mean_s = _minutes(service) * 60 / self._speed
        return max(SHORTEST_S, mean_s * rng.lognormvariate(-(SPREAD**2) / 2, SPREAD))

    def shows_up(self, rng: random.Random) -> bool:
        """Draw whether a called visitor comes to the window."""
        return rng.random() >= NO_SHOW

    def first_call_s(self, place: int) -> float:
        """Return the time of the first call of the window with index ``place``, seconds: windows open in turn."""
        return 2.0 + 2.0 * place


def _mean_gap_s(catalogue: Catalogue, *, windows: Sequence[Window], load: float, speed: float) -> float:
    """Return the mean interval between arrivals that brings this utilisation to these windows, seconds."""
    services = {service.id: service for service in catalogue.services}
    visits_s = [
        (fmean(_minutes(services[name]) for name in window.services) * 60 + WALK_S) / speed + HANDLING_S
        for window in windows
    ]
    return 1 / (load * sum(1 / visit_s for visit_s in visits_s))


def _minutes(service: Service | None) -> float:
    return USUAL_MIN if service is None or service.expected_min is None else service.expected_min
