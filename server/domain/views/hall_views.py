"""Views of a hall: pure functions from a hall to answers and retained messages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import NamedTuple

from protocol.answers import PrintJob, ServiceAnswer, ServicesAnswer, TicketAnswer, WindowAnswer, WindowsAnswer
from protocol.journal import Moment
from protocol.retained_messages import Board, Queue, ServiceQueue, Sign
from protocol.vocabulary import Promise, ServiceId, TicketState, WindowId
from server.domain.desk.announcements import no_show_in_s
from server.domain.discipline.queue_order import services_of, windows_serving
from server.domain.forecast import wait_times
from server.domain.forecast.forecast import Forecast
from server.domain.forecast.wait_times import WaitFigures
from server.domain.model import opening_hours
from server.domain.model.hall import CALLS_KEPT, Hall, PrintAttempt
from server.domain.model.tickets import Ticket

Promises = Mapping[ServiceId, Promise | None]


class SignContent(NamedTuple):
    """What a sign is made from, cheap to compare: the window with its visitor, and how many wait for it."""

    visit: tuple[object, ...]
    waiting: int


def ticket_view(hall: Hall, ticket: Ticket, *, wait: WaitFigures) -> TicketAnswer:
    """Return a ticket as devices and people see it; ``wait`` is what to show now."""
    window = hall.site.windows.get(ticket.window) if ticket.window else None
    jobs = hall.prints.get(ticket.id, ())
    return TicketAnswer(
        id=ticket.id,
        number=ticket.number,
        service=ticket.service,
        state=ticket.state,
        business_day=business_day(hall),
        language=ticket.language,
        priority=ticket.priority,
        issued_at=ticket.issued.at,
        called_at=ticket.called.at if ticket.called else None,
        assumed=ticket.assumed,
        window=ticket.window,
        window_label=window.label if window else None,
        people_ahead=wait.people_ahead,
        promise=wait.promise if ticket.state is TicketState.WAITING else None,
        page=f"/t/{ticket.id}",
        print_job=print_job_view(jobs[-1]) if jobs else None,
        seq=hall.seq,
    )


def print_job_view(job: PrintAttempt) -> PrintJob:
    """Return the answer about a print job."""
    return PrintJob(
        job=job.job,
        ticket=job.ticket,
        device=job.device,
        reprint=job.reprint,
        outcome=job.outcome,
        reason=job.reason,
    )


def is_open(hall: Hall, *, at: datetime, hours_apply: bool) -> bool:
    """Whether tickets are issued; hours mean nothing while the clock cannot be trusted."""
    return not hours_apply or opening_hours.is_open(hall.site.catalogue, at)


def services_view(hall: Hall, forecast: Forecast, *, at: datetime, is_open: bool) -> ServicesAnswer:
    """Return the kiosk's menu."""
    catalogue = hall.site.catalogue
    waits = {s: wait_times.figures_of_new(hall, forecast, service=s, priority=None) for s in hall.site.services}
    return ServicesAnswer(
        seq=hall.seq,
        as_of=at,
        site=catalogue.site,
        name=catalogue.name,
        time_zone=catalogue.time_zone,
        open=is_open,
        opens_at=None if is_open else opening_hours.opens_at(catalogue, at),
        hours=opening_hours.opening_hours_text(catalogue),
        departments=list(catalogue.departments),
        services=[
            ServiceAnswer(
                id=s.id,
                letter=s.letter,
                name=s.name,
                department=s.department,
                materials=list(s.materials),
                area=hall.site.areas[s.area].name,
                waiting=len(hall.queues.get(s.id, ())),
                people_ahead=waits[s.id].people_ahead,
                promise=wait_times.published_range(waits[s.id].promise),
                offered=bool(windows_serving(hall, s.id)),
            )
            for s in catalogue.services
        ],
        priorities=list(catalogue.priorities),
    )


def board_view(
    hall: Hall, promises: Promises, *, at: datetime, is_open: bool, county_away_since: datetime | None = None
) -> Board:
    """Return the board: all that a hall screen shows."""
    catalogue = hall.site.catalogue
    return Board(
        seq=hall.seq,
        as_of=at,
        site=catalogue.site,
        name=catalogue.name,
        calls=list(hall.calls),
        calls_since=hall.calls[-1].call_seq if len(hall.calls) == CALLS_KEPT else 0,
        waiting=[
            ServiceQueue(
                service=s.id,
                letter=s.letter,
                name=s.name,
                waiting=len(hall.queues.get(s.id, ())),
                promise=promises.get(s.id),
            )
            for s in catalogue.services
        ],
        open=is_open,
        county_away_since=county_away_since,
    )


def sign_view(hall: Hall, window: WindowId, *, at: Moment) -> Sign:
    """Return what one window's sign and lamp show."""
    catalogue_window = hall.site.windows[window]
    now = hall.window(window)
    at_window = hall.open_ticket(now.ticket)
    return Sign(
        seq=hall.seq,
        as_of=at.at,
        window=window,
        label=catalogue_window.label,
        name=catalogue_window.name,
        state=now.state,
        ticket=at_window.number if at_window else None,
        ticket_state=at_window.state if at_window else None,
        in_doubt=in_doubt.number if (in_doubt := hall.in_doubt(window)) else None,
        call_seq=_call_seq(hall, at_window),
        waiting=_waiting_at(hall, window),
        no_show_in_s=no_show_in_s(hall, at_window, at=at) if at_window else None,
    )


def sign_content(hall: Hall, window: WindowId, *, at: Moment) -> SignContent:
    """Return all that a sign is made from; of the time until a no-show whether it is over."""
    now = hall.window(window)
    at_window = hall.open_ticket(now.ticket)
    is_early = bool(at_window and no_show_in_s(hall, at_window, at=at))
    visit = (hall.site, now, at_window, hall.in_doubt(window), _call_seq(hall, at_window), is_early)
    return SignContent(visit, _waiting_at(hall, window))


def queue_view(hall: Hall, service: ServiceId, promises: Promises, *, at: datetime) -> Queue:
    """Return the queue of one service, as published."""
    catalogue_service = hall.site.services[service]
    return Queue(
        seq=hall.seq,
        as_of=at,
        service=service,
        letter=catalogue_service.letter,
        name=catalogue_service.name,
        waiting=len(hall.queues.get(service, ())),
        promise=promises.get(service),
    )


def window_view(hall: Hall, window: WindowId) -> WindowAnswer:
    """Return the answer about a window."""
    catalogue_window = hall.site.windows[window]
    now = hall.window(window)
    at_window = hall.open_ticket(now.ticket)
    return WindowAnswer(
        id=window,
        label=catalogue_window.label,
        name=catalogue_window.name,
        services=list(services_of(hall, window).services),
        state=now.state,
        ticket=at_window.number if at_window else None,
        ticket_state=at_window.state if at_window else None,
        waiting=_waiting_at(hall, window),
    )


def windows_view(hall: Hall, *, at: datetime) -> WindowsAnswer:
    """Return all windows, in the site's order."""
    return WindowsAnswer(seq=hall.seq, as_of=at, windows=[window_view(hall, w.id) for w in hall.site.catalogue.windows])


def business_day(hall: Hall) -> date:
    """Return the business day of a hall that has begun one."""
    if hall.day is None:
        raise ValueError("the hall has not begun a day")
    return hall.day


def _waiting_at(hall: Hall, window: WindowId) -> int:
    return sum(len(hall.queues.get(s, ())) for s in services_of(hall, window).services)


def _call_seq(hall: Hall, at_window: Ticket | None) -> int:
    return next((c.call_seq for c in hall.calls if at_window is not None and c.number == at_window.number), 0)
