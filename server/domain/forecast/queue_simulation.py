"""One Monte Carlo run of a hall: a discrete-event simulation from a moment on, with random serving times, no-shows and
arrivals under the site's own queue discipline, until everybody who waits has been called.

Behind everybody stands a *probe visitor* in each queue: an imaginary visitor whose ticket is issued now. A probe takes
no time at the window, so that one run answers for all services at once. Random numbers are drawn per visitor, not in
the order of calls: a changed hall with the same seed meets the same visitors (common random numbers).
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

from server.domain.discipline.queue_order import claim_key
from server.domain.forecast.simulation_input import AFTER_ALL, WALK_S, SimulatedWindow, SimulationInput, VisitUnderWay
from server.domain.model.tickets import Seniority

NO_SHOW_S = 60.0
"""Time of a window that an absent visitor takes, seconds."""
PAUSE_S = 15 * 60.0
"""Mean length of an unplanned pause, seconds (exponential)."""
TRAVEL_SPREAD = 0.2
"""Standard deviation of the logarithm of a travel time."""
LATE_S = 180.0
"""Mean further delay of a referred visitor who is overdue, seconds (exponential)."""
HORIZON_S = 24 * 3600.0
"""Latest arrival of a simulated newcomer, seconds from the start of the run."""
UNPRESSED_END_TAIL = 1e-3
"""Tail probability of a visit's length beyond which the visit counts as ended without a press."""

NORMAL = NormalDist()

QueueEntry = tuple[Seniority, float, int, int, float | None]
"""One visitor in a queue: seniority; start of the claim, seconds; index among the targets (-1 for a newcomer); number
of times passed before the run; standard normal deviate of the visit's length, None for a visitor who is absent."""
Newcomer = tuple[float, int, QueueEntry]
"""An arrival: when, seconds; index of the queue; the visitor."""


