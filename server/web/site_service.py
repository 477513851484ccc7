"""What a page may ask of the site it serves. The hub answers for one site; pages know nothing of how."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Protocol

from protocol.answers import CountyStanding, DeviceAnswer, Offer, ReferralAnswer, TicketAnswer
from protocol.journal import Moment
from protocol.requests import IssueTicket
from protocol.vocabulary import Promise, ServiceId, Text, TicketId, WindowId, WindowState
from server.auth.login_service import LoginService, Role
from server.domain.model.hall import Hall
from server.store.queries.day_figures import DayFigures


class ClerkCommand(StrEnum):
    """A clerk's key that needs nothing more than the window it is pressed at."""

    CALL_NEXT = "call-next"
    RECALL = "recall"
    START = "start"
    FINISH = "finish"
    NO_SHOW = "no-show"


class NotDone(Exception):
    """A command was refused and nothing changed; ``message`` is for the person who asked."""

    def __init__(self, message: Text) -> None:
        super().__init__(message.en)
        self.message = message


NOT_SAVED = Text(
    zh="没有保存：服务器存储出错，请告诉技术人员。",
    en="Nothing was saved: the server's disk failed, please tell a technician.",
)
"""Message of a NotDone whose cause is a fault of the store."""


class SiteReader(Protocol):
    """One site to look at: at its hub, or as the county has it."""

    @property
    def hall(self) -> Hall:
        """The newest committed state."""

    @property
    def clock_trusted(self) -> bool:
        """Whether the wall clock can be right."""

    @property
    def broker_connected(self) -> bool:
        """Whether screens and panels hear the hub."""

    @property
    def county(self) -> CountyStanding | None:
        """How the hub stands with its county; None where that is no question."""

    def now(self) -> Moment:
        """Return the moment by the site's clock."""

    def devices(self) -> list[DeviceAnswer]:
        """Return what each device last said about itself."""

    def promises(self) -> Mapping[ServiceId, Promise | None]:
        """Return the waits of a number taken now, by service, at the county by its own forecast; None is "unknown"."""

    async def days(self) -> list[date]:
        """Return the business days there are figures for, latest first."""

    async def figures(self, day: date) -> DayFigures:
        """Return a day's figures."""


class SiteService(LoginService, SiteReader, Protocol):
    """One site at its hub. Commands carry a ``request_id``, and raise NotDone when they are refused."""

    async def ticket(self, ticket: TicketId) -> TicketAnswer | None:
        """Return a ticket as it stands, also one that has ended; None when there never was one."""

    async def press(self, key: ClerkCommand, *, window: WindowId, request_id: str, role: Role) -> TicketAnswer:
        """Press a clerk's key."""

    async def call_number(self, number: str, *, window: WindowId, request_id: str, role: Role) -> TicketAnswer:
        """Call one certain number."""

    async def transfer(self, service: ServiceId, *, window: WindowId, request_id: str, role: Role) -> TicketAnswer:
        """Send the visitor at a window on to another service."""

    async def set_window(self, state: WindowState, *, window: WindowId, request_id: str, role: Role) -> None:
        """Open, pause or close a window."""

    async def take_number(self, asked: IssueTicket, *, role: Role) -> TicketAnswer:
        """Give a visitor a number."""

    async def come_back(self, ticket: TicketId, *, request_id: str, role: Role) -> TicketAnswer:
        """Put a visitor who missed the call back into the queue."""

    async def cancel(self, ticket: TicketId, *, request_id: str, role: Role) -> TicketAnswer:
        """Withdraw a ticket."""

    async def offer_while_waiting(self, ticket: TicketId) -> Offer | None:
        """Return the other site that a waiting visitor is shown because the promise slipped; None when none is."""

    async def refer(self, offer: str, *, request_id: str) -> ReferralAnswer:
        """Have a place held at the offered site; the ticket here waits on until it is."""

    async def withdraw(self, ticket: TicketId, *, request_id: str) -> TicketAnswer:
        """Withdraw the ticket of a visitor who wants it so."""

    async def check_in(self, ticket: TicketId, *, request_id: str, role: Role) -> TicketAnswer:
        """Check in a visitor whom another site sent, whose paper a clerk has seen."""

    async def set_notice(self, text: Text, *, request_id: str) -> None:
        """Put a line at the foot of the hall screens; empty takes it away."""
