"""One possible course of a hall from a moment on: serving times, absences and newcomers by chance, the site's own
discipline, until everybody who waits has been called.

Behind everybody stands a *ghost* in each line: an imaginary visitor who takes a number now. A ghost takes no time at
the window, so that one course answers for all services at once. What is drawn belongs to a visitor, not to the order
in which they are called: the same chance in a changed hall meets the same visitors (common random numbers).
"""

from __future__ import annotations

import math
import sys
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from itertools import accumulate
from random import Random
from statistics import NormalDist

from server.domain.discipline.queue_order import standing
from server.domain.forecast.simulation_input import AFTER_ALL, WALK_S, SimulatedWindow, SimulationInput, VisitUnderWay
from server.domain.model.tickets import Seniority

NO_SHOW_S = 60.0
"""What a visitor who does not come costs the window."""
PAUSE_S = 15 * 60.0
"""Mean length of a pause that nobody planned."""
TRAVEL_SPREAD = 0.2
"""Spread of the logarithm of a travel time."""
LATE_S = 180.0
"""Mean delay of a referred visitor who should be here already."""
HORIZON_S = 24 * 3600.0
FORGOTTEN = 1e-3
"""A visit longer than all but so many is taken to have ended without a press."""

NORMAL = NormalDist()

QueueEntry = tuple[Seniority, float, int, int, float | None]
"""Place, when the claim began, which target (-1 for a newcomer), how often passed before, and the chance of the visit:
how long it is among visits of its kind (standard normal), None for a visitor who is absent."""
Newcomer = tuple[float, int, QueueEntry]
"""When, into which line, who."""


