"""Rules of a window: call, recall, start, finish, no-show, transfer; open, pause, close."""

from __future__ import annotations

from protocol import journal as j
from protocol.vocabulary import ServiceId, TicketState, WindowId, WindowState
from server.domain.desk import announcements, assumptions, issuance
from server.domain.discipline.queue_order import choose_ticket, passed_by, services_of, windows_serving
from server.domain.model import catalogue as c
from server.domain.model.hall import Hall, HallWindow
from server.domain.model.refusals import (
    CalledJustNow,
    NobodyInDoubt,
    NobodyWaiting,
    NoShowTooSoon,
    NoTicketAtWindow,
    ServiceNotServed,
    TicketElsewhere,
    UnknownService,
    UnknownTicket,
    UnknownWindow,
    WindowNotOpen,
)
from server.domain.model.tickets import Ticket, state_after

Facts = tuple[j.AnyFact, ...]


def call_next(hall: Hall, *, window: WindowId, at: j.Moment) -> Facts:
    """Call whom the discipline chooses; the visit still at the window ends by it.

    One press is all a clerk needs. A visitor who was called but never marked as started is assumed to have been served,
    or to have missed the call when the press comes sooner than that (``assumptions.was_served``); no statistic of
    serving times or absences uses either. A press within ``rules.call_guard_s`` of the last call is a double press.
    Raises UnknownWindow, WindowNotOpen, CalledJustNow, NobodyWaiting.
    """
    now = _open(hall, window)
    _guard(hall, now, at=at)
    choice = choose_ticket(hall, window=window, at=at)
    if choice is None:
        raise NobodyWaiting
    call = j.TicketCalled(ticket=choice.ticket.id, window=window, reason=choice.reason, passed=choice.passed)
    return (*_ended_by_next(hall, now, at=at), call)


def call_number(hall: Hall, *, window: WindowId, number: str, at: j.Moment) -> Facts:
    """Call a chosen number: a clerk's own decision, inside the bound on being passed.

    Raises also UnknownTicket, WrongState, TicketElsewhere, PassedTooOften.
    """
    now = _open(hall, window)
    ticket = hall.open_ticket(hall.numbers.get(number)) or hall.assumed_number(number)
    if ticket is None:
        raise UnknownTicket.by_number(number)
    given_back = _given_back_by_absent_clerk(hall, ticket)
    if not given_back:
        state_after(TicketState.NO_SHOW if ticket.assumed else ticket.state, "call")
    issuance.require_confirmed(ticket)
    if ticket.service not in services_of(hall, window).services:
        raise ServiceNotServed.by_this_window(number)
    _guard(hall, now, at=at)
    passed = passed_by(hall, window, ticket)
    call = j.TicketCalled(ticket=ticket.id, window=window, reason="by_number", passed=passed)
    return (*_ended_by_next(hall, now, at=at), *given_back, call)


def recall(hall: Hall, *, window: WindowId) -> Facts:
    """Call the window's visitor again. Raises UnknownWindow, NoTicketAtWindow."""
    ticket = at_window(hall, window, TicketState.CALLED, TicketState.SERVING)
    return (j.TicketRecalled(ticket=ticket.id, window=window),)


def start(hall: Hall, *, window: WindowId) -> Facts:
    """Record that the visitor came. Raises UnknownWindow, NoTicketAtWindow."""
    ticket = at_window(hall, window, TicketState.CALLED)
    return (j.TicketStarted(ticket=ticket.id, window=window),)


def finish(hall: Hall, *, window: WindowId) -> Facts:
    """Record that the visitor left served. Raises UnknownWindow, NoTicketAtWindow."""
    return _finished(at_window(hall, window, TicketState.CALLED, TicketState.SERVING), window)


def mark_no_show(hall: Hall, *, window: WindowId, at: j.Moment) -> Facts:
    """Note that the called visitor is absent. Raises UnknownWindow, NoTicketAtWindow, NoShowTooSoon."""
    ticket = at_window(hall, window, TicketState.CALLED)
    left_s = announcements.no_show_in_s(hall, ticket, at=at)
    if left_s:
        raise NoShowTooSoon(left_s, announced=ticket.announced is not None)
    return (j.TicketNoShow(ticket=ticket.id, window=window),)


def confirm_served(hall: Hall, *, window: WindowId) -> Facts:
    """Note that the visitor called before came and left served. Raises UnknownWindow, NobodyInDoubt."""
    return (j.TicketFinished(ticket=_in_doubt(hall, window).id, window=window),)


def confirm_absent(hall: Hall, *, window: WindowId) -> Facts:
    """Note that the visitor called before did not come. Raises UnknownWindow, NobodyInDoubt."""
    return (j.TicketNoShow(ticket=_in_doubt(hall, window).id, window=window),)


