"""A hall as a forecast needs it: numbers and tuples, made once and cheap to send to another process.

Times are seconds from the moment of the scene; what happened before is negative.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from protocol.journal import Moment
from protocol.vocabulary import TicketState, WindowState
from server.domain.discipline.queue_order import pace, takes
from server.domain.forecast.calibration import Factors, correction_factors
from server.domain.forecast.service_times import ServiceTimes, learned_service_times
from server.domain.model import opening_hours
from server.domain.model.hall import Hall, class_rank
from server.domain.model.tickets import Seniority, Ticket

WALK_S = 30.0
"""From call to start: what a visitor needs to reach the window."""
AFTER_ALL: Seniority = (2**62, 0)
"""The place of a ticket that is about to be issued."""
ABSENT_BEFORE = (1.0, 20.0)
"""Before anything is known, one visitor in twenty is absent when called."""

QueueKey = tuple[int, int]
"""One class of one service: the service's place in the catalogue, the class's rank."""


@dataclass(frozen=True, slots=True)
class SimulatedTicket:
    """A ticket in its line, or on its way there."""

    ticket: str
    line: int
    place: Seniority
    since_s: float
    """When its claim began, the credit included."""
    passed: int
    arrives_s: float | None = None
    """When a referred visitor is expected; None for who is here."""


@dataclass(frozen=True, slots=True)
class VisitUnderWay:
    """The visit under way at a window."""

    service: int
    started: bool
    elapsed_s: float
    """Since the start, or since the call."""


@dataclass(frozen=True, slots=True)
class SimulatedWindow:
    """A window that takes visitors, or will."""

    lanes: tuple[tuple[int, float], ...]
    """The lines it calls from, each with how fast its claims become urgent here."""
    times: Mapping[int, tuple[float, float]]
    """Mean and spread of the logarithm of the serving time, by service."""
    busy: VisitUnderWay | None
    paused: bool
    breaks: tuple[tuple[float, float], ...]
    """When the clerk is to be away."""


@dataclass(frozen=True, slots=True)
class SimulationInput:
    """A site at a moment."""

    services: tuple[str, ...]
    known: tuple[bool, ...]
    """Of which services enough is known to promise a wait."""
    lines: tuple[QueueKey, ...]
    posts: tuple[SimulatedWindow, ...]
    waiting: tuple[SimulatedTicket, ...]
    """In the order of their lines."""
    absent: float
    """Share of called visitors who are not there."""
    flow: tuple[tuple[int, float], ...]
    """Visitors to come per second, by line."""
    flow_ends_s: float
    """When the site stops giving numbers."""
    longest_s: float
    passed_at_most: int
    ordinary: int
    """The rank of visitors without priority."""
    factors: Factors
    """What the quantiles are corrected by."""


def simulation_input(hall: Hall, *, at: Moment, times: ServiceTimes | None = None) -> SimulationInput:
    """Return the hall as a forecast needs it; ``times`` takes the place of what the hall has learned."""
    services = tuple(hall.site.services)
    index = {s: place for place, s in enumerate(services)}
    times = times or learned_service_times(hall)
    ordinary = class_rank(hall, None)
    lines = _lines(hall, index, ordinary)
    numbered = {line: place for place, line in enumerate(lines)}
    rules = hall.site.catalogue.rules
    return SimulationInput(
        services=services,
        known=tuple(s in times.known for s in services),
        lines=lines,
        posts=tuple(_posts(hall, index, lines, times, at=at)),
        waiting=tuple(_waiting(hall, index, numbered, at=at)),
        absent=_absent(hall.learned.came),
        flow=tuple(_flow(hall, index, numbered, ordinary, at=at)),
        flow_ends_s=_flow_ends_s(hall, at.at),
        longest_s=rules.longest_wait_min * 60,
        passed_at_most=rules.passed_at_most,
        ordinary=ordinary,
        factors=correction_factors(hall.learned.outcomes),
    )


def _lines(hall: Hall, index: Mapping[str, int], ordinary: int) -> tuple[QueueKey, ...]:
    """Return every class that is there, or is about to be: ordinary visitors, and the last protected class."""
    classes = {ordinary, max(0, ordinary - 1)}
    here = {(index[t.service], class_rank(hall, t.priority)) for t in hall.tickets.values() if t.service in index}
    return tuple(sorted({(s, c) for s in index.values() for c in classes} | here))


def _posts(
    hall: Hall, index: Mapping[str, int], lines: Sequence[QueueKey], times: ServiceTimes, *, at: Moment
) -> Iterator[SimulatedWindow]:
    for described in hall.site.catalogue.windows:
        now = hall.window(described.id)
        if now.state is WindowState.CLOSED:
            continue
        taken = takes(hall, described.id)
        own = {index[s] for s in taken.own}
        limits = {index[s]: hall.site.services[s].limit_min * 60 for s in taken.services}
        held = hall.tickets.get(now.ticket or "")
        served = {*taken.services, *([held.service] if held and held.service in index else [])}
        learned = {index[s]: times.at(s, described.id) for s in served}
        yield SimulatedWindow(
            lanes=tuple(
                (place, pace(limit_s=limits[s], own=s in own)) for place, (s, _) in enumerate(lines) if s in limits
            ),
            times={s: (t.mu, t.sigma) for s, t in learned.items()},
            busy=_busy(held, index, at=at),
            paused=now.state is WindowState.PAUSED,
            breaks=tuple(_breaks(hall, described.id, at.at)),
        )


def _busy(ticket: Ticket | None, index: Mapping[str, int], *, at: Moment) -> VisitUnderWay | None:
    if ticket is None or ticket.called is None or ticket.service not in index:
        return None
    return VisitUnderWay(index[ticket.service], ticket.started is not None, at.since(ticket.started or ticket.called))


def _breaks(hall: Hall, window: str, at: datetime) -> Iterator[tuple[float, float]]:
    """Yield the rest of today's breaks of a window."""
    local = at.astimezone(ZoneInfo(hall.site.catalogue.time_zone))
    for pause in hall.site.windows[window].breaks:
        begins = local.replace(hour=pause.begin.hour, minute=pause.begin.minute, second=0, microsecond=0)
        ends = local.replace(hour=pause.end.hour, minute=pause.end.minute, second=0, microsecond=0)
        if ends > local:
            yield ((begins - local) / timedelta(seconds=1), (ends - local) / timedelta(seconds=1))


