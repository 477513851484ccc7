"""What a kiosk knows, which page that is, and how long the page stays: frozen values and questions about them.

Over whatever step a visitor is at lie the help page, the page of letters, "please ask the staff" while the hub is
away and "closed" while the hall is closed. They are worked out, never stored: the visitor is back at the step after.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum

from kiosk.issued import Arrived, Issued, Paper, Sent
from kiosk.menu import Listing, departments, find_service
from kiosk.timing import Timing
from protocol.answers import Offer, ServiceAnswer, ServicesAnswer
from protocol.requests import AcceptOffer, CheckInByCode, IssueTicket, RequestOffer
from protocol.vocabulary import Language, Text

Command = IssueTicket | AcceptOffer | CheckInByCode
"""What a visitor waits for an answer to."""


class Step(StrEnum):
    """How far a visitor has come."""

    WELCOME = "welcome"
    DEPARTMENT = "department"
    SERVICE = "service"
    CONFIRM = "confirm"
    PRIORITY = "priority"
    ASKING = "asking"
    REFUSED = "refused"
    NUMBER = "number"
    RESERVING = "reserving"
    NO_PLACE = "no-place"
    SENT = "sent"
    CHECK_IN = "check-in"
    ARRIVING = "arriving"
    NOT_FOUND = "not-found"
    ARRIVED = "arrived"


class Page(StrEnum):
    """What is on the screen: a step, or what lies over it."""

    WELCOME = "welcome"
    DEPARTMENT = "department"
    SERVICE = "service"
    CONFIRM = "confirm"
    OFFER = "offer"
    PRIORITY = "priority"
    ASKING = "asking"
    REFUSED = "refused"
    NUMBER = "number"
    RESERVING = "reserving"
    NO_PLACE = "no-place"
    SENT = "sent"
    CHECK_IN = "check-in"
    ARRIVING = "arriving"
    NOT_FOUND = "not-found"
    ARRIVED = "arrived"
    LETTERS = "letters"
    HELP = "help"
    STAFF = "staff"
    CLOSED = "closed"


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What the visitor has chosen so far."""

    departments: Listing = field(default_factory=Listing)
    services: Listing = field(default_factory=Listing)
    department: str | None = None
    service: str | None = None
    priority: str | None = None


@dataclass(frozen=True, kw_only=True)
class Flow:
    """All that decides what a kiosk shows."""

    boot: str
    """Device and run of the program, such as ``kiosk-1:5f0c2a9e``; with ``asked`` it names each request."""
    asked: int = 0
    timing: Timing = field(default_factory=Timing)
    time_zone: str = "Asia/Shanghai"
    menu: ServicesAnswer | None = None
    hub_here: bool = False
    language: Language = Language.ZH
    large: bool = False
    help: bool = False
    step: Step = Step.WELCOME
    choice: Choice = field(default_factory=Choice)
    question: RequestOffer | None = None
    """What the hub was asked when the service was chosen: is it sooner elsewhere?"""
    offer: Offer | None = None
    request: Command | None = None
    refusal: Text | None = None
    issued: Issued | Sent | None = None
    typed: str = ""
    """The number a visitor who checks in has put in so far."""
    typed_at: float = 0.0
    """When its last letter or digit was taken."""
    arrived: Arrived | None = None
    touched_at: float = 0.0
    """When there last was a finger, or news for the visitor to read."""
    changed_at: float = 0.0
    """When the page last changed."""

    @property
    def listing(self) -> Listing:
        """Return the list the visitor is looking at: of departments, or of a department's services."""
        return self.choice.services if self.step is Step.SERVICE else self.choice.departments

    @property
    def service(self) -> ServiceAnswer | None:
        """Return the chosen service as the newest menu has it."""
        return find_service(self.menu, self.choice.service) if self.menu else None


