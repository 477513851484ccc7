"""Which tickets and papers belong to a device: a kiosk's own prints, and whom a panel's windows called last. Pure."""

from __future__ import annotations

from protocol.vocabulary import DeviceKind, ReferralId, TicketId, TicketState, WindowId
from server.domain.model.hall import Hall
from server.domain.model.refusals import UnknownTicket
from server.domain.model.tickets import Ticket
from server.hub.device import Device

_ELSEWHERE = frozenset({TicketState.WAITING, TicketState.TRAVELLING})
"""States of a ticket that is at no window, whoever called it before."""


def require_own(hall: Hall, paper: TicketId | ReferralId, *, device: Device | None) -> None:
    """Check that a ticket, or a referral's paper, is the device's own; every one is for None, who is no device.

    Raises UnknownTicket, with the words for a ticket that has ended: a key learns nothing about other devices'.
    """
    if device is not None and _is_known(hall, paper) and not is_own(hall, paper, device=device):
        raise UnknownTicket.ended()


def is_own(hall: Hall, paper: TicketId | ReferralId, *, device: Device) -> bool:
    """Whether a ticket, or a referral's paper, of the hall belongs to a device."""
    if device.kind is DeviceKind.KIOSK:
        jobs = hall.prints.get(paper, ())
        return bool(jobs) and jobs[0].device == device.id
    ticket = hall.ticket(TicketId(paper))
    return ticket is not None and device.serves(_window_of(hall, ticket))


def _is_known(hall: Hall, paper: TicketId | ReferralId) -> bool:
    return paper in hall.tickets or paper in hall.assumed or paper in hall.referrals


def _window_of(hall: Hall, ticket: Ticket) -> WindowId | None:
    """Return the window that called a ticket last; None once it has returned to a queue."""
    if ticket.state in _ELSEWHERE:
        return None
    return ticket.window or next((c.window for c in hall.calls if c.number == ticket.number), None)
