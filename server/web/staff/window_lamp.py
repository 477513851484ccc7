"""A window's state as a lamp, and what a manager has accepted for it: for the clerk's and the manager's page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from types import MappingProxyType

from protocol import theme
from protocol.vocabulary import ServiceId, Text, TicketState, WindowId, WindowState
from server.domain.model.hall import Hall


@dataclass(frozen=True, slots=True)
class WindowLamp:
    """The window's state in a colour and as text."""

    colour: str
    text: Text


_OF_TICKET = MappingProxyType(
    {
        TicketState.CALLED: WindowLamp(theme.CALLED, Text(zh="已叫号，等待到窗", en="Called, not here yet")),
        TicketState.SERVING: WindowLamp(theme.ACCENT, Text(zh="办理中", en="Serving")),
    }
)
_OF_WINDOW = MappingProxyType(
    {
        WindowState.OPEN: WindowLamp(theme.GOOD, Text(zh="空闲", en="Free")),
        WindowState.PAUSED: WindowLamp(theme.WARN, Text(zh="暂停服务", en="Paused")),
        WindowState.CLOSED: WindowLamp(theme.QUIET, Text(zh="窗口已关闭", en="Closed")),
    }
)


def window_lamp(hall: Hall, window: WindowId) -> WindowLamp:
    """Return a window's lamp: who is at the window counts more than whether it is open."""
    now = hall.window(window)
    ticket = hall.open_ticket(now.ticket)
    return (_OF_TICKET.get(ticket.state) if ticket else None) or _OF_WINDOW[now.state]


def agreed_text(hall: Hall, window: WindowId) -> Text | None:
    """Return the latest change that a manager accepted for a window; None when there is none or it is done."""
    accepted = next(reversed(hall.window(window).agreed), None)
    if accepted is None or accepted.done:
        return None
    services = service_names(hall, accepted.services)
    elsewhere = accepted.elsewhere
    if not accepted.opens and elsewhere is not None:
        return Text(
            zh=f"经理同意：本窗口请暂停，前往 {elsewhere.zh}，办理：{services.zh}",
            en=f"Agreed by the manager: please pause this window and go to {elsewhere.en}, for {services.en}",
        )
    by = (
        Text(zh="", en="")
        if elsewhere is None
        else Text(zh=f"（{elsewhere.zh} 的工作人员过来）", en=f" (by the clerk of {elsewhere.en})")
    )
    return Text(
        zh=f"经理同意：请打开本窗口，办理：{services.zh}{by.zh}",
        en=f"Agreed by the manager: please open this window for {services.en}{by.en}",
    )


def service_names(hall: Hall, services: Iterable[ServiceId]) -> Text:
    """Return the names of services in one line; those the site no longer has are left out."""
    names = [hall.site.services[service].name for service in services if service in hall.site.services]
    return Text(zh="、".join(name.zh for name in names), en=", ".join(name.en for name in names))