_UNDISTURBED = frozenset({Step.ASKING, Step.NUMBER, Step.RESERVING, Step.SENT, Step.ARRIVING, Step.ARRIVED})
"""Neither the hub going away nor the hall closing takes these from a visitor."""
_ALSO_CLOSED = frozenset({Step.CHECK_IN, Step.NOT_FOUND})
"""Whoever was sent here checks in, also at noon."""
ASKED = frozenset({Step.ASKING, Step.RESERVING, Step.ARRIVING})
"""Where a visitor waits for the hub."""


def page(flow: Flow) -> Page:
    """Return what is on the screen."""
    if flow.help:
        return Page.HELP
    if flow.step in _UNDISTURBED:
        return Page(flow.step.value)
    if flow.menu is None or not flow.hub_here:
        return Page.STAFF
    if not flow.menu.open and flow.step not in _ALSO_CLOSED:
        return Page.CLOSED
    return _of_step(flow)


def _of_step(flow: Flow) -> Page:
    """Return a step's page while the hall is open: letters over tiles, an offer over what it is beside."""
    if flow.step in {Step.DEPARTMENT, Step.SERVICE} and flow.listing.searching:
        return Page.LETTERS
    if flow.step is Step.CONFIRM and flow.offer is not None:
        return Page.OFFER
    return Page(flow.step.value)


_WARNED = frozenset(
    {
        Page.DEPARTMENT,
        Page.SERVICE,
        Page.CONFIRM,
        Page.OFFER,
        Page.PRIORITY,
        Page.REFUSED,
        Page.NO_PLACE,
        Page.CHECK_IN,
        Page.NOT_FOUND,
        Page.LETTERS,
        Page.HELP,
    }
)
"""Where the visitor is asked before the page is taken away."""


def seconds_left(flow: Flow, *, at: float) -> float | None:
    """Return how long until the kiosk goes back to welcome by itself; None when it stays as it is."""
    limit = _limit(flow)
    if limit is None:
        return None
    since = flow.changed_at if flow.step in ASKED else max(flow.touched_at, flow.changed_at)
    return since + limit - at


def takes_touch(flow: Flow, *, at: float) -> bool:
    """Whether the page has been there long enough for a touch to be meant for it."""
    return at - flow.changed_at >= flow.timing.settle_s


def warning(flow: Flow, *, at: float) -> int | None:
    """Return the whole seconds "are you still there?" counts down from, or None when it is not asked."""
    left = seconds_left(flow, at=at)
    if left is None or left > flow.timing.warning_s or page(flow) not in _WARNED:
        return None
    return max(1, math.ceil(left))


def _limit(flow: Flow) -> float | None:
    """Return how long the page may stay untouched."""
    timing = flow.timing
    match page(flow):
        case Page.ASKING | Page.ARRIVING:
            return timing.asking_s
        case Page.RESERVING:
            return timing.reserving_s
        case Page.NUMBER:
            return _number_limit(timing, flow.issued.paper if flow.issued else Paper.TROUBLE)
        case Page.SENT:
            return max(2 * timing.number_s, _number_limit(timing, flow.issued.paper if flow.issued else Paper.TROUBLE))
        case Page.ARRIVED:
            return timing.number_s
        case _:
            return None if flow == fresh(flow) else timing.idle_s


def _number_limit(timing: Timing, paper: Paper) -> float:
    match paper:
        case Paper.PRINTED:
            return timing.number_s
        case Paper.UNSURE | Paper.NONE:
            return 2 * timing.number_s
        case _:
            return timing.trouble_s


def fresh(flow: Flow) -> Flow:
    """Return the welcome page for the next visitor: Chinese, normal size, nothing chosen."""
    return Flow(
        boot=flow.boot,
        asked=flow.asked,
        timing=flow.timing,
        time_zone=flow.time_zone,
        menu=flow.menu,
        hub_here=flow.hub_here,
        touched_at=flow.touched_at,
        changed_at=flow.changed_at,
    )


def only_department(flow: Flow) -> str | None:
    """Return the department of a hall that has only one."""
    there = departments(flow.menu) if flow.menu else []
    return there[0].id if len(there) == 1 else None
