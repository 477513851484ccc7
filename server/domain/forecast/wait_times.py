"""What visitors are shown of a wait: the number of people ahead of a ticket, and the promise.

People ahead counts the waiting tickets that go before this one *and* compete for its windows: those whose service is
taken at an open window that also takes this ticket's service. A ticket of a higher class goes before, and an older one
of the same class; the bound on being passed is kept. Where services compete by urgency, some of them may be called
later and some younger ones sooner: the promise accounts for that, a count of people cannot.

The promise is the range from P50 to P80 of a forecast, rounded outward to 5 minutes.
"""

from __future__ import annotations

import math
import sys
from bisect import bisect_left
from functools import partial

from protocol.vocabulary import Promise, ServiceId, TicketState, WindowId, WindowState
from server.domain.discipline.queue_order import services_of, windows_serving
from server.domain.forecast.forecast import Forecast, Quantiles
from server.domain.model.hall import Hall, class_rank, rank
from server.domain.model.tickets import Seniority, Ticket

NEWEST: Seniority = (sys.maxsize, 0)
"""Seniority of a ticket that is about to be issued: behind all others of its class."""
ROUND_MIN = 5
"""Step to which a promised range is rounded outward, minutes."""


def windows_for(hall: Hall, service: ServiceId) -> list[WindowId]:
    """Return the open windows that serve a service; when none is open, all that could."""
    able = windows_serving(hall, service)
    return [w for w in able if hall.window(w).state is WindowState.OPEN] or able


def competing_services(hall: Hall, service: ServiceId) -> set[ServiceId]:
    """Return the services, this one included, whose tickets compete for its windows."""
    return {s for w in windows_for(hall, service) for s in services_of(hall, w).services} | {service}


def people_ahead_of_new(hall: Hall, *, service: ServiceId, priority: str | None) -> int:
    """Return how many people are ahead of a ticket issued now."""
    return _called_before(hall, service, (class_rank(hall, priority), NEWEST), passed=0)


def people_ahead(hall: Hall, ticket: Ticket) -> int | None:
    """Return how many people are ahead of this ticket; None when it does not wait."""
    if ticket.state is not TicketState.WAITING:
        return None
    return _called_before(hall, ticket.service, rank(hall, ticket), passed=hall.passed.get(ticket.id, 0))


def _called_before(hall: Hall, service: ServiceId, own: tuple[int, Seniority], *, passed: int) -> int:
    """Return how many competing tickets go before a ticket of rank ``own`` that was ``passed`` so often already.

    These are the tickets of a smaller rank, with two exceptions: an older ticket of a lesser class also goes before
    once it must not be passed again, and of the younger ones of a protected class only as many as may still pass.
    """
    queues = hall.queues_of(competing_services(hall, service))
    before = sum(bisect_left(q, own, key=partial(rank, hall)) for q in queues)
    lowest = class_rank(hall, None)
    if own[0] == lowest and all(class_rank(hall, q[0].priority) == lowest for q in queues):
        return before
    bound = hall.site.catalogue.rules.passed_at_most
    rest = [t for q in queues for t in q]
    sooner = sorted(t.seniority for t in rest if rank(hall, t) < own)
    younger = len(sooner) - bisect_left(sooner, own[1])
    spent = sum(
        hall.passed.get(t.id, 0) + len(sooner) - bisect_left(sooner, t.seniority) >= bound
        for t in rest
        if rank(hall, t) > own and t.seniority < own[1]
    )
    return before - younger + spent + min(younger, max(0, bound - passed))


def promise_for(quantiles: Quantiles, *, least_min: int = 0) -> Promise:
    """Return the promised range, P50 to P80 rounded outward, with the quantiles that its outcome is measured against.

    It never begins below ``least_min``: nobody is called before the end of the walk.
    """
    low = max(least_min, math.floor(quantiles.p50_min / ROUND_MIN) * ROUND_MIN)
    high = math.ceil(quantiles.p80_min / ROUND_MIN) * ROUND_MIN
    return Promise(
        low_min=low,
        high_min=max(high, low + ROUND_MIN),
        p50_min=round(quantiles.p50_min, 2),
        p80_min=round(quantiles.p80_min, 2),
        p90_min=round(quantiles.p90_min, 2),
    )


def promises_by_service(forecast: Forecast) -> dict[ServiceId, Promise | None]:
    """Return the promise of every service for a ticket issued now without priority; None is "unknown"."""
    return {s: None if found is None else promise_for(found) for s, found in forecast.services.items()}


def published_ranges(forecast: Forecast) -> dict[ServiceId, Promise | None]:
    """Return the ranges alone of all promises, for publishing: they seldom change."""
    return {s: p and Promise(low_min=p.low_min, high_min=p.high_min) for s, p in promises_by_service(forecast).items()}
