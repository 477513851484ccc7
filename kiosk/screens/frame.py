"""The frame of every page: the hall's name, three dots for the progress, language and text size, back and help."""

from __future__ import annotations

from types import MappingProxyType

from kiosk import wording
from kiosk.drawing.display_list import Rect
from kiosk.drawing.page_builder import GAP, MARGIN, PageBuilder
from kiosk.state import events as e
from kiosk.state.current_page import Overlay, Page
from kiosk.state.kiosk_state import KioskState, Step
from protocol import theme
from protocol.theme import TOUCH_TARGET

_DOT_OF = MappingProxyType[Page, int](
    {
        Step.DEPARTMENT: 0,
        Step.SERVICE: 1,
        Step.CONFIRM: 2,
        Step.PRIORITY: 2,
        Step.NUMBER: 3,
        Step.REFERRED: 3,
    }
)
"""Number of the dot that a page has reached; search and offer belong to the step beneath them."""
_TOGGLE_WIDTH = 208.0
FOOT_BUTTON = 288.0
"""Width of back and help, px of the design."""


def draw_header(page: PageBuilder, state: KioskState, shown: Page) -> None:
    """Draw the top of a page."""
    _draw_toggles(page)
    if state.menu is not None and shown is not Step.WELCOME:
        room = page.width - 2 * MARGIN - 2 * _TOGGLE_WIDTH - 2 * GAP
        width = room if page.screen.upright else min(room, 540)
        page.write(state.menu.name, Rect(MARGIN, 20, width, TOUCH_TARGET), size=36, second=None, bold=True)
    reached = _DOT_OF.get(state.step if shown in {Overlay.LETTERS, Overlay.OFFER} else shown)
    if reached is not None:
        _draw_dots(page, reached)


def _draw_toggles(page: PageBuilder) -> None:
    left = page.width - MARGIN - 2 * _TOGGLE_WIDTH - GAP
    language = Rect(left, 20, _TOGGLE_WIDTH, TOUCH_TARGET)
    page.draw_box(language, fill=theme.WHITE, edge=theme.QUIET)
    page.write(
        wording.TO_ENGLISH, language.inset(8, 4), size=36, colour=theme.ACCENT, second=None, bold=True, align="centre"
    )
    page.add_target(language, e.ToggleLanguage(), wording.TO_ENGLISH.in_language(page.language))
    size = Rect(left + _TOGGLE_WIDTH + GAP, 20, _TOGGLE_WIDTH, TOUCH_TARGET)
    page.draw_button(size, wording.NORMAL_TEXT if page.large else wording.LARGE_TEXT, e.ToggleTextSize())


def _draw_dots(page: PageBuilder, reached: int) -> None:
    """Draw three dots (done, here, to come), each above the name of its step."""
    upright = page.screen.upright
    left, right = (MARGIN, page.width - MARGIN) if upright else (620.0, page.width - 620 + 96)
    top = 20.0 + TOUCH_TARGET + 16 if upright else 20.0
    step = (right - left) / 3
    middle = [left + step * (i + 0.5) for i in range(3)]
    page.draw_box(Rect(middle[0], top + 22, middle[2] - middle[0], 4), fill=theme.LINE, corner=0)
    for i, x in enumerate(middle):
        here, done = i == reached, i < reached
        fill = theme.ACCENT if here else theme.INK if done else theme.BACKGROUND
        page.draw_box(Rect(x - 16, top + 8, 32, 32), fill=fill, edge=theme.INK if not here else None, corner=16)
        page.write(
            wording.STEPS[i],
            Rect(x - step / 2 + 4, top + 46, step - 8, 50),
            size=28,
            colour=theme.ACCENT if here else theme.INK if done else theme.QUIET,
            second=None,
            bold=here,
            align="centre",
        )


def header_height(page: PageBuilder) -> float:
    """Return where the body of a page begins."""
    return 252.0 if page.screen.upright else 136.0


def foot_rect(page: PageBuilder) -> Rect:
    """Return the place of the buttons at the foot of a page."""
    return Rect(MARGIN, page.height - 24 - TOUCH_TARGET, page.width - 2 * MARGIN, TOUCH_TARGET)


def body_rect(page: PageBuilder) -> Rect:
    """Return the place between header and foot."""
    top = header_height(page)
    return Rect(MARGIN, top, page.width - 2 * MARGIN, foot_rect(page).y - GAP - top)


def draw_back(page: PageBuilder) -> None:
    """Draw back, bottom left."""
    foot = foot_rect(page)
    page.draw_button(Rect(foot.x, foot.y, FOOT_BUTTON, foot.h), wording.BACK, e.Back())


def draw_help_button(page: PageBuilder) -> None:
    """Draw help, bottom right."""
    foot = foot_rect(page)
    page.draw_button(Rect(foot.right - FOOT_BUTTON, foot.y, FOOT_BUTTON, foot.h), wording.HELP, e.OpenHelp())


def search_rect(page: PageBuilder) -> Rect:
    """Return the place of the search by first letter: right of the question, upright between back and help."""
    if page.screen.upright:
        foot = foot_rect(page)
        return Rect(foot.x + FOOT_BUTTON + GAP, foot.y, foot.w - 2 * (FOOT_BUTTON + GAP), foot.h)
    place = body_rect(page)
    return Rect(place.right - 480, place.y + 16, 480, 104)


def paging_rect(page: PageBuilder) -> Rect:
    """Return the place of previous and next: between back and help, upright above them."""
    foot = foot_rect(page)
    if page.screen.upright:
        return Rect(foot.x, foot.y - GAP - foot.h, foot.w, foot.h)
    return Rect(foot.x + FOOT_BUTTON + 4 * GAP, foot.y, foot.w - 2 * FOOT_BUTTON - 8 * GAP, foot.h)
