"""The hub's implementation of the interface that its pages use."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from functools import partial

from protocol.answers import CountyConnection, DeviceAnswer, Offer, ReferralAnswer, TicketAnswer
from protocol.county import VisitElsewhere
from protocol.faults import WrongValue, system_error_text
from protocol.journal import Moment
from protocol.requests import (
    AcceptOffer,
    CancelTicket,
    CheckInTicket,
    ConfirmClock,
    IssueTicket,
    ReturnToQueue,
    SetNotice,
    SettleDay,
    TransferTicket,
    WindowRequest,
)
from protocol.vocabulary import DeviceKind, Promise, ServiceId, Text, TicketId, WindowAction, WindowId, WindowState
from server.auth.login_service import Role
from server.authority.enrolment_codes import CodeFault
from server.domain.forecast import wait_times
from server.domain.model.clock_trust import ClockTrust
from server.domain.model.hall import Hall
from server.domain.model.refusals import Refusal, UnknownTicket
from server.hub.bootstrap import HubServices
from server.hub.commands.notice_command import ChangeNotice
from server.hub.commands.referral_commands import CheckInByClerk
from server.hub.commands.ticket_commands import Cancel, Return
from server.hub.commands.typed_command import AnswerT, Command
from server.hub.commands.window_commands import CALL_NUMBER, PRESSES, STATES, TRANSFER, WindowCommand
from server.hub.enrolment.device_enrolment import new_device
from server.store.faults import StoreFault
from server.store.queries.day_figures import DayFigures
from server.web.site_service import NOT_SAVED, NotDone

log = logging.getLogger(__name__)

VISITOR = "visitor"
"""Actor of commands from the ticket's own page."""


