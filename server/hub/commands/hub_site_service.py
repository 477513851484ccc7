"""A hub as its pages see it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Mapping
from datetime import date
from typing import TypeVar

from pydantic import BaseModel

from protocol.answers import (
    CountyStanding,
    DeviceAnswer,
    ErrorAnswer,
    Offer,
    ReferralAnswer,
    TicketAnswer,
    WindowAnswer,
)
from protocol.journal import Moment
from protocol.requests import (
    AcceptOffer,
    CancelTicket,
    CheckInTicket,
    IssueTicket,
    ReturnToQueue,
    SetNotice,
    TransferTicket,
    WindowCommand,
)
from protocol.vocabulary import Promise, ServiceId, Text, TicketId, WindowId, WindowState
from server.auth.login_service import Role
from server.domain.forecast import wait_times
from server.domain.model.hall import Hall
from server.domain.model.refusals import Refusal, UnknownTicket
from server.hub.bootstrap import HubServices
from server.hub.commands.referral_commands import ReferralCommands
from server.hub.commands.ticket_commands import TicketCommands, found_ticket
from server.hub.commands.writer import Reply
from server.store.faults import StoreFault
from server.store.queries.day_figures import DayFigures
from server.web.site_service import NOT_SAVED, ClerkCommand, NotDone

log = logging.getLogger(__name__)

Answer = TypeVar("Answer", bound=BaseModel)


class HubSiteService:
    """Answers ``server.web.site_service.Site`` with the same commands that devices use."""

    def __init__(self, hub: HubServices) -> None:
        self._hub = hub

    @property
    def hall(self) -> Hall:
        """The newest committed state."""
        return self._hub.hall

    @property
    def clock_trusted(self) -> bool:
        """Whether the wall clock can be right."""
        return self._hub.clock.trusted()

    @property
    def broker_connected(self) -> bool:
        """Whether screens and panels hear the hub."""
        return self._hub.broadcaster.connected

    @property
    def county(self) -> CountyStanding | None:
        """How the hub stands with its county, if it belongs to one."""
        return None if self._hub.replicator is None else self._hub.replicator.standing

    def now(self) -> Moment:
        """Return the moment by the hub's clocks."""
        return self._hub.clock.now()

    def devices(self) -> list[DeviceAnswer]:
        """Return what each device last said about itself."""
        return self._hub.devices.now().devices

    def promises(self) -> Mapping[ServiceId, Promise | None]:
        """Return the waits that visitors are told now, by service."""
        return wait_times.published_ranges(self._hub.predicting.forecast)

    def passcode_stamp(self, role: Role) -> str | None:
        """Return a mark that changes with a role's passcode."""
        return self._hub.access.passcode_stamp(role)

    async def is_passcode(self, role: Role, passcode: str) -> bool:
        """Whether a passcode is that role's; scrypt takes a while and 16 MB, so it runs beside the hub's work."""
        return await asyncio.to_thread(self._hub.access.is_passcode, role, passcode)

    async def days(self) -> list[date]:
        """Return the business days there are figures for, latest first."""
        return await asyncio.to_thread(self._hub.statistics.days)

    async def figures(self, day: date) -> DayFigures:
        """Return a day's figures."""
        zone = self._hub.hall.site.catalogue.time_zone
        return await asyncio.to_thread(self._hub.statistics.day, day, time_zone=zone)

    async def ticket(self, ticket: TicketId) -> TicketAnswer | None:
        """Return a ticket as it stands, also one that has ended; None when there never was one."""
        try:
            return await found_ticket(self._hub, ticket)
        except UnknownTicket:
            return None

    async def press(self, key: ClerkCommand, *, window: WindowId, request_id: str, role: Role) -> TicketAnswer:
        """Press a clerk's key."""
        command = WindowCommand(request_id=request_id)
        return await _answer(self._by(role).press(key, window, command), TicketAnswer)

    async def call_number(self, number: str, *, window: WindowId, request_id: str, role: Role) -> TicketAnswer:
        """Call one certain number."""
        command = WindowCommand(request_id=request_id)
        return await _answer(self._by(role).call_number(number, window, command), TicketAnswer)

    async def transfer(self, service: ServiceId, *, window: WindowId, request_id: str, role: Role) -> TicketAnswer:
        """Send the visitor at a window on to another service."""
        command = TransferTicket(request_id=request_id, service=service)
        return await _answer(self._by(role).transfer(window, command), TicketAnswer)

    async def set_window(self, state: WindowState, *, window: WindowId, request_id: str, role: Role) -> None:
        """Open, pause or close a window."""
        command = WindowCommand(request_id=request_id)
        await _answer(self._by(role).set_window(state, window, command), WindowAnswer)

    async def issue(self, command: IssueTicket, *, role: Role) -> TicketAnswer:
        """Issue a ticket to a visitor; its number is read out or written down, not printed."""
        return await _answer(self._by(role).take_number(command, prints=False), TicketAnswer)

    async def return_to_queue(self, ticket: TicketId, *, request_id: str, role: Role) -> TicketAnswer:
        """Put a visitor who missed the call back into the queue."""
        command = ReturnToQueue(request_id=request_id)
        return await _answer(self._by(role).come_back(ticket, command), TicketAnswer)

    async def cancel(self, ticket: TicketId, *, request_id: str, role: Role) -> TicketAnswer:
        """Cancel a ticket for a clerk."""
        command = CancelTicket(request_id=request_id)
        return await _answer(self._by(role).cancel(ticket, command), TicketAnswer)

    async def offer_while_waiting(self, ticket: TicketId) -> Offer | None:
        """Return the other site that a waiting visitor is shown; none when that cannot be written down."""
        try:
            return await ReferralCommands(self._hub, actor="visitor").offer_while_waiting(ticket)
        except StoreFault as fault:
            log.warning("no offer was shown: %s", fault)
            return None

    async def accept_offer(self, offer: str, *, request_id: str) -> ReferralAnswer:
        """Accept the offer of another site."""
        command = AcceptOffer(request_id=request_id, offer=offer)
        return await _answer(ReferralCommands(self._hub, actor="visitor").accept(command, prints=False), ReferralAnswer)

    async def cancel_own(self, ticket: TicketId, *, request_id: str) -> TicketAnswer:
        """Cancel a ticket for the visitor whose it is."""
        command = CancelTicket(request_id=request_id)
        return await _answer(TicketCommands(self._hub, actor="visitor").cancel(ticket, command), TicketAnswer)

    async def check_in(self, ticket: TicketId, *, request_id: str, role: Role) -> TicketAnswer:
        """Check in a visitor whom another site sent."""
        command = CheckInTicket(request_id=request_id)
        return await _answer(ReferralCommands(self._hub, actor=role).check_in(ticket, command), TicketAnswer)

    async def set_notice(self, text: Text, *, request_id: str) -> None:
        """Put a line at the foot of the hall screens."""
        command = SetNotice(request_id=request_id, zh=text.zh, en=text.en)
        await _answer(self._by("manager").set_notice(command), Text)

    def _by(self, role: Role) -> TicketCommands:
        return TicketCommands(self._hub, actor=role)


async def _answer(asked: Awaitable[Reply], kind: type[Answer]) -> Answer:
    """Return a command's answer, or raise NotDone with the words of its refusal."""
    try:
        reply = await asked
    except Refusal as refusal:
        raise NotDone(refusal.message) from refusal
    except StoreFault as fault:
        raise NotDone(NOT_SAVED) from fault
    if reply.status != 200:
        raise NotDone(ErrorAnswer.model_validate_json(reply.body).message)
    return kind.model_validate_json(reply.body)