class QueueSimulation:
    """Runs one simulation input many times. With ``only``, a service's index, each run ends with that service's probes.

    The hub makes a hundred runs after a change of its hall, up to once a second, on a Raspberry Pi. So everything is
    indexed by small integers and held in plain lists and tuples, with no object and no dict lookup per visitor. Lists
    that belong together are parallel: index ``q`` is that of ``given.queues``, index ``i`` that of ``given.windows``.
    """

    def __init__(self, given: SimulationInput, *, only: int | None = None) -> None:
        self._given = given
        self._only = only
        # By queue: rank of its class, index of its service, and the windows that call from it.
        self._ranks = [rank for _, rank in given.queues]
        self._of_service = [service for service, _ in given.queues]
        self._windows_by_queue: list[list[int]] = [[] for _ in given.queues]
        for i, window in enumerate(given.windows):
            for q, _ in window.queues:
                self._windows_by_queue[q].append(i)
        # By queue: the visitors, youngest first, so that the next one is popped from the end in constant time.
        self._queues: list[list[QueueEntry]] = [[] for _ in given.queues]
        # By window: (queue's index, pace, the very list of ``_queues``), which saves an index operation in each call.
        self._window_queues = [[(q, pace, self._queues[q]) for q, pace in window.queues] for window in given.windows]
        # Cumulative rates of ``given.arrival_rates``: a newcomer's queue is drawn by bisection.
        self._cumulative_rates = list(accumulate(rate for _, rate in given.arrival_rates))
        self._starts = [_window_start(window) for window in given.windows]
        served = [q for q, windows in enumerate(self._windows_by_queue) if windows]
        probed = [q for q in served if only is None or self._of_service[q] == only]
        self.probes = {q: len(given.tickets) + place for place, q in enumerate(probed)}
        """Queue's index -> index of its probe visitor among the targets."""
        self.targets = len(given.tickets) + len(self.probes)
        """Number of visitors whose call is measured: first ``given.tickets``, then the probes."""
        self._waiting = sum(ticket.arrives_s is None for ticket in given.tickets)  # they come first among the targets
        self._waits: list[list[float]] | None = None
        self._cut_off_s: Sequence[float] = ()

    def is_taken(self, queue: int) -> bool:
        """Whether any window calls from a queue, given by its index."""
        return bool(self._windows_by_queue[queue])

    def run(self, rng: Random) -> tuple[list[float], list[int]]:
        """Return for each target, tickets and then probes, when it is called and how many visitors were called before.

        The first is in seconds from the start, inf for never. The second counts, at the windows that take its queue,
        those who wait at the start: neither later arrivals nor visitors on their way.
        """
        self._run(rng)
        return self._called, self._ahead

    def run_to_end(self, rng: Random, *, cut_off_s: Sequence[float]) -> list[list[float]]:
        """Run until nobody arrives and nobody is called any more; return all waits in seconds, by queue and visitor.

        ``cut_off_s`` is, by queue, the moment at which waits are cut off: whoever is called later, or never, counts as
        having waited until then.
        """
        self._waits, self._cut_off_s = [[] for _ in self._given.queues], cut_off_s
        self._run(rng)
        waits, self._waits = self._waits, None
        for q, queue in enumerate(self._queues):
            waits[q] += [cut_off_s[q] - since for _, since, *_ in queue]
        return waits

    def _run(self, rng: Random) -> None:
        # By target: the result.
        self._called = [math.inf] * self.targets
        self._ahead = [0] * self.targets
        # By window: number of visitors it has called who waited at the start.
        self._calls = [0] * len(self._given.windows)
        for queue in self._queues:
            queue.clear()
        # By queue: seniorities of the younger visitors who were called in this run before the queue's present head.
        self._younger: list[list[Seniority]] = [[] for _ in self._given.queues]
        # Number of targets that must still be called before the run may end.
        self._pending = len(self.probes)
        # The order of draws below is part of the result: another order gives other digits for the same seed.
        travelling = self._fill_queues(rng)
        free = [(self._free_s(start, rng), i) for i, start in enumerate(self._starts)]
        heapify(free)
        newcomers = self._newcomers(travelling, rng)
        if self._waits is not None:
            self._pending = sys.maxsize
        self._process_events(free, newcomers)

    def _process_events(self, free: list[tuple[float, int]], newcomers: Iterator[Newcomer]) -> None:
        """Process events in order of time: ``free`` is the heap of (when a window can call, window)."""
        idle: set[int] = set()  # windows for which nobody waits; an arrival puts them back on the heap
        breaks, newcomer = [window.breaks for window in self._given.windows], next(newcomers, None)
        while self._pending and (free or newcomer):
            if free and (newcomer is None or free[0][0] <= newcomer[0]):
                now, i = heappop(free)
                ends = _break_end(breaks[i], now) if breaks[i] else None
                done = ends if ends is not None else self._call(i, now)
                if done is None:
                    idle.add(i)
                else:
                    heappush(free, (done, i))
            elif newcomer is not None:
                now, q, entry = newcomer
                insort(self._queues[q], entry, key=_youngest_first)
                if idle:
                    for i in idle.intersection(self._windows_by_queue[q]):
                        idle.discard(i)
                        heappush(free, (now, i))
                newcomer = next(newcomers, None)

    def _call(self, i: int, now: float) -> float | None:
        """Let a window call; return when it is free again, or None when nobody waits for it."""
        own_queues, tickets = self._window_queues[i], len(self._given.tickets)
        while True:  # a probe takes no time: the window calls again at once
            heads = [(q, pace, queue[-1]) for q, pace, queue in own_queues if queue]
            if not heads:
                return None
            q = heads[0][0] if len(heads) == 1 else self._choose(heads, now)
            place, since, target, _, visit = self._pop_head(q)
            if self._waits is not None and target < tickets:
                self._waits[q].append(min(now, self._cut_off_s[q]) - since)
            if target >= 0:
                self._called[target] = now
                self._ahead[target] = sum([self._calls[window] for window in self._windows_by_queue[q]])
                is_probe = target >= tickets
                self._pending -= is_probe or self._only is None  # with ``only`` nothing but probes is waited for
                if is_probe:
                    continue
            self._calls[i] += 0 <= target < self._waiting
            if len(heads) > 1:
                for other, _, head in heads:
                    if head[0] < place:
                        self._younger[other].append(place)
            if visit is None:
                return now + NO_SHOW_S
            mu, sigma = self._given.windows[i].times[self._of_service[q]]
            return now + WALK_S + math.exp(mu + sigma * visit)

    def _choose(self, heads: Sequence[tuple[int, float, QueueEntry]], now: float) -> int:
        """Return the queue from which a window calls, by the site's discipline."""
        longest_s, bound = self._given.longest_wait_s, self._given.passed_at_most
        ranks, younger = self._ranks, self._younger
        best = None
        chosen = heads[0][0]
        for q, pace, (place, since, _, passed, _) in heads:
            spent = place if passed + len(younger[q]) >= bound else None
            key = claim_key(ranks[q], now - since, pace, place, spent, longest_s)
            if best is None or key < best:
                best, chosen = key, q
        return chosen

    def _pop_head(self, q: int) -> QueueEntry:
        """Take the head out of a queue; of those who passed it, only the younger ones passed its successor too."""
        queue, younger = self._queues[q], self._younger[q]
        head = queue.pop()
        if younger:
            self._younger[q] = [place for place in younger if place > queue[-1][0]] if queue else []
        return head

    def _fill_queues(self, rng: Random) -> list[Newcomer]:
        """Put all tickets into their queues, probes last; return the visitors who are still travelling."""
        travelling: list[Newcomer] = []
        for target, ticket in enumerate(self._given.tickets):
            visit = self._visit(rng)
            entry: QueueEntry = (ticket.seniority, ticket.since_s, target, ticket.passed, visit)
            served = bool(self._windows_by_queue[ticket.queue])
            self._pending += served and self._only is None
            if ticket.arrives_s is not None:
                travelling.append((_arrival_s(ticket.arrives_s, rng), ticket.queue, entry))
            else:
                self._queues[ticket.queue].append(entry)
        for q, target in self.probes.items():
            self._queues[q].append((AFTER_ALL, 0.0, target, 0, 0.0))
        for queue in self._queues:
            queue.reverse()
        return travelling

    def _newcomers(self, travelling: list[Newcomer], rng: Random) -> Iterator[Newcomer]:
        """Yield arrivals in order of time: the travelling visitors, merged with a Poisson process of unknown ones."""
        expected = sorted(travelling, key=lambda n: n[0], reverse=True)  # the next one last
        rates, queues = self._cumulative_rates, [q for q, _ in self._given.arrival_rates]
        last, total = len(rates) - 1, rates[-1] if rates else 0.0
        ends = min(self._given.arrivals_end_s, HORIZON_S)
        now = rng.expovariate(total) if total else math.inf
        place = AFTER_ALL[0]
        while expected or now < ends:
            if expected and (expected[-1][0] <= now or now >= ends):
                yield expected.pop()
                continue
            place += 1
            q = queues[min(bisect_left(rates, rng.random() * total), last)]
            yield (now, q, ((place, 0), now, -1, 0, self._visit(rng)))
            now += rng.expovariate(total)

    def _visit(self, rng: Random) -> float | None:
        return None if rng.random() < self._given.no_show_share else rng.gauss(0.0, 1.0)

    def _free_s(self, start: _WindowStart, rng: Random) -> float:
        """Return when a window can call: after the visit under way, and after a pause."""
        busy = 0.0 if start.visit is None else self._remaining_s(start.visit, rng)
        back = rng.expovariate(1 / PAUSE_S)
        if not start.paused:
            return busy
        return max(busy, back if start.break_end_s is None else start.break_end_s)

    def _remaining_s(self, visit: _VisitStart, rng: Random) -> float:
        """Draw the rest of the visit under way from its distribution, given how long it has lasted."""
        level, absent = rng.random(), rng.random() < self._given.no_show_share
        if absent and visit.given_up_s is not None:
            return visit.given_up_s
        if visit.past > 1 - UNPRESSED_END_TAIL:
            return level * math.exp(visit.mu)
        longer = min(max(visit.past + level * (1 - visit.past), 1e-9), 1 - 1e-9)
        return visit.walk_s + math.exp(visit.mu + visit.sigma * NORMAL.inv_cdf(longer)) - visit.served_s


