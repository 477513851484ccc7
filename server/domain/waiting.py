"""How long: people truly ahead of a ticket, and the first honest promise.

People ahead counts the waiting tickets that are called before this one *and* can take a window from it: those whose
service is served at an open window that also serves this ticket's service.

The promise replays the queue with mean serving times on the windows that are open, with their skills (a list
schedule), and asks when an imaginary ticket of each service at the end of the queue would be called. Its range is the
expected wait and the wait that four of five visitors stay under (P50 to P80 of a normal sum of serving times), rounded
outward to 5 minutes. A service without enough finished visits has no promise.
"""

from __future__ import annotations

import heapq
import math
import sys
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from statistics import fmean, pvariance

from protocol.journal import Moment
from protocol.messages import Promise, TicketState, WindowState
from server.domain.discipline import takers, takes
from server.domain.hall import Hall, class_rank, rank
from server.domain.tickets import Seniority, Ticket

NEWEST: Seniority = (sys.maxsize, 0)
"""The place of a ticket that is about to be issued: behind all others of its class."""
P80 = 0.8416
"""Standard normal quantile of 80 %."""
ROUND_MIN = 5
WALK_S = 30.0
"""From call to start: what a visitor needs to reach the window."""
PRIOR_CV = 0.7
"""Spread of serving times where only a prior mean is known; municipal services measure 0.6 to 0.9."""


@dataclass(frozen=True, slots=True)
class Serving:
    """What is known of a service's serving time, in seconds."""

    mean_s: float
    variance_s2: float


def serving_time(hall: Hall, service: str) -> Serving | None:
    """Return a service's measured serving time, its trusted prior while data is thin, or None for unknown."""
    measured = hall.durations.get(service, ())
    if len(measured) >= hall.offer.catalogue.rules.thin_below:
        mean = fmean(measured)
        return Serving(mean, pvariance(measured, mean))
    described = hall.offer.services.get(service)
    if described is None or described.expected_min is None or not described.trust_expected:
        return None
    mean = described.expected_min * 60
    return Serving(mean, (PRIOR_CV * mean) ** 2)


def windows_for(hall: Hall, service: str) -> list[str]:
    """Return the open windows that serve a service; when none is open, all that could."""
    able = takers(hall, service)
    return [w for w in able if hall.window(w).state is WindowState.OPEN] or able


def rivals(hall: Hall, service: str) -> set[str]:
    """Return the services whose tickets can take a window from this service's."""
    return {s for w in windows_for(hall, service) for s in takes(hall, w).services} | {service}


def people_ahead_of_new(hall: Hall, *, service: str, priority: str | None) -> int:
    """Return how many are called before a ticket issued now."""
    return _called_before(hall, service, (class_rank(hall, priority), NEWEST), passed=0)


def people_ahead(hall: Hall, ticket: Ticket) -> int | None:
    """Return how many are called before this ticket; None when it does not wait."""
    if ticket.state is not TicketState.WAITING:
        return None
    return _called_before(hall, ticket.service, rank(hall, ticket), passed=hall.passed.get(ticket.id, 0))


def _called_before(hall: Hall, service: str, own: tuple[int, Seniority], *, passed: int) -> int:
    """Return how many rivals are called before a ticket of this rank that was passed so often already.

    Those of lower rank, but: an older ticket of a lesser class also goes before once it cannot be passed any more, and
    of the younger ones of a protected class only so many as may still pass.
    """
    queues = hall.queues_of(rivals(hall, service))
    before = sum(bisect_left(q, own, key=partial(rank, hall)) for q in queues)
    lowest = class_rank(hall, None)
    if own[0] == lowest and all(class_rank(hall, q[0].priority) == lowest for q in queues):
        return before
    bound = hall.offer.catalogue.rules.passed_at_most
    rest = [t for q in queues for t in q]
    sooner = sorted(t.seniority for t in rest if rank(hall, t) < own)
    younger = len(sooner) - bisect_left(sooner, own[1])
    spent = sum(
        hall.passed.get(t.id, 0) + len(sooner) - bisect_left(sooner, t.seniority) >= bound
        for t in rest
        if rank(hall, t) > own and t.seniority < own[1]
    )
    return before - younger + spent + min(younger, max(0, bound - passed))


