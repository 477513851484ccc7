"""All that decides what a kiosk shows, as one frozen value, and which page it shows.

``kiosk.state.reducer`` returns the next state. The page is the visitor's step, or an overlay on top of it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from enum import StrEnum

from kiosk.state.menu import Listing, departments, find_service
from protocol.answers import Offer, PrintJob, ReferralAnswer, ServiceAnswer, ServicesAnswer, TicketAnswer
from protocol.requests import AcceptOffer, CheckInByCode, IssueTicket, RequestOffer
from protocol.vocabulary import Language, ReferralId, ServiceId, Text, TicketId
from runtime.hub_liveness import HubLiveness

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


class PrintProgress(StrEnum):
    """What is known of the paper: UNSURE when the printer never reports, NONE at a kiosk without a printer."""

    PRINTING = "printing"
    PRINTED = "printed"
    UNSURE = "unsure"
    TROUBLE = "trouble"
    NONE = "none"


@dataclass(frozen=True, kw_only=True)
class Printout:
    """A ticket of this site (TicketAnswer) or of another one (ReferralAnswer) with all that its paper needs."""

    answer: TicketAnswer | ReferralAnswer
    service: ServiceAnswer
    hall: Text
    """The name of the hall that prints."""
    time_zone: str
    """IANA name of that hall's zone."""
    language: Language
    """The language of the paper: what the visitor read when the ticket was requested."""
    progress: PrintProgress = PrintProgress.PRINTING
    advice: Text | None = None
    """What the visitor does when the paper is missing."""
    reprint: bool = False
    """Whether this is the second print; there is no third."""

    @property
    def ticket_id(self) -> str:
        """The id of the ticket, here or at the other site; print results refer to it."""
        return self.answer.id if isinstance(self.answer, TicketAnswer) else self.answer.ticket

    @property
    def number(self) -> str:
        """The number that is printed and called, such as ``A017``."""
        return self.answer.number

    @property
    def job_owner(self) -> TicketId | ReferralId:
        """The id under which the hub keeps the print jobs: the ticket's, or the referral's for a foreign ticket."""
        return self.answer.id if isinstance(self.answer, TicketAnswer) else self.answer.referral

    @property
    def first_job(self) -> PrintJob | None:
        """The print job that was created together with the ticket; None when the hub keeps none."""
        return self.answer.print_job

    @property
    def may_reprint(self) -> bool:
        """Whether the one reprint is offered: the paper may be missing, and none was requested so far."""
        return self.progress in {PrintProgress.UNSURE, PrintProgress.TROUBLE} and not self.reprint


def printout_of(
    answer: TicketAnswer | ReferralAnswer, service: ServiceAnswer, *, menu: ServicesAnswer, language: Language
) -> Printout:
    """Return a first printout, with the name and the zone of the hall whose menu it is."""
    return Printout(answer=answer, service=service, hall=menu.name, time_zone=menu.time_zone, language=language)


@dataclass(frozen=True, kw_only=True)
class KioskState:
    """The state of one kiosk; times are seconds of a monotonic clock."""

    boot: str
    """Device and run of the program, such as ``kiosk-1:5f0c2a9e``: the prefix of every request id."""
    request_count: int = 0
    """Number of requests so far: the suffix of the next request id."""
    timeouts: Timeouts = field(default_factory=Timeouts)
    menu: ServicesAnswer | None = None
    liveness: HubLiveness = field(default_factory=HubLiveness)
    """Whether the hub is alive. A kiosk needs its heartbeat only; what it shows comes over HTTP."""
    language: Language = Language.ZH
    large: bool = False
    help_open: bool = False
    step: Step = Step.WELCOME
    selection: Selection = field(default_factory=Selection)
    offer_request: RequestOffer | None = None
    """The request for an offer that went out when the service was selected."""
    offer: Offer | None = None
    materials: int | None = None
    """Page of the open list of what to bring, counted from 0; None while it is closed."""
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
        menu=state.menu,
        liveness=state.liveness,
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