@dataclass(frozen=True, slots=True)
class _VisitStart:
    """A visit under way at the start of every run; times in seconds."""

    mu: float
    sigma: float
    walk_s: float
    """Rest of the way to the window."""
    served_s: float
    past: float
    """Share of such visits that would have ended already."""
    given_up_s: float | None
    """When the window gives up an absent visitor; None when it is known that somebody came."""


@dataclass(frozen=True, slots=True)
class _WindowStart:
    """A window at the start of every run."""

    visit: _VisitStart | None
    paused: bool
    break_end_s: float | None
    """End of the planned break that is on, seconds; None outside breaks."""


def _window_start(window: SimulatedWindow) -> _WindowStart:
    visit = None if window.visit is None else _visit_start(window, window.visit)
    return _WindowStart(visit, window.paused, _break_end(window.breaks, 0.0))


def _visit_start(window: SimulatedWindow, visit: VisitUnderWay) -> _VisitStart:
    mu, sigma = window.times[visit.service]
    walk = 0.0 if visit.started else max(0.0, WALK_S - visit.elapsed_s)
    served = visit.elapsed_s if visit.started else max(0.0, visit.elapsed_s - WALK_S)
    past = NORMAL.cdf((math.log(served) - mu) / sigma) if served > 0 else 0.0
    awaited = not visit.started and visit.elapsed_s < NO_SHOW_S
    return _VisitStart(mu, sigma, walk, served, past, NO_SHOW_S - visit.elapsed_s if awaited else None)


def _arrival_s(expected_s: float, rng: Random) -> float:
    """Draw when a referred visitor arrives: lognormal about the expectation, exponential for one who is overdue."""
    spread, late = rng.gauss(0.0, TRAVEL_SPREAD), rng.expovariate(1 / LATE_S)
    return expected_s * math.exp(spread) if expected_s else late


def _break_end(breaks: Iterable[tuple[float, float]], now: float) -> float | None:
    """Return when the break at this moment ends, if there is one."""
    for begins, ends in breaks:
        if begins <= now < ends:
            return ends
    return None


def _youngest_first(entry: QueueEntry) -> tuple[int, int]:
    return (-entry[0][0], -entry[0][1])
