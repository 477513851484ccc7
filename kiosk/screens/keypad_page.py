"""The check-in page of a visitor referred by another site: large keys for the number."""

from __future__ import annotations

from kiosk import wording
from kiosk.drawing.display_list import Rect
from kiosk.drawing.page_builder import GAP, PageBuilder
from kiosk.screens.frame import body_rect, draw_back, draw_help_button
from kiosk.state import events as e
from kiosk.state.kiosk_state import KioskState
from kiosk.state.menu import number_letters
from kiosk.state.visitor_requests import is_number
from protocol import theme
from protocol.answers import ServicesAnswer
from protocol.vocabulary import Text

_KEY = 112.0
"""Height of a letter's key, px of the design."""
_DIGITS = ("1", "2", "3", "4", "5", "6", "7", "8", "9")


def draw_keypad(page: PageBuilder, state: KioskState, menu: ServicesAnswer) -> None:
    """Draw "scan, or type your number"."""
    place = body_rect(page)
    title = Rect(place.x, place.y, place.w, 200 if page.screen.upright else 132)
    page.write(wording.CHECK_IN_TITLE, title, size=64, bold=True)
    rest = Rect(place.x, title.bottom + GAP, place.w, place.bottom - title.bottom - GAP)
    keys, pad = _columns(page, rest)
    shown = Rect(keys.x, keys.y, keys.w, 144)
    _draw_typed(page, state.typed, menu, shown)
    _draw_letters(page, menu, Rect(keys.x, shown.bottom + GAP, keys.w, keys.bottom - shown.bottom - GAP))
    _draw_digits(page, state, pad)
    draw_back(page)
    draw_help_button(page)


def _columns(page: PageBuilder, rest: Rect) -> tuple[Rect, Rect]:
    """Return the places of number and letters, and of the digits."""
    if page.screen.upright:
        height = 160 + 4 * (_KEY + GAP)
        return (
            Rect(rest.x, rest.y, rest.w, height - GAP),
            Rect(rest.x, rest.y + height, rest.w, rest.h - height),
        )
    return Rect(rest.x, rest.y, 1000, rest.h), Rect(rest.x + 1032, rest.y, rest.w - 1032, rest.h)


def _draw_typed(page: PageBuilder, typed: str, menu: ServicesAnswer, rect: Rect) -> None:
    """Draw what was typed so far; before that, an example of a number."""
    page.draw_box(rect, fill=theme.WHITE, edge=theme.INK)
    inner = rect.inset(32, 8)
    if typed:
        page.write(Text(zh=typed, en=typed), inner, size=96, bold=True, colour=theme.ACCENT)
    elif menu.services:
        page.write(
            wording.number_like(f"{menu.services[0].letter}017"), inner, size=48, colour=theme.QUIET, second=None
        )


def _draw_letters(page: PageBuilder, menu: ServicesAnswer, rect: Rect) -> None:
    letters = number_letters(menu)
    across = 6 if len(letters) <= 24 else 7
    width = (rect.w - GAP * (across - 1)) / across
    for i, letter in enumerate(letters[: 4 * across]):
        row, column = divmod(i, across)
        key = Rect(rect.x + column * (width + GAP), rect.y + row * (_KEY + GAP), width, _KEY)
        page.draw_button(key, Text(zh=letter, en=letter), e.TypeKey(key=letter), size=64)


def _draw_digits(page: PageBuilder, state: KioskState, rect: Rect) -> None:
    """Draw the digits as on a telephone; below them erase, 0 and "check in"."""
    width, height = (rect.w - 2 * GAP) / 3, (rect.h - 3 * GAP) / 4
    keys = [Rect(rect.x + i % 3 * (width + GAP), rect.y + i // 3 * (height + GAP), width, height) for i in range(12)]
    for key, digit in zip([*keys[:9], keys[10]], [*_DIGITS, "0"], strict=True):
        page.draw_button(key, Text(zh=digit, en=digit), e.TypeKey(key=digit), size=64)
    page.draw_button(keys[9], wording.ERASE, e.EraseKey())
    if is_number(state.typed):
        page.draw_button(keys[11], wording.CHECK_IN_NOW, e.CheckInByNumber(), size=48, main=True)
    else:
        page.draw_box(keys[11], fill=theme.BACKGROUND, edge=theme.LINE)
        page.write(wording.CHECK_IN_NOW, keys[11].inset(16, 4), size=48, colour=theme.QUIET, bold=True, align="centre")
