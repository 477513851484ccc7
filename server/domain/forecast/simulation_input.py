"""The state of a hall as the simulation needs it: numbers and tuples, made once, cheap to pickle for another process.

Times are seconds from the start of the simulation; what happened before is negative.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from protocol.journal import Moment
from protocol.vocabulary import ServiceId, TicketId, TicketState, WindowId, WindowState
from server.domain.discipline.queue_order import pace, services_of
from server.domain.forecast.calibration import Factors, correction_factors
from server.domain.forecast.service_times import ServiceTimes, learned_service_times
from server.domain.model import opening_hours
from server.domain.model.arrival_rate import expected_arrivals
from server.domain.model.hall import Hall, class_rank
from server.domain.model.tickets import Seniority, Ticket

WALK_S = 30.0
"""Walking time from call to start, seconds."""
AFTER_ALL: Seniority = (2**62, 0)
"""Seniority of a ticket that is about to be issued: behind all others."""
NO_SHOW_PRIOR = (1.0, 20.0)
"""Prior of the no-show share: one of twenty called visitors is absent."""

QueueKey = tuple[int, int]
"""One class of one service: index of the service in the catalogue, rank of the class."""


@dataclass(frozen=True, slots=True)
class SimulatedTicket:
    """A ticket in its queue, or on its way there. ``queue`` is an index of ``SimulationInput.queues``."""

    ticket: TicketId
    queue: int
    seniority: Seniority
    since_s: float
    """When its claim began, the credit of a referral included."""
    passed: int
    """Number of younger tickets called before it."""
    arrives_s: float | None = None
    """When a travelling visitor is expected; None for one who is here."""


@dataclass(frozen=True, slots=True)
class VisitUnderWay:
    """The visit under way at a window. ``service`` is an index of ``SimulationInput.services``."""

    service: int
    started: bool
    elapsed_s: float
    """Time since the start, or since the call of a visit that has not started."""


@dataclass(frozen=True, slots=True)
class SimulatedWindow:
    """A window that calls visitors now or later in the run."""

    queues: tuple[tuple[int, float], ...]
    """Queues it calls from: (index, pace at which a wait becomes urgent here, in shares of the limit per second)."""
    times: Mapping[int, tuple[float, float]]
    """Serving time by service: mean and standard deviation of its logarithm, seconds."""
    visit: VisitUnderWay | None
    paused: bool
    breaks: tuple[tuple[float, float], ...]
    """Planned breaks as (begin, end)."""


@dataclass(frozen=True, slots=True)
class SimulationInput:
    """A site at a moment: everything that a run of the simulation starts from."""

    services: tuple[ServiceId, ...]
    known: tuple[bool, ...]
    """By service: whether there are enough measurements of its serving times to promise a wait."""
    queues: tuple[QueueKey, ...]
    windows: tuple[SimulatedWindow, ...]
    tickets: tuple[SimulatedTicket, ...]
    """Waiting tickets in the order of their queues, then travelling ones."""
    no_show_share: float
    """Share of called visitors who are absent."""
    arrival_rates: tuple[tuple[int, float], ...]
    """Expected arrivals: (index of the queue, visitors per second)."""
    arrivals_end_s: float
    """When the site stops issuing tickets."""
    longest_wait_s: float
    """Wait after which a ticket goes before all classes (``rules.longest_wait_min``)."""
    passed_at_most: int
    ordinary_rank: int
    """Rank of the class without priority."""
    correction: Factors
    """Calibration factors of the quantiles."""
    seq: int = 0
    """Journal number of the hall."""


def simulation_input(
    hall: Hall, *, at: Moment, times: ServiceTimes | None = None, hours_apply: bool = True
) -> SimulationInput:
    """Return a hall at a moment as the simulation needs it; ``times`` replaces what the hall has learned.

    The opening hours mean nothing while the clock cannot be trusted.
    """
    services = tuple(hall.site.services)
    service_index = {s: place for place, s in enumerate(services)}
    times = times or learned_service_times(hall)
    ordinary = class_rank(hall, None)
    queues = _queues(hall, service_index, ordinary)
    queue_index = {key: place for place, key in enumerate(queues)}
    rules = hall.site.catalogue.rules
    return SimulationInput(
        services=services,
        known=tuple(s in times.known for s in services),
        queues=queues,
        windows=tuple(_windows(hall, service_index, queues, times, at=at)),
        tickets=tuple(_tickets(hall, service_index, queue_index, at=at)),
        no_show_share=no_show_share(hall.learned.came),
        arrival_rates=tuple(_arrival_rates(hall, service_index, queue_index, ordinary, at=at)),
        arrivals_end_s=_arrivals_end_s(hall, at.at) if hours_apply else float("inf"),
        longest_wait_s=rules.longest_wait_min * 60,
        passed_at_most=rules.passed_at_most,
        ordinary_rank=ordinary,
        correction=correction_factors(hall.learned.outcomes),
        seq=hall.seq,
    )


def _queues(hall: Hall, service_index: Mapping[ServiceId, int], ordinary: int) -> tuple[QueueKey, ...]:
    """Return every queue that has a ticket or gets a probe: each service's ordinary and last protected class."""
    classes = {ordinary, max(0, ordinary - 1)}
    tickets = [t for t in hall.tickets.values() if t.service in service_index]
    occupied = {(service_index[t.service], class_rank(hall, t.priority)) for t in tickets}
    return tuple(sorted({(s, c) for s in service_index.values() for c in classes} | occupied))


