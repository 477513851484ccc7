"""What a page may ask of the site it serves. The hub answers for one site; pages know nothing of how."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Literal, Protocol

from protocol import messages as m
from protocol.journal import Moment
from server.domain.hall import Hall
from server.store.figures import DayFigures

Role = Literal["clerk", "manager"]


class Key(StrEnum):
    """A clerk's key that needs nothing more than the window it is pressed at."""

    CALL_NEXT = "call-next"
    RECALL = "recall"
    START = "start"
    FINISH = "finish"
    NO_SHOW = "no-show"


class NotDone(Exception):
    """A command was refused and nothing changed; ``message`` is for the person who asked."""

    def __init__(self, message: m.Text) -> None:
        super().__init__(message.en)
        self.message = message


class Door(Protocol):
    """What asks people for a passcode: a hub, or the county."""

    def now(self) -> Moment:
        """Return the moment by the server's clock."""

    def pass_stamp(self, role: Role) -> str | None:
        """Return a mark that changes with a role's passcode; None while it has none."""

    async def may_enter(self, role: Role, passcode: str) -> bool:
        """Whether a passcode is that role's."""


class ShownSite(Protocol):
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
    def county(self) -> m.CountyStanding | None:
        """How the hub stands with its county; None where that is no question."""

    def now(self) -> Moment:
        """Return the moment by the site's clock."""

    def devices(self) -> list[m.DeviceAnswer]:
        """Return what each device last said about itself."""

    def promises(self) -> Mapping[str, m.Promise | None]:
        """Return the waits of a number taken now, by service, at the county by its own forecast; None is "unknown"."""

    async def days(self) -> list[date]:
        """Return the business days there are figures for, latest first."""

    async def figures(self, day: date) -> DayFigures:
        """Return a day's figures."""


class Site(Door, ShownSite, Protocol):
    """One site at its hub. Commands carry a ``request_id``, and raise NotDone when they are refused."""

    async def ticket(self, ticket: str) -> m.TicketAnswer | None:
        """Return a ticket as it stands, also one that has ended; None when there never was one."""

    async def press(self, key: Key, *, window: str, request_id: str, role: Role) -> m.TicketAnswer:
        """Press a clerk's key."""

    async def call_number(self, number: str, *, window: str, request_id: str, role: Role) -> m.TicketAnswer:
        """Call one certain number."""

    async def transfer(self, service: str, *, window: str, request_id: str, role: Role) -> m.TicketAnswer:
        """Send the visitor at a window on to another service."""

    async def set_window(self, state: m.WindowState, *, window: str, request_id: str, role: Role) -> None:
        """Open, pause or close a window."""

    async def take_number(self, asked: m.IssueTicket, *, role: Role) -> m.TicketAnswer:
        """Give a visitor a number."""

    async def come_back(self, ticket: str, *, request_id: str, role: Role) -> m.TicketAnswer:
        """Put a visitor who missed the call back into the queue."""

    async def cancel(self, ticket: str, *, request_id: str, role: Role) -> m.TicketAnswer:
        """Withdraw a ticket."""

    async def offer_while_waiting(self, ticket: str) -> m.Offer | None:
        """Return the other site that a waiting visitor is shown because the promise slipped; None when none is."""

    async def refer(self, offer: str, *, request_id: str) -> m.ReferralAnswer:
        """Have a place held at the offered site; the ticket here waits on until it is."""

    async def withdraw(self, ticket: str, *, request_id: str) -> m.TicketAnswer:
        """Withdraw the ticket of a visitor who wants it so."""

    async def check_in(self, ticket: str, *, request_id: str, role: Role) -> m.TicketAnswer:
        """Check in a visitor whom another site sent, whose paper a clerk has seen."""

    async def set_notice(self, text: m.Text, *, request_id: str) -> None:
        """Put a line at the foot of the hall screens; empty takes it away."""
