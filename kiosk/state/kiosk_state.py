"""All that decides what a kiosk shows, as one frozen value; ``kiosk.state.reducer`` returns the next one."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum

from kiosk.state.menu import Listing, departments, find_service
from kiosk.state.printout import Printout
from protocol.answers import Offer, ServiceAnswer, ServicesAnswer, TicketAnswer
from protocol.requests import AcceptOffer, CheckInByCode, IssueTicket, RequestOffer
from protocol.vocabulary import Language, ServiceId, Text

VisitorRequest = IssueTicket | AcceptOffer | CheckInByCode
"""A request whose answer the visitor waits for."""


class Step(StrEnum):
    """How far a visitor has come; each step has a page of the same name."""

    WELCOME = "welcome"
    DEPARTMENT = "department"
    SERVICE = "service"
    CONFIRM = "confirm"
    PRIORITY = "priority"
    ISSUING = "issuing"
    REFUSED = "refused"
    NUMBER = "number"
    RESERVING = "reserving"
    NO_PLACE = "no-place"
    REFERRED = "referred"
    CHECK_IN = "check-in"
    CHECKING_IN = "checking-in"
    NOT_FOUND = "not-found"
    CHECKED_IN = "checked-in"


AWAITING_HUB = frozenset({Step.ISSUING, Step.RESERVING, Step.CHECKING_IN})
"""Steps at which a visitor waits for the hub's answer."""


@dataclass(frozen=True, kw_only=True)
class Timeouts:
    """Time limits of the pages, seconds."""

    idle_s: float = 60
    """Time without a touch after which the kiosk returns to the welcome page."""
    warning_s: float = 15
    """Last part of ``idle_s``, during which the kiosk shows "are you still there?"."""
    number_s: float = 20
    """Time the number of a printed ticket stays; twice as long where the paper may be missing."""
    trouble_s: float = 90
    """Time the number stays when its paper failed, or while nothing is known of it."""
    settle_s: float = 0.4
    """Debounce interval: a touch this soon after the page changed is a trembling finger, not a choice."""
    issuing_s: float = 20
    """Longest time the "getting your number" and "checking you in" pages stay without an answer."""
    reserving_s: float = 6
    """Longest time the "keeping a place for you" page stays; the hub answers within 3 s, yes or no."""


@dataclass(frozen=True, kw_only=True)
class Selection:
    """What the visitor has selected so far, and where they are in the lists of tiles."""

    departments: Listing = field(default_factory=Listing)
    services: Listing = field(default_factory=Listing)
    department: str | None = None
    service: ServiceId | None = None
    priority: str | None = None


@dataclass(frozen=True, kw_only=True)
class CheckedIn:
    """A visitor referred by another site who has checked in here."""

    ticket: TicketAnswer
    code: str
    """The scanned or typed code: the same code again is the scanner's second read of one paper."""


@dataclass(frozen=True, kw_only=True)
class KioskState:
    """The state of one kiosk; times are seconds of a monotonic clock."""

    boot: str
    """Device and run of the program, such as ``kiosk-1:5f0c2a9e``: the prefix of every request id."""
    request_count: int = 0
    """Number of requests so far: the suffix of the next request id."""
    timeouts: Timeouts = field(default_factory=Timeouts)
    time_zone: str = "Asia/Shanghai"
    menu: ServicesAnswer | None = None
    hub_alive: bool = False
    language: Language = Language.ZH
    large: bool = False
    help_open: bool = False
    step: Step = Step.WELCOME
    selection: Selection = field(default_factory=Selection)
    offer_request: RequestOffer | None = None
    """The request for an offer that went out when the service was selected."""
    offer: Offer | None = None
    request: VisitorRequest | None = None
    refusal: Text | None = None
    printout: Printout | None = None
    typed: str = ""
    """The part of a number typed so far by a visitor who checks in."""
    typed_at: float = 0.0
    """Time the last character of ``typed`` was taken."""
    checked_in: CheckedIn | None = None
    touched_at: float = 0.0
    """Time of the last touch, or of the last news for the visitor to read."""
    changed_at: float = 0.0
    """Time the page last changed."""

    @property
    def listing(self) -> Listing:
        """The list of tiles in use: a department's services, or the departments."""
        return self.selection.services if self.step is Step.SERVICE else self.selection.departments

    @property
    def service(self) -> ServiceAnswer | None:
        """The selected service as the newest menu has it."""
        return find_service(self.menu, self.selection.service) if self.menu else None


def reset(state: KioskState) -> KioskState:
    """Return the state for the next visitor: the welcome page in Chinese, in normal size, with nothing selected."""
    return KioskState(
        boot=state.boot,
        request_count=state.request_count,
        timeouts=state.timeouts,
        time_zone=state.time_zone,
        menu=state.menu,
        hub_alive=state.hub_alive,
        touched_at=state.touched_at,
        changed_at=state.changed_at,
    )


def restart(state: KioskState) -> KioskState:
    """Return the welcome page for the same visitor, who keeps language and text size."""
    return replace(reset(state), language=state.language, large=state.large)


def only_department(state: KioskState) -> str | None:
    """Return the department of a hall that has only one, otherwise None."""
    open_departments = departments(state.menu) if state.menu else []
    return open_departments[0].id if len(open_departments) == 1 else None
