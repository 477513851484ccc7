"""What a kiosk knows, which page that is, and how long the page stays: frozen values and questions about them.

Over whatever step a visitor is at lie the help page, the page of letters, "please ask the staff" while the hub is
away and "closed" while the hall is closed. They are worked out, never stored: the visitor is back at the step after.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum

from kiosk.menu import Listing, departments, find_service
from protocol.messages import IssueTicket, Language, ServiceAnswer, ServicesAnswer, Text, TicketAnswer


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


class Page(StrEnum):
    """What is on the screen: a step, or what lies over it."""

    WELCOME = "welcome"
    DEPARTMENT = "department"
    SERVICE = "service"
    CONFIRM = "confirm"
    PRIORITY = "priority"
    ASKING = "asking"
    REFUSED = "refused"
    NUMBER = "number"
    LETTERS = "letters"
    HELP = "help"
    STAFF = "staff"
    CLOSED = "closed"


@dataclass(frozen=True, kw_only=True)
class Timing:
    """How patient a kiosk is, in seconds."""

    idle_s: float = 60
    """No touch for so long: back to welcome."""
    warning_s: float = 15
    """The last part of ``idle_s``, in which the visitor is asked "are you still there?"."""
    number_s: float = 20
    """How long a printed ticket's number stays; twice as long where paper may not come."""
    trouble_s: float = 90
    """How long the number stays when the paper did not come, or its printing was never heard of."""
    settle_s: float = 0.4
    """A second touch so soon after the page changed is a trembling finger, not a choice."""
    asking_s: float = 20
    """The longest the "getting your number" page stays without an answer."""


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What the visitor has chosen so far."""

    departments: Listing = field(default_factory=Listing)
    services: Listing = field(default_factory=Listing)
    department: str | None = None
    service: str | None = None
    priority: str | None = None


class Paper(StrEnum):
    """How the paper of the shown number stands; UNSURE when no printer will ever tell, NONE without a printer."""

    PRINTING = "printing"
    PRINTED = "printed"
    UNSURE = "unsure"
    TROUBLE = "trouble"
    NONE = "none"


@dataclass(frozen=True, kw_only=True)
class Issued:
    """A number that exists, and its paper."""

    ticket: TicketAnswer
    service: ServiceAnswer
    paper: Paper = Paper.PRINTING
    advice: Text | None = None
    again_used: bool = False

    @property
    def may_print_again(self) -> bool:
        """Whether the one reprint is offered: the paper may be missing and it was not asked for yet."""
        return self.paper in {Paper.UNSURE, Paper.TROUBLE} and not self.again_used


@dataclass(frozen=True, kw_only=True)
class Flow:
    """All that decides what a kiosk shows."""

    boot: str
    """Device and run of the program, such as ``kiosk-1:5f0c2a9e``; with ``asked`` it names each request."""
    asked: int = 0
    timing: Timing = field(default_factory=Timing)
    menu: ServicesAnswer | None = None
    hub_here: bool = False
    language: Language = Language.ZH
    large: bool = False
    help: bool = False
    step: Step = Step.WELCOME
    choice: Choice = field(default_factory=Choice)
    request: IssueTicket | None = None
    refusal: Text | None = None
    issued: Issued | None = None
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


def page(flow: Flow) -> Page:
    """Return what is on the screen."""
    if flow.step in {Step.ASKING, Step.NUMBER} and not flow.help:
        return Page(flow.step.value)
    if flow.help:
        return Page.HELP
    if flow.menu is None or not flow.hub_here:
        return Page.STAFF
    if not flow.menu.open:
        return Page.CLOSED
    if flow.step in {Step.DEPARTMENT, Step.SERVICE} and flow.listing.searching:
        return Page.LETTERS
    return Page(flow.step.value)


_WARNED = frozenset({Page.DEPARTMENT, Page.SERVICE, Page.CONFIRM, Page.PRIORITY, Page.REFUSED, Page.LETTERS, Page.HELP})
"""Where the visitor is asked before the page is taken away."""


def seconds_left(flow: Flow, *, at: float) -> float | None:
    """Return how long until the kiosk goes back to welcome by itself; None when it stays as it is."""
    limit = _limit(flow)
    if limit is None:
        return None
    since = flow.changed_at if flow.step is Step.ASKING else max(flow.touched_at, flow.changed_at)
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
    shown = page(flow)
    if shown is Page.ASKING:
        return flow.timing.asking_s
    if shown is Page.NUMBER:
        return _number_limit(flow.timing, flow.issued.paper if flow.issued else Paper.TROUBLE)
    return None if flow == fresh(flow) else flow.timing.idle_s


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
        menu=flow.menu,
        hub_here=flow.hub_here,
        touched_at=flow.touched_at,
        changed_at=flow.changed_at,
    )


def only_department(flow: Flow) -> str | None:
    """Return the department of a hall that has only one."""
    there = departments(flow.menu) if flow.menu else []
    return there[0].id if len(there) == 1 else None