def _waiting(
    hall: Hall, index: Mapping[str, int], numbered: Mapping[QueueKey, int], *, at: Moment
) -> Iterator[SimulatedTicket]:
    here = [t for queue in hall.queues.values() for t in queue]
    coming = [t for t in hall.tickets.values() if t.state is TicketState.TRAVELLING and t.service in index]
    for ticket in (*here, *coming):
        travelling = ticket.state is TicketState.TRAVELLING
        yield SimulatedTicket(
            ticket=ticket.id,
            line=numbered[index[ticket.service], class_rank(hall, ticket.priority)],
            place=ticket.seniority,
            since_s=-at.since(ticket.since) - ticket.credit_s,
            passed=hall.passed.get(ticket.id, 0),
            arrives_s=ticket.arrives_in_s(at) if travelling else None,
        )


def _absent(came: Sequence[bool]) -> float:
    absent, called = ABSENT_BEFORE
    return (absent + came.count(False)) / (called + len(came))


def _flow(
    hall: Hall, index: Mapping[str, int], numbered: Mapping[QueueKey, int], ordinary: int, *, at: Moment
) -> Iterator[tuple[int, float]]:
    if hall.began is None:
        return
    for service, flow in hall.arrival_rates.items():
        if service in index:
            plain, protected = flow.rates(began=hall.began, at=at)
            yield (numbered[index[service], ordinary], plain)
            if protected:
                yield (numbered[index[service], max(0, ordinary - 1)], protected)


def _flow_ends_s(hall: Hall, at: datetime) -> float:
    closes = opening_hours.closes_at(hall.site.catalogue, at)
    return float("inf") if closes is None else (closes - at) / timedelta(seconds=1)
