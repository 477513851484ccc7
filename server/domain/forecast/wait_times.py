"""The figures of a wait that visitors see: the number of people ahead of a ticket, and the promise.

People ahead is the number of visitors who will be called before this one at windows that could call it: the median over
the runs of the forecast, under the site's own discipline. So it counts neither those of another service whom a window
of their own will take, nor forgets those who come later and go first. What has happened since the forecast was made is
added: calls are subtracted, and those who have joined go before or behind by their rank.

The promise is the range from P50 to P80 of a forecast, rounded outward to 5 minutes.
"""

from __future__ import annotations

import math
import sys
from bisect import bisect_left
from collections.abc import Sequence
from functools import partial
from itertools import takewhile

from protocol.vocabulary import Promise, ServiceId, TicketState, WindowId, WindowState
from server.domain.discipline.queue_order import services_of, windows_serving
from server.domain.forecast.forecast import Forecast, Quantiles
from server.domain.model.hall import Hall, class_rank, rank
from server.domain.model.tickets import Seniority, Ticket

NEWEST: Seniority = (sys.maxsize, 0)
"""Seniority of a ticket that is about to be issued: behind all others of its class."""
ROUND_MIN = 5
"""Step to which a promised range is rounded outward, minutes."""


def windows_for(hall: Hall, service: ServiceId) -> Sequence[WindowId]:
    """Return the open windows that serve a service; when none is open, all that could."""
    able = windows_serving(hall, service)
    return [w for w in able if hall.window(w).state is WindowState.OPEN] or able


def competing_services(hall: Hall, service: ServiceId) -> set[ServiceId]:
    """Return the services, this one included, whose tickets compete for its windows."""
    return {service}.union(*(services_of(hall, w).services for w in windows_for(hall, service)))


def people_ahead_of_new(hall: Hall, forecast: Forecast, *, service: ServiceId, priority: str | None) -> int:
    """Return how many visitors are called before a ticket issued now, at the windows that take it."""
    return _ahead_of_newcomer(hall, forecast, service, (class_rank(hall, priority), NEWEST), passed=0)


def people_ahead(hall: Hall, forecast: Forecast, ticket: Ticket) -> int | None:
    """Return how many visitors are called before this ticket; None when it does not wait."""
    if ticket.state is not TicketState.WAITING:
        return None
    found = forecast.ahead_of_tickets.get(ticket.id)
    if found is not None:
        return max(0, found - _calls_since(hall, forecast, ticket.service))
    own, passed = rank(hall, ticket), hall.passed.get(ticket.id, 0)
    if ticket.seniority[1] <= forecast.seq:  # no window was open, or it is back at an old place since
        return _joined_before(hall, ticket.service, own, since=0, passed=passed)
    return _ahead_of_newcomer(hall, forecast, ticket.service, own, passed=passed)


def _ahead_of_newcomer(
    hall: Hall, forecast: Forecast, service: ServiceId, own: tuple[int, Seniority], *, passed: int
) -> int:
    """Return how many go before a ticket that the forecast does not know yet: of those it knew, and of those since."""
    protected = own[0] < class_rank(hall, None)
    found = (forecast.ahead_of_protected if protected else forecast.ahead).get(service)
    if found is None:
        return _joined_before(hall, service, own, since=0, passed=passed)
    known = max(0, found - _calls_since(hall, forecast, service))
    return known + _joined_before(hall, service, own, since=forecast.seq, passed=passed)


def _calls_since(hall: Hall, forecast: Forecast, service: ServiceId) -> int:
    """Return how many visitors windows of a service have called since the forecast was made."""
    able = windows_serving(hall, service)
    calls = takewhile(lambda call: call.call_seq > forecast.seq, hall.calls)
    return sum(not call.recall and call.window in able for call in calls)


def _joined_before(hall: Hall, service: ServiceId, own: tuple[int, Seniority], *, since: int, passed: int) -> int:
    """Return how many competing tickets that joined after journal number ``since`` go before one of rank ``own``.

    The ticket was ``passed`` so often already. These are the tickets of a smaller rank, with two exceptions: an older
    ticket of a lesser class also goes before once it must not be passed again, and of the younger ones of a protected
    class only as many as may still pass. Where services compete by urgency this is a bound, used until a forecast
    knows these tickets.
    """
    competing = hall.queues_of(competing_services(hall, service))
    queues = [q for whole in competing if (q := [t for t in whole if t.seniority[1] > since])]
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
