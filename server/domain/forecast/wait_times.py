"""The figures of a wait that visitors see, both of one state of the hall: people ahead, and the promise.

People ahead is the number of those who wait now and will be called before this visitor, at windows that could call
both: the median over the runs of the forecast, under the site's own discipline. So it counts neither those of another
service whom a window of their own will take, nor those who have yet to come. What has happened since the forecast was
made is added: calls are subtracted, and those who have joined go before or behind by their rank.

The promise is the range from P50 to P80 of the forecast, moved by what has happened since in the same way, one mean
interval between calls for each person, and rounded outward to 5 minutes. It says so when fewer than four in five such
visitors will be called before the site closes.
"""

from __future__ import annotations

import math
import sys
from bisect import bisect_left
from collections.abc import Sequence
from functools import partial
from itertools import takewhile
from typing import NamedTuple

from protocol.vocabulary import Promise, ServiceId, TicketState, WindowId, WindowState
from server.domain.discipline.queue_order import services_of, windows_serving
from server.domain.forecast.forecast import Forecast, Quantiles
from server.domain.model.hall import Hall, class_rank, rank
from server.domain.model.tickets import Seniority, Ticket

NEWEST: Seniority = (sys.maxsize, 0)
"""Seniority of a ticket that is about to be issued: behind all others of its class."""
ROUND_MIN = 5
"""Step to which a promised range is rounded outward, minutes."""


class WaitFigures(NamedTuple):
    """What a visitor is shown of the wait, of one state of the hall; None is unknown."""

    people_ahead: int | None
    promise: Promise | None


NOT_KNOWN = WaitFigures(None, None)
"""What is shown before the first forecast, and of a ticket that does not wait."""
NOBODY_AHEAD = WaitFigures(0, None)
"""What is shown before the first forecast where nobody waits."""


def windows_for(hall: Hall, service: ServiceId) -> Sequence[WindowId]:
    """Return the open windows that serve a service; when none is open, all that could."""
    able = windows_serving(hall, service)
    return [w for w in able if hall.window(w).state is WindowState.OPEN] or able


def competing_services(hall: Hall, service: ServiceId) -> set[ServiceId]:
    """Return the services, this one included, whose tickets compete for its windows."""
    return {service}.union(*(services_of(hall, w).services for w in windows_for(hall, service)))


def figures_of_new(hall: Hall, forecast: Forecast, *, service: ServiceId, priority: str | None) -> WaitFigures:
    """Return the wait of a ticket issued now."""
    own, others = (class_rank(hall, priority), NEWEST), _competing(hall, service)
    if not forecast.seq:
        return NOT_KNOWN if others else NOBODY_AHEAD
    return _of_newcomer(hall, forecast, service, own, passed=0, others=others)


def figures_of_ticket(hall: Hall, forecast: Forecast, ticket: Ticket) -> WaitFigures:
    """Return the rest of a ticket's wait."""
    if ticket.state is not TicketState.WAITING:
        return NOT_KNOWN
    own, passed = rank(hall, ticket), hall.passed.get(ticket.id, 0)
    others = _competing(hall, ticket.service) - 1
    if not forecast.seq:
        return NOT_KNOWN if others else NOBODY_AHEAD
    then = forecast.ahead_of_tickets.get(ticket.id)
    if then is not None:
        joined = _joined_before(hall, ticket.service, own, since=forecast.seq, passed=passed)
        found = forecast.tickets.get(ticket.id)
        return _moved(hall, forecast, ticket.service, found, then=then, joined=joined, others=others)
    if ticket.seniority[1] <= forecast.seq:  # no window was open, or it is back at an old place since
        return WaitFigures(_joined_before(hall, ticket.service, own, since=0, passed=passed), None)
    return _of_newcomer(hall, forecast, ticket.service, own, passed=passed, others=others)


def count_ahead(hall: Hall, *, service: ServiceId, priority: str | None) -> int:
    """Return how many waiting tickets of competing services rank before one issued now: kept, where none is shown."""
    return _joined_before(hall, service, (class_rank(hall, priority), NEWEST), since=0, passed=0)


def count_past_closing(hall: Hall, forecast: Forecast) -> int:
    """Return how many of those who wait may not be reached before the site closes."""
    late = (ticket for ticket, rest in forecast.tickets.items() if rest.p80_min > forecast.closes_min)
    return sum(t.state is TicketState.WAITING for ticket in late if (t := hall.open_ticket(ticket)))