class HubSiteService:
    """Implements ``server.web.site_service.SiteService`` with the same commands that devices use."""

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
    def clock_trust(self) -> ClockTrust:
        """What confirms the wall clock."""
        return self._hub.clock.trust()

    @property
    def broker_connected(self) -> bool:
        """Whether the hub is connected to the broker, and with it to screens and panels."""
        return self._hub.broadcaster.connected

    @property
    def county(self) -> CountyConnection | None:
        """State of the connection to the county; None at a hub that belongs to none."""
        return None if self._hub.replicator is None else self._hub.replicator.connection

    def now(self) -> Moment:
        """Return the moment by the hub's clocks."""
        return self._hub.clock.now()

    def devices(self) -> list[DeviceAnswer]:
        """Return the newest status of each device."""
        return self._hub.devices.now().devices

    def promises(self) -> Mapping[ServiceId, Promise | None]:
        """Return the wait promised to a ticket issued now, by service."""
        return wait_times.published_ranges(self._hub.forecast)

    def past_closing(self) -> int:
        """Return how many of those who wait may not be reached before the site closes."""
        return wait_times.count_past_closing(self.hall, self._hub.forecast)

    def passcode_stamp(self, role: Role) -> str | None:
        """Return a mark that changes with a role's passcode."""
        return self._hub.access.passcode_stamp(role)

    async def is_passcode(self, role: Role, passcode: str) -> bool:
        """Whether a passcode is that role's; scrypt takes 50 ms, so it runs on a thread of its own."""
        return await asyncio.to_thread(self._hub.access.is_passcode, role, passcode)

    async def days(self) -> list[date]:
        """Return the business days that have figures, latest first."""
        return await asyncio.to_thread(self._hub.figures.days)

    async def figures(self, day: date) -> DayFigures:
        """Return a day's figures."""
        site = self._hub.hall.site
        read = partial(self._hub.figures.day, day, time_zone=site.catalogue.time_zone, limits=site.limits)
        return await asyncio.to_thread(read)

    async def ticket(self, ticket: TicketId) -> TicketAnswer | None:
        """Return the current state of a ticket, ended ones included; None for an unknown id."""
        try:
            return await self._hub.commands.ticket(ticket)
        except UnknownTicket:
            return None

    async def press(self, action: WindowAction, *, window: WindowId, request_id: str, role: Role) -> TicketAnswer:
        """Run a clerk's command at a window. Raises NotDone, as all commands do."""
        request = WindowRequest(request_id=request_id)
        return await self._answer(WindowCommand(request=request, actor=role, operation=PRESSES[action], window=window))

    async def call_number(self, number: str, *, window: WindowId, request_id: str, role: Role) -> TicketAnswer:
        """Call a chosen number."""
        request = WindowRequest(request_id=request_id)
        command = WindowCommand(request=request, actor=role, operation=CALL_NUMBER, window=window, number=number)
        return await self._answer(command)

    async def transfer(self, service: ServiceId, *, window: WindowId, request_id: str, role: Role) -> TicketAnswer:
        """Transfer the visitor at a window to another service."""
        request = TransferTicket(request_id=request_id, service=service)
        return await self._answer(WindowCommand(request=request, actor=role, operation=TRANSFER, window=window))

    async def set_window(self, state: WindowState, *, window: WindowId, request_id: str, role: Role) -> None:
        """Open, pause or close a window."""
        request = WindowRequest(request_id=request_id)
        await self._answer(WindowCommand(request=request, actor=role, operation=STATES[state], window=window))

    async def issue(self, command: IssueTicket, *, role: Role) -> TicketAnswer:
        """Issue a ticket whose number the clerk reads out; nothing is printed."""
        with _for_people():
            return (await self._hub.commands.issue(command, actor=role, prints=False)).answer

    async def return_to_queue(self, ticket: TicketId, *, request_id: str, role: Role) -> TicketAnswer:
        """Return a ticket to the queue after a no-show."""
        return await self._answer(Return(request=ReturnToQueue(request_id=request_id), actor=role, ticket=ticket))

    async def cancel(self, ticket: TicketId, *, request_id: str, role: Role) -> TicketAnswer:
        """Cancel a ticket for a clerk."""
        return await self._answer(Cancel(request=CancelTicket(request_id=request_id), actor=role, ticket=ticket))

    async def cancel_own(self, ticket: TicketId, *, request_id: str) -> TicketAnswer:
        """Cancel a ticket for its visitor."""
        return await self._answer(Cancel(request=CancelTicket(request_id=request_id), actor=VISITOR, ticket=ticket))

    async def offer_while_waiting(self, ticket: TicketId) -> Offer | None:
        """Return the offer for a waiting visitor; None also when it cannot be journalled."""
        try:
            return await self._hub.commands.offer_while_waiting(ticket)
        except StoreFault as fault:
            log.warning("the offer could not be journalled and is not shown: %s", fault)
            return None

    def visit_elsewhere(self, place: TicketId) -> VisitElsewhere | None:
        """Return the visit of a visitor who was referred from here; None until checked in there."""
        plan = self._hub.commands.plan()
        return None if plan is None else plan.visit(place, at=self.now())

    async def accept_offer(self, offer: str, *, request_id: str) -> ReferralAnswer:
        """Accept an offer; returns when the other site has reserved the place."""
        request = AcceptOffer(request_id=request_id, offer=offer)
        with _for_people():
            return await self._hub.commands.accept_offer(request, actor=VISITOR, prints=False)

    async def check_in(self, ticket: TicketId, *, request_id: str, role: Role) -> TicketAnswer:
        """Check in a referred visitor."""
        request = CheckInTicket(request_id=request_id)
        return await self._answer(CheckInByClerk(request=request, actor=role, ticket=ticket))

    async def set_notice(self, text: Text, *, request_id: str) -> None:
        """Replace the notice at the foot of the hall screens."""
        request = SetNotice(request_id=request_id, zh=text.zh, en=text.en)
        await self._answer(ChangeNotice(request=request, actor="manager"))

    @property
    def devices_port(self) -> int | None:
        """The port at which devices are enrolled by codes; None at a hub that does not encrypt."""
        return None if self._hub.enrolment.tls is None else self._hub.enrolment.tls.devices_port

    async def new_device_code(self, name: str, kind: DeviceKind, windows: Sequence[WindowId]) -> str:
        """Return a one-time code that enrols this device; ``windows`` are those of a panel."""
        try:
            device = new_device(name, kind, windows, self.hall.site.catalogue)
            return (await asyncio.to_thread(self._hub.enrolment.new_code, device)).shown()
        except WrongValue as error:
            raise NotDone(error.text) from error
        except OSError as error:
            log.warning("没有登记码 / no enrolment code: %s", system_error_text(error).on_one_line())
            raise NotDone(NOT_SAVED) from error

    def code_fault(self, name: str) -> CodeFault | None:
        """Return why the newest code of a device is not good any more; None while it is."""
        return self._hub.enrolment.fault_of_code(name)

    async def settle_day(self, day: date, *, gone: bool, request_id: str, role: Role) -> None:
        """Answer whether those left over from a business day are gone or here."""
        with _for_people():
            await self._hub.commands.settle_day(SettleDay(request_id=request_id, day=day, gone=gone), actor=role)

    async def confirm_clock(self, shown: datetime, *, request_id: str, role: Role) -> None:
        """Confirm that the time which the page shows is right."""
        with _for_people():
            await self._hub.commands.confirm_clock(ConfirmClock(request_id=request_id, shown=shown), actor=role)

    async def _answer(self, command: Command[AnswerT]) -> AnswerT:
        with _for_people():
            return (await self._hub.commands.run(command)).answer


@contextmanager
def _for_people() -> Iterator[None]:
    """Turn a refusal or a fault of the store into NotDone, with the sentence for the person at the page."""
    try:
        yield
    except Refusal as refusal:
        raise NotDone(refusal.message) from refusal
    except StoreFault as fault:
        raise NotDone(NOT_SAVED) from fault
