"""Which page a state shows, and how long that page stays.

The page is the visitor's step, or an overlay on top of it. Overlays are derived from the state and never stored, so
that the visitor is back at the step as soon as the overlay's cause has gone.
"""

from __future__ import annotations

import math
from enum import StrEnum

from kiosk.state.kiosk_state import AWAITING_HUB, KioskState, Step, Timeouts, reset
from kiosk.state.printout import PrintProgress


class Overlay(StrEnum):
    """A page on top of a step."""

    OFFER = "offer"
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
    if state.menu is None or not state.hub_alive:
        return Overlay.STAFF
    if not state.menu.open and state.step not in _OPEN_WHEN_CLOSED:
        return Overlay.CLOSED
    return _page_while_open(state)


def _page_while_open(state: KioskState) -> Page:
    if state.step in {Step.DEPARTMENT, Step.SERVICE} and state.listing.searching:
        return Overlay.LETTERS
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