class QueueSimulation:
    """Plays one scene many times; asked for one service only, each time just until its ghosts are called."""

    def __init__(self, scene: SimulationInput, *, only: int | None = None) -> None:
        self._scene = scene
        self._only = only
        self._ranks = [rank for _, rank in scene.lines]
        self._of_service = [service for service, _ in scene.lines]
        self._takers: list[list[int]] = [[] for _ in scene.lines]
        for i, post in enumerate(scene.posts):
            for line, _ in post.lanes:
                self._takers[line].append(i)
        self._queues: list[list[QueueEntry]] = [[] for _ in scene.lines]  # the next one last
        self._lanes = [[(line, pace, self._queues[line]) for line, pace in post.lanes] for post in scene.posts]
        self._rates = list(accumulate(rate for _, rate in scene.flow))
        self._begins = [_begin(post) for post in scene.posts]
        served = [line for line, takers in enumerate(self._takers) if takers]
        asked = [line for line in served if only is None or self._of_service[line] == only]
        self.ghosts = {line: len(scene.waiting) + place for place, line in enumerate(asked)}
        """Line -> its ghost among the targets."""
        self._waits: list[list[float]] | None = None
        self._counted_s: Sequence[float] = ()
        self.targets = len(scene.waiting) + len(self.ghosts)

    def play(self, chance: Random) -> list[float]:
        """Return when each target is called, in seconds from now: those who wait, then the ghosts; inf for never."""
        self._play(chance)
        return self._called

    def play_out(self, chance: Random, *, counted_s: Sequence[float]) -> list[list[float]]:
        """Play until nobody comes and nobody is called any more; return, by line, how long each visitor waited in all.

        ``counted_s`` tells of each line until when its waits count: who is called later, or never, has waited so long.
        """
        self._waits, self._counted_s = [[] for _ in self._scene.lines], counted_s
        self._play(chance)
        waits, self._waits = self._waits, None
        for line, queue in enumerate(self._queues):
            waits[line] += [counted_s[line] - since for _, since, *_ in queue]
        return waits

    def _play(self, chance: Random) -> None:
        self._called = [math.inf] * self.targets
        for queue in self._queues:
            queue.clear()
        self._younger: list[list[Seniority]] = [[] for _ in self._scene.lines]  # called before the head of the line
        self._left = len(self.ghosts)
        coming = self._stand(chance)
        free = [(self._free_s(begin, chance), i) for i, begin in enumerate(self._begins)]
        heapify(free)
        newcomers = self._newcomers(coming, chance)
        if self._waits is not None:
            self._left = sys.maxsize
        self._run(free, newcomers)

    def _run(self, free: list[tuple[float, int]], newcomers: Iterator[Newcomer]) -> None:
        idle: set[int] = set()
        breaks, newcomer = [post.breaks for post in self._scene.posts], next(newcomers, None)
        while self._left and (free or newcomer):
            if free and (newcomer is None or free[0][0] <= newcomer[0]):
                now, i = heappop(free)
                ends = _break_ends(breaks[i], now) if breaks[i] else None
                done = ends if ends is not None else self._call(i, now)
                if done is None:
                    idle.add(i)
                else:
                    heappush(free, (done, i))
            elif newcomer is not None:
                now, line, entry = newcomer
                insort(self._queues[line], entry, key=_youngest_first)
                if idle:
                    for i in idle.intersection(self._takers[line]):
                        idle.discard(i)
                        heappush(free, (now, i))
                newcomer = next(newcomers, None)

    def _call(self, i: int, now: float) -> float | None:
        """Let a window call; return when it is free again, or None when nobody waits for it."""
        lanes, waiting = self._lanes[i], len(self._scene.waiting)
        while True:
            heads = [(line, pace, queue[-1]) for line, pace, queue in lanes if queue]
            if not heads:
                return None
            line = heads[0][0] if len(heads) == 1 else self._next(heads, now)
            place, since, target, _, visit = self._leave(line)
            if self._waits is not None and target < waiting:
                self._waits[line].append(min(now, self._counted_s[line]) - since)
            if target >= 0:
                self._called[target] = now
                ghost = target >= waiting
                self._left -= ghost or self._only is None
                if ghost:
                    continue
            if len(heads) > 1:
                for other, _, head in heads:
                    if head[0] < place:
                        self._younger[other].append(place)
            if visit is None:
                return now + NO_SHOW_S
            mu, sigma = self._scene.posts[i].times[self._of_service[line]]
            return now + WALK_S + math.exp(mu + sigma * visit)

    def _next(self, heads: Sequence[tuple[int, float, QueueEntry]], now: float) -> int:
        """Return the line a window calls from, by the site's discipline."""
        longest_s, bound = self._scene.longest_s, self._scene.passed_at_most
        ranks, younger = self._ranks, self._younger
        best = None
        chosen = heads[0][0]
        for line, pace, (place, since, _, passed, _) in heads:
            spent = place if passed + len(younger[line]) >= bound else None
            stands = standing(ranks[line], now - since, pace, place, spent, longest_s)
            if best is None or stands < best:
                best, chosen = stands, line
        return chosen

    def _leave(self, line: int) -> QueueEntry:
        """Take the head out of a line; of those who passed it, some did not pass the next one."""
        queue, younger = self._queues[line], self._younger[line]
        head = queue.pop()
        if younger:
            self._younger[line] = [place for place in younger if place > queue[-1][0]] if queue else []
        return head

    def _stand(self, chance: Random) -> list[Newcomer]:
        """Put everybody into the lines, ghosts last; return those who are still on their way."""
        coming: list[Newcomer] = []
        for target, ticket in enumerate(self._scene.waiting):
            visit = self._visit(chance)
            entry: QueueEntry = (ticket.place, ticket.since_s, target, ticket.passed, visit)
            served = bool(self._takers[ticket.line])
            self._left += served and self._only is None
            if ticket.arrives_s is not None:
                coming.append((_arrival_s(ticket.arrives_s, chance), ticket.line, entry))
            else:
                self._queues[ticket.line].append(entry)
        for line, target in self.ghosts.items():
            self._queues[line].append((AFTER_ALL, 0.0, target, 0, 0.0))
        for queue in self._queues:
            queue.reverse()
        return coming

    def _newcomers(self, coming: list[Newcomer], chance: Random) -> Iterator[Newcomer]:
        """Yield those who arrive, in order: visitors on their way, and visitors nobody knows of yet."""
        expected = sorted(coming, key=lambda n: n[0], reverse=True)
        rates, lines = self._rates, [line for line, _ in self._scene.flow]
        last, total = len(rates) - 1, rates[-1] if rates else 0.0
        ends = min(self._scene.flow_ends_s, HORIZON_S)
        now = chance.expovariate(total) if total else math.inf
        place = AFTER_ALL[0]
        while expected or now < ends:
            if expected and (expected[-1][0] <= now or now >= ends):
                yield expected.pop()
                continue
            place += 1
            line = lines[min(bisect_left(rates, chance.random() * total), last)]
            yield (now, line, ((place, 0), now, -1, 0, self._visit(chance)))
            now += chance.expovariate(total)

    def _visit(self, chance: Random) -> float | None:
        return None if chance.random() < self._scene.absent else chance.gauss(0.0, 1.0)

    def _free_s(self, begin: _Begin, chance: Random) -> float:
        """Return when a window can call: after the visit under way, and after a pause."""
        busy = 0.0 if begin.visit is None else self._rest_s(begin.visit, chance)
        back = chance.expovariate(1 / PAUSE_S)
        if not begin.paused:
            return busy
        return max(busy, back if begin.back_s is None else begin.back_s)

    def _rest_s(self, visit: _Rest, chance: Random) -> float:
        """Return how long the visit under way still takes, given how long it took already."""
        level, absent = chance.random(), chance.random() < self._scene.absent
        if absent and visit.given_up_s is not None:
            return visit.given_up_s
        if visit.past > 1 - FORGOTTEN:
            return level * math.exp(visit.mu)
        longer = min(max(visit.past + level * (1 - visit.past), 1e-9), 1 - 1e-9)
        return visit.walk_s + math.exp(visit.mu + visit.sigma * NORMAL.inv_cdf(longer)) - visit.served_s


