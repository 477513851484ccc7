"""The interface between a site and its pages: queries and commands. Pages do not depend on its implementation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from protocol.answers import CountyConnection, DeviceAnswer, Offer, ReferralAnswer, TicketAnswer
from protocol.county import VisitElsewhere
from protocol.journal import Moment
from protocol.requests import IssueTicket
from protocol.vocabulary import DeviceKind, Promise, ServiceId, Text, TicketId, WindowAction, WindowId, WindowState
from server.auth.login_service import LoginService, Role
from server.authority.enrolment_codes import CodeFault
from server.domain.model.clock_trust import ClockTrust
from server.domain.model.hall import Hall
from server.store.queries.day_figures import DayFigures

NOT_SAVED = Text(
    zh="没有保存：服务器存储出错，请告诉技术人员。",
    en="Nothing was saved: the server's disk failed, please tell a technician.",
)
"""Message of a NotDone whose cause is a fault of the store."""


class NotDone(Exception):
    """A command was refused and changed nothing; ``message`` is for the person at the page."""

    def __init__(self, message: Text) -> None:
        super().__init__(message.en)
        self.message = message


class SiteReader(Protocol):
    """Queries about one site: at its hub, or at the county with what it received from there."""

    @property
    def hall(self) -> Hall:
        """The newest committed state."""

    @property
    def clock_trusted(self) -> bool:
        """Whether the wall clock can be right."""

    @property
    def broker_connected(self) -> bool:
        """Whether the hub is connected to the message broker, and with it to screens and panels."""

    @property
    def county(self) -> CountyConnection | None:
        """State of the hub's connection to its county; None at a hub that belongs to none, and at the county."""

    def now(self) -> Moment:
        """Return the moment by the site's clock."""

    def devices(self) -> list[DeviceAnswer]:
        """Return the status that each device last reported."""

    def promises(self) -> Mapping[ServiceId, Promise | None]:
        """Return the wait promised to a ticket issued now, by service (at the county by its own forecast)."""

    def past_closing(self) -> int:
        """Return how many of those who wait may not be reached before the site closes, by the same forecast."""

    async def days(self) -> list[date]:
        """Return the business days that have figures, latest first."""

    async def figures(self, day: date) -> DayFigures:
        """Return a day's figures."""


class SiteService(LoginService, SiteReader, Protocol):
    """One site at its hub. Commands carry a ``request_id``, and raise NotDone when they are refused."""

    @property
    def clock_trust(self) -> ClockTrust:
        """What confirms the wall clock."""

    async def ticket(self, ticket: TicketId) -> TicketAnswer | None:
        """Return the current state of a ticket, ended ones included; None for an unknown id."""

    async def press(self, action: WindowAction, *, window: WindowId, request_id: str, role: Role) -> TicketAnswer:
        """Run a clerk's command at a window."""

    async def call_number(self, number: str, *, window: WindowId, request_id: str, role: Role) -> TicketAnswer:
        """Call a chosen number."""

    async def transfer(self, service: ServiceId, *, window: WindowId, request_id: str, role: Role) -> TicketAnswer:
        """Transfer the visitor at a window to another service."""

    async def set_window(self, state: WindowState, *, window: WindowId, request_id: str, role: Role) -> None:
        """Open, pause or close a window."""

    async def issue(self, command: IssueTicket, *, role: Role) -> TicketAnswer:
        """Issue a ticket to a visitor."""

    async def return_to_queue(self, ticket: TicketId, *, request_id: str, role: Role) -> TicketAnswer:
        """Return a ticket to the queue after a no-show."""

    async def cancel(self, ticket: TicketId, *, request_id: str, role: Role) -> TicketAnswer:
        """Cancel a ticket for a clerk."""

    async def offer_while_waiting(self, ticket: TicketId) -> Offer | None:
        """Return the offer for a waiting visitor whose promise slipped; None when there is none."""

    async def accept_offer(self, offer: str, *, request_id: str) -> ReferralAnswer:
        """Accept the offer of another site; the ticket keeps waiting here until that site has reserved a place."""

    def visit_elsewhere(self, place: TicketId) -> VisitElsewhere | None:
        """Return the visit of a visitor who was referred from here, by the ticket's id there; None until checked in."""

    async def cancel_own(self, ticket: TicketId, *, request_id: str) -> TicketAnswer:
        """Cancel a ticket for its visitor."""

    async def check_in(self, ticket: TicketId, *, request_id: str, role: Role) -> TicketAnswer:
        """Check in a visitor whom another site referred, after a clerk has checked the paper."""

    async def set_notice(self, text: Text, *, request_id: str) -> None:
        """Replace the notice at the foot of the hall screens; empty texts remove it."""

    @property
    def devices_port(self) -> int | None:
        """The port at which devices are enrolled by codes; None at a hub that does not encrypt."""

    async def new_device_code(self, name: str, kind: DeviceKind, windows: Sequence[WindowId]) -> str:
        """Return a one-time code that enrols this device; ``windows`` are those of a panel."""

    def code_fault(self, name: str) -> CodeFault | None:
        """Return why the newest code of a device is not good any more; None while it is."""

    async def settle_day(self, day: date, *, gone: bool, request_id: str, role: Role) -> None:
        """Answer whether those left over from a business day are gone or here."""

    async def confirm_clock(self, shown: datetime, *, request_id: str, role: Role) -> None:
        """Confirm that the time which the page shows is right."""
