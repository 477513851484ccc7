"""What a clerk sees and may press at one window: made from a hall, as texts and lists."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import islice

from protocol.text.dates import clock
from protocol.vocabulary import ServiceId, Text, TicketId, TicketState, WindowAction, WindowId, WindowState
from server.domain.discipline.queue_order import services_of
from server.domain.model.hall import Hall, rank
from server.domain.model.tickets import Ticket
from server.web.staff.window_lamp import WindowLamp, agreed_text, service_names, window_lamp

LISTED = 40
"""Number of waiting tickets that are listed; the count beside the list is of all."""


ASSUMED_LISTED = 10
"""Number of visits that are only assumed that are listed; any other is called by its number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClerkListLine:
    """One number in a list."""

    ticket: TicketId
    number: str
    service: Text
    priority: Text | None
    since: str
    """Local time of issue, ``HH:MM``."""
    may_return: bool = False
    assumed: bool = False
    """Whether the visitor's absence is only assumed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClerkView:
    """One window's page. ``since`` is the local time of the call or start."""

    window: WindowId
    label: str
    name: Text
    lamp: WindowLamp
    number: str | None
    service: Text | None
    priority: Text | None
    since: str | None
    actions: frozenset[WindowAction]
    in_doubt: ClerkListLine | None
    """Number called before, of which only the clerk can say whether the visitor came."""
    waiting_of: tuple[tuple[Text, int], ...]
    waiting_total: int
    waiting: tuple[ClerkListLine, ...]
    missed: tuple[ClerkListLine, ...]
    assumed: tuple[ClerkListLine, ...]
    """Numbers that are taken to be served because the window called the next one, latest first."""
    travelling: tuple[ClerkListLine, ...]
    """Visitors whom other sites have referred here, and who are on the way."""
    agreed: Text | None
    """A change that a manager accepted for this window and that is not made yet."""
    helps: Text | None
    """What else the window takes today, because a manager accepted it."""


def clerk_view(hall: Hall, window: WindowId) -> ClerkView:
    """Return what the clerk of a window sees now."""
    catalogue_window = hall.site.windows[window]
    now = hall.window(window)
    at_window = hall.open_ticket(now.ticket)
    services = services_of(hall, window).services
    queues = hall.queues_of(services)
    first = sorted((t for q in queues for t in islice(q, LISTED)), key=partial(rank, hall))[:LISTED]
    served = hall.site.services
    return ClerkView(
        window=window,
        label=catalogue_window.label,
        name=catalogue_window.name,
        lamp=window_lamp(hall, window),
        number=at_window.number if at_window else None,
        service=_service(hall, at_window) if at_window else None,
        priority=_priority(hall, at_window) if at_window else None,
        since=_since(hall, at_window),
        actions=_actions(now.state, at_window) | _confirmations(hall, window),
        in_doubt=_line(hall, in_doubt) if (in_doubt := hall.in_doubt(window)) else None,
        waiting_of=tuple((served[s].name, len(hall.queues.get(s, ()))) for s in services),
        waiting_total=sum(len(q) for q in queues),
        waiting=tuple(_line(hall, t) for t in first),
        missed=tuple(_line(hall, t) for t in _missed(hall, services)),
        assumed=tuple(_line(hall, t) for t in _assumed(hall, services)),
        travelling=tuple(_line(hall, t) for t in _travelling(hall)),
        agreed=agreed_text(hall, window),
        helps=_helps(hall, window),
    )


def _helps(hall: Hall, window: WindowId) -> Text | None:
    own = hall.site.windows[window].services
    helped = [s for s in hall.window(window).helps if s in hall.site.services and s not in own]
    names = service_names(hall, helped)
    return Text(zh=f"今天也办理：{names.zh}", en=f"Also takes today: {names.en}") if helped else None


def _actions(state: WindowState, at_window: Ticket | None) -> frozenset[WindowAction]:
    keys = {
        WindowState.OPEN: {WindowAction.CALL_NEXT, WindowAction.PAUSE, WindowAction.CLOSE},
        WindowState.PAUSED: {WindowAction.OPEN, WindowAction.CLOSE},
        WindowState.CLOSED: {WindowAction.OPEN},
    }[state]
    if at_window is None:
        return frozenset(keys)
    keys |= {WindowAction.RECALL, WindowAction.TRANSFER}
    called = at_window.state is TicketState.CALLED
    return frozenset(keys | ({WindowAction.START, WindowAction.NO_SHOW} if called else {WindowAction.FINISH}))


def _confirmations(hall: Hall, window: WindowId) -> frozenset[WindowAction]:
    confirmations = (WindowAction.CONFIRM_SERVED, WindowAction.CONFIRM_ABSENT)
    return frozenset(() if hall.in_doubt(window) is None else confirmations)


def _missed(hall: Hall, services: tuple[ServiceId, ...]) -> list[Ticket]:
    """Return the numbers that missed their call, latest call first."""
    missed = [t for t in hall.tickets.values() if t.state is TicketState.NO_SHOW and t.service in services]
    return sorted(missed, key=lambda t: t.call_seq or 0, reverse=True)


def _assumed(hall: Hall, services: tuple[ServiceId, ...]) -> list[Ticket]:
    """Return the latest numbers that are only assumed to be served."""
    assumed = (t for t in reversed(list(hall.assumed.values())) if t.service in services)
    return list(islice(assumed, ASSUMED_LISTED))


def _travelling(hall: Hall) -> list[Ticket]:
    """Return the visitors on the way, longest on the way first; every clerk may check them in."""
    travelling = [t for t in hall.tickets.values() if t.state is TicketState.TRAVELLING]
    return sorted(travelling, key=lambda t: t.seniority)


def _line(hall: Hall, ticket: Ticket) -> ClerkListLine:
    return ClerkListLine(
        ticket=ticket.id,
        number=ticket.number,
        service=_service(hall, ticket),
        priority=_priority(hall, ticket),
        since=clock(ticket.issued.at, hall.site.catalogue.time_zone),
        may_return=ticket.assumed or ticket.returns < hall.site.catalogue.rules.returns,
        assumed=ticket.assumed,
    )


def _service(hall: Hall, ticket: Ticket) -> Text:
    return hall.site.services[ticket.service].name


def _priority(hall: Hall, ticket: Ticket) -> Text | None:
    return next((p.name for p in hall.site.catalogue.priorities if p.id == ticket.priority), None)


def _since(hall: Hall, at_window: Ticket | None) -> str | None:
    moment = at_window and (at_window.started or at_window.called)
    return clock(moment.at, hall.site.catalogue.time_zone) if moment else None
