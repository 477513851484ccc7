"""The current state of a site: a value made by applying the day's journal, one entry after the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from types import MappingProxyType
from typing import Any, NamedTuple

from protocol import journal as j
from protocol.retained_messages import Call
from protocol.vocabulary import PrintOutcome, ReferralId, ServiceId, SiteId, Text, TicketId, WindowId, WindowState
from server.domain.model import catalogue as c
from server.domain.model.arrival_rate import ArrivalRate
from server.domain.model.learned import NOTHING_LEARNED, Learned
from server.domain.model.referral_state import HeldPlace, OutgoingReferral, ShownOffer
from server.domain.model.tickets import Seniority, Ticket

ANNOUNCEMENTS_KEPT = 100
"""Number of announcements kept in memory: more than any voice makes in ten minutes."""

CALLS_KEPT = 30
"""Number of calls on a board: more than a hall makes while a screen is disconnected for a moment."""

ENDED_KEPT = 30
"""Number of ended tickets kept in memory; older ones are read from the store."""

OFFERS_KEPT = 2000
"""Maximum number of offers in memory: more than a hall makes within the validity of two minutes."""


NO_NOTICE = Text(zh="", en="")
NOTHING: Mapping[Any, Any] = MappingProxyType({})
"""An empty mapping that cannot be changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowAgreement:
    """What a manager accepted for a window: that it opens, or that its clerk goes to another one."""

    proposal: str
    opens: bool
    services: tuple[ServiceId, ...]
    elsewhere: Text | None
    """Where the clerk comes from, or goes."""
    done: bool = False
    """Whether the window has been in the agreed state since."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HallWindow:
    """The current state of a window."""

    id: WindowId
    state: WindowState = WindowState.CLOSED
    ticket: TicketId | None = None
    last_call: j.Moment | None = None
    in_doubt: TicketId | None = None
    """Ticket called before, whose absence follows from the next press alone."""
    helps: tuple[ServiceId, ...] = ()
    """Services it takes today in addition to its own."""
    agreed: tuple[WindowAgreement, ...] = ()
    """What managers accepted for it today, latest last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """A call that the hall's voice has spoken, and how long after the press."""

    number: str
    at: j.Moment
    lag_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintAttempt:
    """One attempt to put a ticket on paper. A job's name is its ticket's with its count: ``x3Tq.1``."""

    job: str
    ticket: str
    """The ticket, or the referral whose paper it is."""
    device: str
    reprint: bool
    started: j.Moment
    outcome: PrintOutcome = PrintOutcome.PENDING
    reason: str = ""


def ticket_of_job(job: str) -> str:
    """Return the ticket, or the referral, a print job belongs to."""
    return job.rpartition(".")[0]


@dataclass(frozen=True)
class SiteIndex:
    """A catalogue indexed by id, each index built once."""

    catalogue: c.Catalogue

    @cached_property
    def services(self) -> Mapping[ServiceId, c.Service]:
        """Services by id."""
        return {s.id: s for s in self.catalogue.services}

    @cached_property
    def limits(self) -> Mapping[ServiceId, float]:
        """Wait under which each service should stay, minutes."""
        return {s.id: s.limit_min for s in self.catalogue.services}

    @cached_property
    def windows(self) -> Mapping[WindowId, c.Window]:
        """Windows by id."""
        return {w.id: w for w in self.catalogue.windows}

    @cached_property
    def usual_windows(self) -> Mapping[ServiceId, tuple[WindowId, ...]]:
        """Windows that take a service without a manager's leave, in the site's order, by service."""
        pooled = self.catalogue.rules.pooled
        taken = {w.id: (*w.services, *(w.skills if pooled else ())) for w in self.catalogue.windows}
        return {s: tuple(w for w, services in taken.items() if s in services) for s in self.services}

    @cached_property
    def areas(self) -> Mapping[str, c.Area]:
        """Areas by id."""
        return {a.id: a for a in self.catalogue.areas}

    @cached_property
    def priority_rank(self) -> Mapping[str | None, int]:
        """Rank of each priority class, lower is called first; visitors without one come last."""
        ids: list[str | None] = [p.id for p in self.catalogue.priorities]
        return {name: rank for rank, name in enumerate([*ids, None])}


