"""What a clerk sees and may press at one window: a hall in, words and lists out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial
from itertools import islice
from types import MappingProxyType
from zoneinfo import ZoneInfo

from protocol import theme
from protocol.vocabulary import ServiceId, Text, TicketId, TicketState, WindowId, WindowState
from server.domain.discipline.queue_order import takes
from server.domain.model.hall import Hall, rank
from server.domain.model.tickets import Ticket

SHOWN = 40
"""How many waiting numbers are listed; the count says how many there are."""


class ClerkAction(StrEnum):
    """What a clerk may do at a window as it stands."""

    CALL_NEXT = "call-next"
    RECALL = "recall"
    START = "start"
    FINISH = "finish"
    NO_SHOW = "no-show"
    TRANSFER = "transfer"
    OPEN = "open"
    PAUSE = "pause"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class ClerkLamp:
    """The window's state in a colour and in words."""

    colour: str
    words: Text


_OF_TICKET = MappingProxyType(
    {
        TicketState.CALLED: ClerkLamp(theme.CALLED, Text(zh="已叫号，等待到窗", en="Called, not here yet")),
        TicketState.SERVING: ClerkLamp(theme.ACCENT, Text(zh="办理中", en="Serving")),
    }
)
_OF_WINDOW = MappingProxyType(
    {
        WindowState.OPEN: ClerkLamp(theme.GOOD, Text(zh="空闲", en="Free")),
        WindowState.PAUSED: ClerkLamp(theme.WARN, Text(zh="暂停服务", en="Paused")),
        WindowState.CLOSED: ClerkLamp(theme.QUIET, Text(zh="窗口已关闭", en="Closed")),
    }
)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """One window's page. ``since`` is the local time of the call or start."""

    window: WindowId
    label: str
    name: Text
    lamp: ClerkLamp
    number: str | None
    service: Text | None
    priority: Text | None
    since: str | None
    actions: frozenset[ClerkAction]
    waiting_of: tuple[tuple[Text, int], ...]
    waiting_total: int
    waiting: tuple[ClerkListLine, ...]
    missed: tuple[ClerkListLine, ...]
    travelling: tuple[ClerkListLine, ...]
    """Visitors whom other sites have sent, and who are on the way."""
    others: tuple[tuple[ServiceId, Text], ...]
    """Services a visitor can be sent on to."""
    agreed: Text | None
    """What a manager accepted for this window and is not so yet."""
    helps: Text | None
    """What else the window takes today, because a manager accepted it."""


def desk(hall: Hall, window: WindowId) -> Desk:
    """Return what the clerk of a window sees now."""
    described = hall.site.windows[window]
    now = hall.window(window)
    held = hall.living(now.ticket)
    taken = takes(hall, window).services
    queues = hall.queues_of(taken)
    first = sorted((t for q in queues for t in islice(q, SHOWN)), key=partial(rank, hall))[:SHOWN]
    served = hall.site.services
    return Desk(
        window=window,
        label=described.label,
        name=described.name,
        lamp=lamp(hall, window),
        number=held.number if held else None,
        service=_service(hall, held) if held else None,
        priority=_priority(hall, held) if held else None,
        since=_since(hall, held),
        actions=_actions(now.state, held),
        waiting_of=tuple((served[s].name, len(hall.queues.get(s, ()))) for s in taken),
        waiting_total=sum(len(q) for q in queues),
        waiting=tuple(_line(hall, t) for t in first),
        missed=tuple(_line(hall, t) for t in _missed(hall, taken)),
        travelling=tuple(_line(hall, t) for t in _travelling(hall)),
        others=_others(hall, held),
        agreed=agreed(hall, window),
        helps=_helps(hall, window),
    )


def lamp(hall: Hall, window: WindowId) -> ClerkLamp:
    """Return a window's lamp: who is at the window counts more than whether it is open."""
    now = hall.window(window)
    held = hall.living(now.ticket)
    return (_OF_TICKET.get(held.state) if held else None) or _OF_WINDOW[now.state]


def agreed(hall: Hall, window: WindowId) -> Text | None:
    """Return the latest of what a manager accepted for a window, while it is not so."""
    asked = next(reversed(hall.window(window).agreed), None)
    if asked is None or asked.done:
        return None
    named = _named(hall, asked.services)
    zh, en = named.zh, named.en
    there = asked.elsewhere
    if not asked.opens and there is not None:
        return Text(
            zh=f"经理同意：本窗口请暂停，前往 {there.zh}，办理：{zh}",
            en=f"Agreed by the manager: please pause this window and go to {there.en}, for {en}",
        )
    come_zh, come_en = (
        ("", "") if there is None else (f"（{there.zh} 的工作人员过来）", f" (by the clerk of {there.en})")
    )
    return Text(
        zh=f"经理同意：请打开本窗口，办理：{zh}{come_zh}",
        en=f"Agreed by the manager: please open this window for {en}{come_en}",
    )


def _helps(hall: Hall, window: WindowId) -> Text | None:
    own = hall.site.windows[window].services
    helped = [s for s in hall.window(window).helps if s in hall.site.services and s not in own]
    named = _named(hall, helped)
    return Text(zh=f"今天也办理：{named.zh}", en=f"Also takes today: {named.en}") if helped else None


def _named(hall: Hall, services: Iterable[ServiceId]) -> Text:
    names = [hall.site.services[s].name for s in services if s in hall.site.services]
    return Text(zh="、".join(n.zh for n in names), en=", ".join(n.en for n in names))


def _actions(state: WindowState, held: Ticket | None) -> frozenset[ClerkAction]:
    keys = {
        WindowState.OPEN: {ClerkAction.CALL_NEXT, ClerkAction.PAUSE, ClerkAction.CLOSE},
        WindowState.PAUSED: {ClerkAction.OPEN, ClerkAction.CLOSE},
        WindowState.CLOSED: {ClerkAction.OPEN},
    }[state]
    if held is None:
        return frozenset(keys)
    keys |= {ClerkAction.RECALL, ClerkAction.FINISH, ClerkAction.TRANSFER}
    if held.state is TicketState.CALLED:
        keys |= {ClerkAction.START, ClerkAction.NO_SHOW}
    return frozenset(keys)


def _missed(hall: Hall, services: tuple[ServiceId, ...]) -> list[Ticket]:
    """Return the numbers that missed their call, latest call first."""
    missed = [t for t in hall.tickets.values() if t.state is TicketState.NO_SHOW and t.service in services]
    return sorted(missed, key=lambda t: t.call_seq or 0, reverse=True)


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
        since=local(hall, ticket.issued.at),
        may_return=ticket.returns < hall.site.catalogue.rules.returns,
    )


def _service(hall: Hall, ticket: Ticket) -> Text:
    return hall.site.services[ticket.service].name


def _priority(hall: Hall, ticket: Ticket) -> Text | None:
    return next((p.name for p in hall.site.catalogue.priorities if p.id == ticket.priority), None)


def _since(hall: Hall, held: Ticket | None) -> str | None:
    moment = held and (held.started or held.called)
    return local(hall, moment.at) if moment else None


def _others(hall: Hall, held: Ticket | None) -> tuple[tuple[ServiceId, Text], ...]:
    served = {s for w in hall.site.windows for s in takes(hall, w).services}
    own = held.service if held else None
    return tuple((s.id, s.name) for s in hall.site.catalogue.services if s.id in served and s.id != own)


def local(hall: Hall, at: datetime) -> str:
    """Return a moment as the site's clocks show it, ``HH:MM``."""
    return f"{at.astimezone(ZoneInfo(hall.site.catalogue.time_zone)):%H:%M}"