def _of_newcomer(
    hall: Hall, forecast: Forecast, service: ServiceId, own: tuple[int, Seniority], *, passed: int, others: int
) -> WaitFigures:
    """Return the wait of a ticket that the forecast does not know yet: behind those it knew, and those since."""
    protected = own[0] < class_rank(hall, None)
    then = (forecast.ahead_of_protected if protected else forecast.ahead).get(service)
    if then is None:
        return WaitFigures(_joined_before(hall, service, own, since=0, passed=passed), None)
    joined = _joined_before(hall, service, own, since=forecast.seq, passed=passed)
    found = forecast.for_new_ticket(service, protected=protected)
    return _moved(hall, forecast, service, found, then=then, joined=joined, others=others)


def _moved(
    hall: Hall, forecast: Forecast, service: ServiceId, found: Quantiles | None, *, then: int, joined: int, others: int
) -> WaitFigures:
    """Return a forecast wait behind ``then`` people, moved by the calls since and by those who ``joined`` before.

    No more are ahead than the ``others`` who wait: some may have left.
    """
    ahead = min(max(0, then - _calls_since(hall, forecast, service)) + joined, others)
    if found is None:
        return WaitFigures(ahead, None)
    pace = forecast.paces[service]
    ends = _visits_to_end(ahead, _free_windows(hall, service)) - _visits_to_end(then, pace.free)
    moved = Quantiles(*(max(0.0, minutes + ends * pace.interval_min) for minutes in found))
    return WaitFigures(ahead, promise_for(moved, closes_min=forecast.closes_min))


def _visits_to_end(ahead: int, free: int) -> int:
    """Return how many visits must end before a visitor with so many people ahead and free windows is called."""
    return max(0, ahead - free + 1)


def _free_windows(hall: Hall, service: ServiceId) -> int:
    windows = (hall.window(w) for w in windows_serving(hall, service))
    return sum(w.state is WindowState.OPEN and w.ticket is None for w in windows)


def _competing(hall: Hall, service: ServiceId) -> int:
    """Return how many wait for the windows of a service."""
    services = {service}.union(*(services_of(hall, w).services for w in windows_serving(hall, service)))
    return sum(map(len, hall.queues_of(services)))


def _calls_since(hall: Hall, forecast: Forecast, service: ServiceId) -> int:
    """Return how many of those whom the forecast knew have been called since by windows of a service."""
    able = windows_serving(hall, service)
    calls = takewhile(lambda call: call.call_seq > forecast.seq, hall.calls)
    called = (hall.open_ticket(hall.numbers.get(c.number)) for c in calls if not c.recall and c.window in able)
    return sum(ticket is None or ticket.seniority[1] <= forecast.seq for ticket in called)


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


def promise_for(quantiles: Quantiles, *, least_min: int = 0, closes_min: float = math.inf) -> Promise:
    """Return the promised range, P50 to P80 rounded outward, with the quantiles that its outcome is measured against.

    It never begins below ``least_min``: nobody is called before the end of the walk. The site closes in ``closes_min``.
    """
    low = max(least_min, math.floor(quantiles.p50_min / ROUND_MIN) * ROUND_MIN)
    high = math.ceil(quantiles.p80_min / ROUND_MIN) * ROUND_MIN
    return Promise(
        low_min=low,
        high_min=max(high, low + ROUND_MIN),
        p50_min=round(quantiles.p50_min, 2),
        p80_min=round(quantiles.p80_min, 2),
        p90_min=round(quantiles.p90_min, 2),
        past_closing=quantiles.p80_min > closes_min,
    )


def promises_by_service(forecast: Forecast) -> dict[ServiceId, Promise | None]:
    """Return the promise of every service for a ticket issued now without priority; None is "unknown"."""
    return {
        service: None if found is None else promise_for(found, closes_min=forecast.closes_min)
        for service, found in forecast.services.items()
    }


def published_ranges(forecast: Forecast) -> dict[ServiceId, Promise | None]:
    """Return what is published of all promises: without the exact quantiles they seldom change."""
    return {service: published_range(promise) for service, promise in promises_by_service(forecast).items()}


def published_range(promise: Promise | None) -> Promise | None:
    """Return a promise without the exact quantiles."""
    return promise and promise.model_copy(update={"p50_min": None, "p80_min": None, "p90_min": None})