class Hall(NamedTuple):
    """The state of one site, today: the input of all rules. Immutable: ``apply`` makes the next one.

    A named tuple, as a ticket is: the fold makes several of each entry, in a fifth of the time that a dataclass takes.
    """

    site: SiteIndex
    seq: int = 0
    day: date | None = None
    began: j.Moment | None = None
    """Moment the day began."""
    latest: j.Moment | None = None
    """Moment the newest entry was written."""
    counts: Mapping[str, int] = NOTHING
    """Letter -> count of the numbers given today."""
    tickets: Mapping[TicketId, Ticket] = NOTHING
    """Open tickets (not ended) by id."""
    numbers: Mapping[str, TicketId] = NOTHING
    """Number -> id of open tickets."""
    queues: Mapping[ServiceId, tuple[Ticket, ...]] = NOTHING
    """Service -> waiting tickets in order of call, unless a ticket was passed too often."""
    passed: Mapping[TicketId, int] = NOTHING
    """Waiting ticket -> how often a later one was called in its place."""
    windows: Mapping[WindowId, HallWindow] = NOTHING
    calls: tuple[Call, ...] = ()
    """Latest first."""
    announcements: tuple[Announcement, ...] = ()
    """What the hall's voice has spoken today, latest first."""
    prints: Mapping[str, tuple[PrintAttempt, ...]] = NOTHING
    """Ticket -> its print jobs, while it lives, its end is assumed or one is open; today's referral -> its paper's."""
    assumed: Mapping[TicketId, Ticket] = NOTHING
    """Today's tickets that are taken to be served because the window called the next one, by id."""
    ended: tuple[Ticket, ...] = ()
    """Tickets that ended last, latest first."""
    learned: Learned = NOTHING_LEARNED
    """Measurements kept from day to day."""
    arrival_rates: Mapping[ServiceId, ArrivalRate] = NOTHING
    """Service -> arrival rate of its visitors today."""
    notice: Text = NO_NOTICE
    """The line at the foot of the hall screens."""
    offers: Mapping[str, ShownOffer] = NOTHING
    """Offers of other sites that visitors were shown, oldest first: all that can still be accepted or turned down."""
    offered: Mapping[tuple[SiteId, ServiceId], j.Moment] = NOTHING
    """(Other site, service) -> moment of the latest offer of it today."""
    referrals: Mapping[ReferralId, OutgoingReferral] = NOTHING
    """Referrals of today's visitors to other sites, taken, given up or still open, by id."""
    places: Mapping[ReferralId, HeldPlace] = NOTHING
    """Places reserved or refused today for other sites' visitors, by referral."""

    def window(self, window: WindowId) -> HallWindow:
        """Return the state of a window of the catalogue."""
        return self.windows.get(window) or HallWindow(id=window)

    def open_ticket(self, ticket: TicketId | None) -> Ticket | None:
        """Return a ticket that has not ended, or None; None too when no ticket is named."""
        return None if ticket is None else self.tickets.get(ticket)

    def ticket(self, ticket: TicketId) -> Ticket | None:
        """Return an open ticket, one that is only assumed to be served, or one that ended a moment ago."""
        return (
            self.tickets.get(ticket)
            or self.assumed.get(ticket)
            or next((t for t in self.ended if t.id == ticket), None)
        )

    def in_doubt(self, window: WindowId) -> Ticket | None:
        """Return the ticket called to a window before, while only its clerk can say whether the visitor came."""
        ticket = self.open_ticket(self.window(window).in_doubt)
        return ticket if ticket and ticket.absence_assumed else None

    def assumed_number(self, number: str) -> Ticket | None:
        """Return today's ticket of this number that is only assumed to be served, or None."""
        return next((t for t in self.assumed.values() if t.number == number), None)

    def queues_of(self, services: Iterable[ServiceId]) -> list[tuple[Ticket, ...]]:
        """Return the queues of these services that are not empty."""
        return [q for s in services if (q := self.queues.get(s))]


def rank(hall: Hall, ticket: Ticket) -> tuple[int, Seniority]:
    """Return the sort key of a ticket, unless one was passed too often; the lowest is called first."""
    return (class_rank(hall, ticket.priority), ticket.seniority)


def class_rank(hall: Hall, priority: str | None) -> int:
    """Return the rank of a priority class; one the site no longer has counts as none."""
    ranks = hall.site.priority_rank
    return ranks.get(priority, ranks[None])