def transfer(hall: Hall, *, window: WindowId, service: ServiceId) -> Facts:
    """Transfer the visitor to another service; the seniority is kept.

    Raises UnknownWindow, NoTicketAtWindow, UnknownService, ServiceNotServed.
    """
    ticket = at_window(hall, window, TicketState.CALLED, TicketState.SERVING)
    catalogue_service = hall.site.services.get(service)
    if catalogue_service is None:
        raise UnknownService(service)
    if not windows_serving(hall, service):
        raise ServiceNotServed.by_any_window(catalogue_service.name)
    return (j.TicketTransferred(ticket=ticket.id, window=window, service=service),)


def set_window(hall: Hall, *, window: WindowId, state: WindowState) -> Facts:
    """Open, pause or close a window; what it is already changes nothing. Raises UnknownWindow."""
    described_window(hall, window)
    if hall.window(window).state is state:
        return ()
    return (j.WindowChanged(window=window, state=state),)


def leave_window(hall: Hall, *, window: WindowId, state: WindowState, at: j.Moment) -> Facts:
    """Pause or close a window. Whoever is being served there is served to the end.

    A called visitor who can hardly have come yet (``assumptions.was_served``) is given back: the old place in the
    queue, for the next window. One whose start nobody recorded, but who may be there, stays. Raises UnknownWindow.
    """
    changed = set_window(hall, window=window, state=state)
    ticket = hall.open_ticket(hall.window(window).ticket)
    if not changed or ticket is None or ticket.state is not TicketState.CALLED:
        return changed
    return changed if assumptions.was_served(hall, ticket, at=at) else (_give_back(ticket, window), *changed)


def described_window(hall: Hall, window: WindowId) -> c.Window:
    """Return a window's description. Raises UnknownWindow."""
    found = hall.site.windows.get(window)
    if found is None:
        raise UnknownWindow(window)
    return found


def at_window(hall: Hall, window: WindowId, *states: TicketState) -> Ticket:
    """Return the ticket at a window in one of these states. Raises UnknownWindow, NoTicketAtWindow."""
    described_window(hall, window)
    ticket = hall.open_ticket(hall.window(window).ticket)
    if ticket is None or ticket.state not in states:
        raise NoTicketAtWindow
    return ticket


def _open(hall: Hall, window: WindowId) -> HallWindow:
    described_window(hall, window)
    now = hall.window(window)
    if now.state is not WindowState.OPEN:
        raise WindowNotOpen
    return now


def _guard(hall: Hall, window: HallWindow, *, at: j.Moment) -> None:
    if window.ticket is None or window.last_call is None:
        return
    if at.since(window.last_call) < hall.site.catalogue.rules.call_guard_s:
        raise CalledJustNow


def _given_back_by_absent_clerk(hall: Hall, ticket: Ticket) -> Facts:
    """Return how a ticket leaves the window where it is, if it is at one. Raises TicketElsewhere.

    A called visitor is not lost whose clerk has paused or closed the window: any other may call the number.
    """
    if ticket.state not in (TicketState.CALLED, TicketState.SERVING) or ticket.window is None:
        return ()
    if ticket.state is TicketState.SERVING or hall.window(ticket.window).state is WindowState.OPEN:
        raise TicketElsewhere(ticket.number, window_label=hall.site.windows[ticket.window].label)
    return (_give_back(ticket, ticket.window),)


def _give_back(ticket: Ticket, window: WindowId) -> j.TicketTransferred:
    """Return the fact that puts a called visitor back at the old place: a transfer to the same service."""
    return j.TicketTransferred(ticket=ticket.id, window=window, service=ticket.service)


def _in_doubt(hall: Hall, window: WindowId) -> Ticket:
    described_window(hall, window)
    ticket = hall.in_doubt(window)
    if ticket is None:
        raise NobodyInDoubt
    return ticket


def _ended_by_next(hall: Hall, window: HallWindow, *, at: j.Moment) -> Facts:
    """Return how the visit at a window ended, if there is one, when its clerk calls somebody else."""
    if window.ticket is None:
        return ()
    ticket = hall.tickets[window.ticket]
    if ticket.state is TicketState.CALLED and not assumptions.was_served(hall, ticket, at=at):
        return (j.TicketNoShow(ticket=ticket.id, window=window.id, assumed=True),)
    return _finished(ticket, window.id)


def _finished(ticket: Ticket, window: WindowId) -> Facts:
    done = j.TicketFinished(ticket=ticket.id, window=window)
    if ticket.state is TicketState.CALLED:
        return (j.TicketStarted(ticket=ticket.id, window=window, assumed=True), done)
    return (done,)
