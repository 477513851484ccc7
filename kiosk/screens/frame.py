"""What every page has in the same place: name of the hall, the three dots, language and text size, back and help."""

from __future__ import annotations

from types import MappingProxyType

from kiosk import events as e
from kiosk import words
from kiosk.screens.scene import Rect
from kiosk.screens.sheet import GAP, MARGIN, Sheet
from kiosk.state import Flow, Page, Step
from protocol import theme
from protocol.theme import TOUCH_TARGET

_DOT_OF = MappingProxyType(
    {
        Step.DEPARTMENT: 0,
        Step.SERVICE: 1,
        Step.CONFIRM: 2,
        Step.PRIORITY: 2,
        Step.ASKING: 2,
        Step.NUMBER: 3,
        Step.SENT: 3,
    }
)
_WITH_DOTS = frozenset(
    {
        Page.DEPARTMENT,
        Page.SERVICE,
        Page.LETTERS,
        Page.CONFIRM,
        Page.OFFER,
        Page.PRIORITY,
        Page.NUMBER,
        Page.SENT,
    }
)
_TOGGLE_WIDTH = 208.0
FOOT_BUTTON = 288.0
"""The width of back and help."""


def header(sheet: Sheet, flow: Flow, shown: Page) -> None:
    """Draw the top of a page."""
    _toggles(sheet)
    if flow.menu is not None and shown is not Page.WELCOME:
        room = sheet.width - 2 * MARGIN - 2 * _TOGGLE_WIDTH - 2 * GAP
        width = room if sheet.form.upright else min(room, 540)
        sheet.say(flow.menu.name, Rect(MARGIN, 20, width, TOUCH_TARGET), size=36, second=None, bold=True)
    if shown in _WITH_DOTS and flow.step in _DOT_OF:
        _dots(sheet, _DOT_OF[flow.step])


def _toggles(sheet: Sheet) -> None:
    left = sheet.width - MARGIN - 2 * _TOGGLE_WIDTH - GAP
    language = Rect(left, 20, _TOGGLE_WIDTH, TOUCH_TARGET)
    sheet.box(language, fill=theme.WHITE, line=theme.QUIET)
    sheet.say(
        words.TO_ENGLISH, language.inset(8, 4), size=36, colour=theme.ACCENT, second=None, bold=True, align="centre"
    )
    sheet.choice(language, e.ToggleLanguage(), words.TO_ENGLISH.in_language(sheet.language))
    size = Rect(left + _TOGGLE_WIDTH + GAP, 20, _TOGGLE_WIDTH, TOUCH_TARGET)
    sheet.button(size, words.NORMAL_TEXT if sheet.large else words.LARGE_TEXT, e.ToggleSize())


def _dots(sheet: Sheet, reached: int) -> None:
    """Three dots: done, here, to come; the words beneath say which."""
    upright = sheet.form.upright
    left, right = (MARGIN, sheet.width - MARGIN) if upright else (620.0, sheet.width - 620 + 96)
    top = 20.0 + TOUCH_TARGET + 16 if upright else 20.0
    step = (right - left) / 3
    middle = [left + step * (i + 0.5) for i in range(3)]
    sheet.box(Rect(middle[0], top + 22, middle[2] - middle[0], 4), fill=theme.LINE, corner=0)
    for i, x in enumerate(middle):
        here, done = i == reached, i < reached
        fill = theme.ACCENT if here else theme.INK if done else theme.BACKGROUND
        sheet.box(Rect(x - 16, top + 8, 32, 32), fill=fill, line=theme.INK if not here else None, corner=16)
        sheet.say(
            words.STEPS[i],
            Rect(x - step / 2 + 4, top + 46, step - 8, 50),
            size=28,
            colour=theme.ACCENT if here else theme.INK if done else theme.QUIET,
            second=None,
            bold=here,
            align="centre",
        )


def header_height(sheet: Sheet) -> float:
    """Return where the body of a page begins."""
    return 252.0 if sheet.form.upright else 136.0


def foot_rect(sheet: Sheet) -> Rect:
    """Return the place of the buttons at the foot of a page."""
    return Rect(MARGIN, sheet.height - 24 - TOUCH_TARGET, sheet.width - 2 * MARGIN, TOUCH_TARGET)


def body(sheet: Sheet) -> Rect:
    """Return the place between header and foot."""
    top = header_height(sheet)
    return Rect(MARGIN, top, sheet.width - 2 * MARGIN, foot_rect(sheet).y - GAP - top)


def back_button(sheet: Sheet) -> None:
    """Draw back, bottom left."""
    foot = foot_rect(sheet)
    sheet.button(Rect(foot.x, foot.y, FOOT_BUTTON, foot.h), words.BACK, e.Back())


def help_button(sheet: Sheet) -> None:
    """Draw help, bottom right."""
    foot = foot_rect(sheet)
    sheet.button(Rect(foot.right - FOOT_BUTTON, foot.y, FOOT_BUTTON, foot.h), words.HELP, e.OpenHelp())


def search_rect(sheet: Sheet) -> Rect:
    """Return the place of the search by first letter: beside the question, upright between back and help."""
    if sheet.form.upright:
        foot = foot_rect(sheet)
        return Rect(foot.x + FOOT_BUTTON + GAP, foot.y, foot.w - 2 * (FOOT_BUTTON + GAP), foot.h)
    place = body(sheet)
    return Rect(place.right - 480, place.y + 16, 480, 104)


def paging_rect(sheet: Sheet) -> Rect:
    """Return the place of previous and next: between back and help, upright above them."""
    foot = foot_rect(sheet)
    if sheet.form.upright:
        return Rect(foot.x, foot.y - GAP - foot.h, foot.w, foot.h)
    return Rect(foot.x + FOOT_BUTTON + 4 * GAP, foot.y, foot.w - 2 * FOOT_BUTTON - 8 * GAP, foot.h)