def promises(hall: Hall, *, at: Moment) -> dict[str, Promise | None]:
    """Return the promise of every service for a ticket issued now; None is "unknown"."""
    known = {s: serving_time(hall, s) for s in hall.offer.services}
    calls = _schedule(hall, known, at=at)
    return {s: _promise(calls.get(s)) if known[s] else None for s in hall.offer.services}


def promise_of(hall: Hall, ticket: Ticket, *, at: Moment) -> Promise | None:
    """Return the promise for the rest of this ticket's wait; None is "unknown" or no longer waiting."""
    known = {s: serving_time(hall, s) for s in hall.offer.services}
    if ticket.state is not TicketState.WAITING or not known.get(ticket.service):
        return None
    return _promise(_schedule(hall, known, at=at).get(ticket.id))


@dataclass(frozen=True, slots=True)
class _Wait:
    """When an imaginary ticket would be called: expected seconds from now, and their variance."""

    mean_s: float
    variance_s2: float


def _promise(wait: _Wait | None) -> Promise | None:
    if wait is None:
        return None
    late = wait.mean_s + P80 * math.sqrt(wait.variance_s2)
    low = math.floor(wait.mean_s / 60 / ROUND_MIN) * ROUND_MIN
    high = math.ceil(late / 60 / ROUND_MIN) * ROUND_MIN
    return Promise(low_min=low, high_min=max(high, low + ROUND_MIN))


def _schedule(hall: Hall, known: Mapping[str, Serving | None], *, at: Moment) -> dict[str, _Wait]:
    """Let every open window call until all queues are empty; return the wait of each ticket, by id.

    After the last waiting ticket each service's imaginary one is called; its wait stands under the service's id.
    """
    fallback = _typical(known)
    if fallback is None:
        return {}
    queues = {s: list(reversed(q)) for s, q in hall.queues.items() if q}
    free = [_free_at(hall, w.id, known, fallback, at=at) for w in hall.offer.catalogue.windows if _is_open(hall, w.id)]
    heapq.heapify(free)
    waits: dict[str, _Wait] = {}
    while free:
        when, variance, window = heapq.heappop(free)
        services = takes(hall, window).services
        heads = [queues[s][-1] for s in services if queues.get(s)]
        if not heads:
            for service in services:
                waits.setdefault(service, _Wait(when, variance / _share(hall, service)))
            continue
        head = min(heads, key=lambda t: rank(hall, t))
        queues[head.service].pop()
        waits[head.id] = _Wait(when, variance / _share(hall, head.service))
        serving = known.get(head.service) or fallback
        heapq.heappush(free, (when + WALK_S + serving.mean_s, variance + serving.variance_s2, window))
    return waits


def _share(hall: Hall, service: str) -> int:
    """Return between how many windows the chance of one long visit is shared."""
    return max(1, len(windows_for(hall, service)))


def _is_open(hall: Hall, window: str) -> bool:
    return hall.window(window).state is WindowState.OPEN


def _typical(known: Mapping[str, Serving | None]) -> Serving | None:
    """Return what to take for a service nothing is known of: the mean of those that are known."""
    some = [s for s in known.values() if s is not None]
    if not some:
        return None
    return Serving(fmean(s.mean_s for s in some), fmean(s.variance_s2 for s in some))


def _free_at(
    hall: Hall, window: str, known: Mapping[str, Serving | None], fallback: Serving, *, at: Moment
) -> tuple[float, float, str]:
    """Return when a window is free (seconds from now), the variance of that, and its id."""
    ticket = hall.tickets.get(hall.window(window).ticket or "")
    if ticket is None or ticket.called is None:
        return (0.0, 0.0, window)
    serving = known.get(ticket.service) or fallback
    elapsed = at.since(ticket.started or ticket.called)
    walk = 0.0 if ticket.started else WALK_S
    return (max(serving.mean_s + walk - elapsed, serving.mean_s / 4), serving.variance_s2, window)
