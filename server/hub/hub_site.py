"""A hub as its pages see it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Mapping
from datetime import date
from typing import TypeVar

from pydantic import BaseModel

from protocol import messages as m
from protocol.journal import Moment
from server.domain import waiting
from server.domain.errors import Refusal, UnknownTicket
from server.domain.hall import Hall
from server.hub.asking import Asking, found_ticket
from server.hub.commands import Reply
from server.hub.running import RunningHub
from server.hub.sending import Sending
from server.store.database import StoreFault
from server.store.figures import DayFigures
from server.web.served_site import Key, NotDone, Role

log = logging.getLogger(__name__)

Answer = TypeVar("Answer", bound=BaseModel)

NOT_SAVED = m.Text(
    zh="没有保存：服务器存储出错，请告诉技术人员。",
    en="Nothing was saved: the hub's disk failed, please tell a technician.",
)


class HubSite:
    """Answers ``server.web.served_site.Site`` with the same commands that devices use."""

    def __init__(self, hub: RunningHub) -> None:
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
    def county(self) -> m.CountyStanding | None:
        """How the hub stands with its county, if it belongs to one."""
        return None if self._hub.replicator is None else self._hub.replicator.standing

    def now(self) -> Moment:
        """Return the moment by the hub's clocks."""
        return self._hub.clock.now()

    def devices(self) -> list[m.DeviceAnswer]:
        """Return what each device last said about itself."""
        return self._hub.devices.now().devices

    def promises(self) -> Mapping[str, m.Promise | None]:
        """Return the waits that visitors are told now, by service."""
        return waiting.ranges(self._hub.predicting.forecast)

    def pass_stamp(self, role: Role) -> str | None:
        """Return a mark that changes with a role's passcode."""
        return self._hub.access.pass_stamp(role)

    async def may_enter(self, role: Role, passcode: str) -> bool:
        """Whether a passcode is that role's; scrypt takes a while and 16 MB, so it runs beside the hub's work."""
        return await asyncio.to_thread(self._hub.access.role, role, passcode)

    async def days(self) -> list[date]:
        """Return the business days there are figures for, latest first."""
        return await asyncio.to_thread(self._hub.statistics.days)

    async def figures(self, day: date) -> DayFigures:
        """Return a day's figures."""
        zone = self._hub.hall.offer.catalogue.time_zone
        return await asyncio.to_thread(self._hub.statistics.day, day, time_zone=zone)

    async def ticket(self, ticket: str) -> m.TicketAnswer | None:
        """Return a ticket as it stands, also one that has ended; None when there never was one."""
        try:
            return await found_ticket(self._hub, ticket)
        except UnknownTicket:
            return None

    async def press(self, key: Key, *, window: str, request_id: str, role: Role) -> m.TicketAnswer:
        """Press a clerk's key."""
        command = m.WindowCommand(request_id=request_id)
        return await _answer(self._by(role).press(key, window, command), m.TicketAnswer)

    async def call_number(self, number: str, *, window: str, request_id: str, role: Role) -> m.TicketAnswer:
        """Call one certain number."""
        command = m.WindowCommand(request_id=request_id)
        return await _answer(self._by(role).call_number(number, window, command), m.TicketAnswer)

    async def transfer(self, service: str, *, window: str, request_id: str, role: Role) -> m.TicketAnswer:
        """Send the visitor at a window on to another service."""
        command = m.TransferTicket(request_id=request_id, service=service)
        return await _answer(self._by(role).transfer(window, command), m.TicketAnswer)

    async def set_window(self, state: m.WindowState, *, window: str, request_id: str, role: Role) -> None:
        """Open, pause or close a window."""
        command = m.WindowCommand(request_id=request_id)
        await _answer(self._by(role).set_window(state, window, command), m.WindowAnswer)

    async def take_number(self, asked: m.IssueTicket, *, role: Role) -> m.TicketAnswer:
        """Give a visitor a number; it is read out or written down, not printed."""
        return await _answer(self._by(role).take_number(asked, prints=False), m.TicketAnswer)

    async def come_back(self, ticket: str, *, request_id: str, role: Role) -> m.TicketAnswer:
        """Put a visitor who missed the call back into the queue."""
        command = m.ReturnTicket(request_id=request_id)
        return await _answer(self._by(role).come_back(ticket, command), m.TicketAnswer)

    async def cancel(self, ticket: str, *, request_id: str, role: Role) -> m.TicketAnswer:
        """Withdraw a ticket."""
        command = m.CancelTicket(request_id=request_id)
        return await _answer(self._by(role).cancel(ticket, command), m.TicketAnswer)

    async def offer_while_waiting(self, ticket: str) -> m.Offer | None:
        """Return the other site that a waiting visitor is shown; none when that cannot be written down."""
        try:
            return await Sending(self._hub, actor="visitor").offer_while_waiting(ticket)
        except StoreFault as fault:
            log.warning("no offer was shown: %s", fault)
            return None

    async def refer(self, offer: str, *, request_id: str) -> m.ReferralAnswer:
        """Have a place held at the offered site."""
        command = m.AcceptOffer(request_id=request_id, offer=offer)
        return await _answer(Sending(self._hub, actor="visitor").accept(command, prints=False), m.ReferralAnswer)

    async def withdraw(self, ticket: str, *, request_id: str) -> m.TicketAnswer:
        """Withdraw the ticket of a visitor who wants it so."""
        command = m.CancelTicket(request_id=request_id)
        return await _answer(Asking(self._hub, actor="visitor").cancel(ticket, command), m.TicketAnswer)

    async def check_in(self, ticket: str, *, request_id: str, role: Role) -> m.TicketAnswer:
        """Check in a visitor whom another site sent."""
        command = m.CheckIn(request_id=request_id)
        return await _answer(Sending(self._hub, actor=role).check_in(ticket, command), m.TicketAnswer)

    async def set_notice(self, text: m.Text, *, request_id: str) -> None:
        """Put a line at the foot of the hall screens."""
        command = m.SetNotice(request_id=request_id, zh=text.zh, en=text.en)
        await _answer(self._by("manager").set_notice(command), m.Text)

    def _by(self, role: Role) -> Asking:
        return Asking(self._hub, actor=role)


async def _answer(asked: Awaitable[Reply], kind: type[Answer]) -> Answer:
    """Return a command's answer, or raise NotDone with the words of its refusal."""
    try:
        reply = await asked
    except Refusal as refusal:
        raise NotDone(refusal.message) from refusal
    except StoreFault as fault:
        raise NotDone(NOT_SAVED) from fault
    if reply.status != 200:
        raise NotDone(m.ErrorAnswer.model_validate_json(reply.body).message)
    return kind.model_validate_json(reply.body)