def _windows(
    hall: Hall, service_index: Mapping[ServiceId, int], queues: Sequence[QueueKey], times: ServiceTimes, *, at: Moment
) -> Iterator[SimulatedWindow]:
    for described in hall.site.catalogue.windows:
        now = hall.window(described.id)
        if now.state is WindowState.CLOSED:
            continue
        taken = services_of(hall, described.id)
        own = {service_index[s] for s in taken.own}
        limits = {service_index[s]: hall.site.services[s].limit_min * 60 for s in taken.services}
        at_window = hall.open_ticket(now.ticket)
        served = {*taken.services, *([at_window.service] if at_window and at_window.service in service_index else [])}
        learned = {service_index[s]: times.at(s, described.id) for s in served}
        yield SimulatedWindow(
            queues=tuple(
                (place, pace(limit_s=limits[s], own=s in own)) for place, (s, _) in enumerate(queues) if s in limits
            ),
            times={s: (t.mu, t.sigma) for s, t in learned.items()},
            visit=_visit_under_way(at_window, service_index, at=at),
            paused=now.state is WindowState.PAUSED,
            breaks=tuple(_breaks(hall, described.id, at.at)),
        )


def _visit_under_way(
    ticket: Ticket | None, service_index: Mapping[ServiceId, int], *, at: Moment
) -> VisitUnderWay | None:
    if ticket is None or ticket.called is None or ticket.service not in service_index:
        return None
    elapsed_s = at.since(ticket.started or ticket.called)
    return VisitUnderWay(service_index[ticket.service], ticket.started is not None, elapsed_s)


def _breaks(hall: Hall, window: WindowId, at: datetime) -> Iterator[tuple[float, float]]:
    """Yield today's breaks of a window that have not ended, as seconds from now."""
    local = at.astimezone(ZoneInfo(hall.site.catalogue.time_zone))
    for pause in hall.site.windows[window].breaks:
        begins = local.replace(hour=pause.begin.hour, minute=pause.begin.minute, second=0, microsecond=0)
        ends = local.replace(hour=pause.end.hour, minute=pause.end.minute, second=0, microsecond=0)
        if ends > local:
            yield ((begins - local) / timedelta(seconds=1), (ends - local) / timedelta(seconds=1))


def _tickets(
    hall: Hall, service_index: Mapping[ServiceId, int], queue_index: Mapping[QueueKey, int], *, at: Moment
) -> Iterator[SimulatedTicket]:
    waiting = [t for queue in hall.queues.values() for t in queue]
    travelling = [t for t in hall.tickets.values() if _travels(t) and t.service in service_index]
    for ticket in (*waiting, *travelling):
        yield SimulatedTicket(
            ticket=ticket.id,
            queue=queue_index[service_index[ticket.service], class_rank(hall, ticket.priority)],
            seniority=ticket.seniority,
            since_s=-at.since(ticket.since) - ticket.credit_s,
            passed=hall.passed.get(ticket.id, 0),
            arrives_s=ticket.arrives_in_s(at) if _travels(ticket) else None,
        )


def _travels(ticket: Ticket) -> bool:
    return ticket.state is TicketState.TRAVELLING


def no_show_share(came: Sequence[bool]) -> float:
    """Return the share of called visitors who are absent, from whether the latest ones came."""
    absent, called = NO_SHOW_PRIOR
    return (absent + came.count(False)) / (called + len(came))


def _arrival_rates(
    hall: Hall,
    service_index: Mapping[ServiceId, int],
    queue_index: Mapping[QueueKey, int],
    ordinary: int,
    *,
    at: Moment,
) -> Iterator[tuple[int, float]]:
    if hall.began is None:
        return
    measured = {s: flow for s, flow in hall.arrival_rates.items() if s in service_index}
    expected = expected_arrivals(measured, services=len(service_index), began=hall.began, at=at)
    for service, arrivals in expected.items():
        yield (queue_index[service_index[service], ordinary], arrivals.ordinary)
        yield (queue_index[service_index[service], max(0, ordinary - 1)], arrivals.protected)


def _arrivals_end_s(hall: Hall, at: datetime) -> float:
    closes = opening_hours.closes_at(hall.site.catalogue, at)
    return float("inf") if closes is None else (closes - at) / timedelta(seconds=1)