@dataclass(frozen=True, slots=True)
class _Rest:
    """A visit under way, as every course finds it."""

    mu: float
    sigma: float
    walk_s: float
    served_s: float
    past: float
    """Share of such visits that would have ended already."""
    given_up_s: float | None
    """When the window gives up a visitor who does not come; None when it is seen that somebody came."""


@dataclass(frozen=True, slots=True)
class _Begin:
    """A window as every course finds it."""

    visit: _Rest | None
    paused: bool
    back_s: float | None
    """When the break of this moment ends, if there is one."""


def _begin(post: SimulatedWindow) -> _Begin:
    visit = None if post.busy is None else _rest(post, post.busy)
    return _Begin(visit, post.paused, _break_ends(post.breaks, 0.0))


def _rest(post: SimulatedWindow, busy: VisitUnderWay) -> _Rest:
    mu, sigma = post.times[busy.service]
    walk = 0.0 if busy.started else max(0.0, WALK_S - busy.elapsed_s)
    served = busy.elapsed_s if busy.started else max(0.0, busy.elapsed_s - WALK_S)
    past = NORMAL.cdf((math.log(served) - mu) / sigma) if served > 0 else 0.0
    awaited = not busy.started and busy.elapsed_s < NO_SHOW_S
    return _Rest(mu, sigma, walk, served, past, NO_SHOW_S - busy.elapsed_s if awaited else None)


def _arrival_s(expected_s: float, chance: Random) -> float:
    """Return when a referred visitor arrives who is expected then."""
    spread, late = chance.gauss(0.0, TRAVEL_SPREAD), chance.expovariate(1 / LATE_S)
    return expected_s * math.exp(spread) if expected_s else late


def _break_ends(breaks: Iterable[tuple[float, float]], now: float) -> float | None:
    """Return when the break at this moment ends, if there is one."""
    for begins, ends in breaks:
        if begins <= now < ends:
            return ends
    return None


def _youngest_first(entry: QueueEntry) -> tuple[int, int]:
    return (-entry[0][0], -entry[0][1])