class Overlay(StrEnum):
    """A page on top of a step.

    Derived from the state and never stored, so that the visitor is back at the step as soon as its cause has gone.
    """

    OFFER = "offer"
    MATERIALS = "materials"
    LETTERS = "letters"
    HELP = "help"
    STAFF = "staff"
    CLOSED = "closed"


Page = Step | Overlay
EVERY_PAGE = frozenset[Page]({*Step, *Overlay})

_UNDISTURBED = AWAITING_HUB | {Step.NUMBER, Step.REFERRED, Step.CHECKED_IN}
"""Steps that neither a lost hub nor the end of the opening hours takes from a visitor."""
_OPEN_WHEN_CLOSED = frozenset({Step.CHECK_IN, Step.NOT_FOUND})
"""Steps outside opening hours: a referred visitor may check in during the lunch break too."""
_WARNED = frozenset[Page](
    {
        Step.DEPARTMENT,
        Step.SERVICE,
        Step.CONFIRM,
        Step.PRIORITY,
        Step.REFUSED,
        Step.NO_PLACE,
        Step.CHECK_IN,
        Step.NOT_FOUND,
        Overlay.OFFER,
        Overlay.MATERIALS,
        Overlay.LETTERS,
        Overlay.HELP,
    }
)
"""Pages that warn before they are taken away."""


def current_page(state: KioskState) -> Page:
    """Return the page on the screen."""
    if state.help_open:
        return Overlay.HELP
    if state.step in _UNDISTURBED:
        return state.step
    if state.menu is None or state.liveness.is_silent:
        return Overlay.STAFF
    if not state.menu.open and state.step not in _OPEN_WHEN_CLOSED:
        return Overlay.CLOSED
    return _page_while_open(state)


def _page_while_open(state: KioskState) -> Page:
    if state.step in {Step.DEPARTMENT, Step.SERVICE} and state.listing.searching:
        return Overlay.LETTERS
    if state.step is Step.CONFIRM and state.materials is not None:
        return Overlay.MATERIALS
    if state.step is Step.CONFIRM and state.offer is not None:
        return Overlay.OFFER
    return state.step


def takes_touch(state: KioskState, *, at: float) -> bool:
    """Return whether the page has been there long enough for a touch to be meant for it."""
    return at - state.changed_at >= state.timeouts.settle_s


def seconds_left(state: KioskState, *, at: float) -> float | None:
    """Return the seconds until the kiosk returns to welcome by itself; None when the page stays."""
    limit = _time_limit(state)
    if limit is None:
        return None
    since = state.changed_at if state.step in AWAITING_HUB else max(state.touched_at, state.changed_at)
    return since + limit - at


def warning(state: KioskState, *, at: float) -> int | None:
    """Return the whole seconds of the countdown "are you still there?"; None when it is not shown."""
    left = seconds_left(state, at=at)
    if left is None or left > state.timeouts.warning_s or current_page(state) not in _WARNED:
        return None
    return max(1, math.ceil(left))


def _time_limit(state: KioskState) -> float | None:
    """Return how long the page may stay untouched, seconds."""
    timeouts = state.timeouts
    progress = state.printout.progress if state.printout else PrintProgress.TROUBLE
    match current_page(state):
        case Step.ISSUING | Step.CHECKING_IN:
            return timeouts.issuing_s
        case Step.RESERVING:
            return timeouts.reserving_s
        case Step.NUMBER:
            return _number_limit(timeouts, progress)
        case Step.REFERRED:
            return max(2 * timeouts.number_s, _number_limit(timeouts, progress))
        case Step.CHECKED_IN:
            return timeouts.number_s
        case _:
            return None if state == reset(state) else timeouts.idle_s


def _number_limit(timeouts: Timeouts, progress: PrintProgress) -> float:
    match progress:
        case PrintProgress.PRINTED:
            return timeouts.number_s
        case PrintProgress.UNSURE | PrintProgress.NONE:
            return 2 * timeouts.number_s
        case _:
            return timeouts.trouble_s
