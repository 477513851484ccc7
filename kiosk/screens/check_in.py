"""The pages of a visitor another site sent: large keys for the number, and "checked in"."""

from __future__ import annotations

from kiosk import events as e
from kiosk import words
from kiosk.checking_in import is_number, letters_of
from kiosk.issued import Arrived
from kiosk.menu import find_service
from kiosk.screens.frame import back_button, body, help_button
from kiosk.screens.number import done_place
from kiosk.screens.scene import Rect
from kiosk.screens.sheet import GAP, Sheet
from kiosk.state import Flow
from protocol import theme
from protocol.answers import ServicesAnswer
from protocol.vocabulary import Text

_KEY = 112.0
_DIGITS = ("1", "2", "3", "4", "5", "6", "7", "8", "9")


def draw_check_in(sheet: Sheet, flow: Flow, menu: ServicesAnswer) -> None:
    """Draw "scan, or put in your number"."""
    place = body(sheet)
    title = Rect(place.x, place.y, place.w, 200 if sheet.form.upright else 132)
    sheet.say(words.CHECK_IN_TITLE, title, size=64, bold=True)
    rest = Rect(place.x, title.bottom + GAP, place.w, place.bottom - title.bottom - GAP)
    keys, pad = _places(sheet, rest)
    shown = Rect(keys.x, keys.y, keys.w, 144)
    _typed(sheet, flow.typed, menu, shown)
    _letters(sheet, menu, Rect(keys.x, shown.bottom + GAP, keys.w, keys.bottom - shown.bottom - GAP))
    _pad(sheet, flow, pad)
    back_button(sheet)
    help_button(sheet)


def _places(sheet: Sheet, rest: Rect) -> tuple[Rect, Rect]:
    """Return the places of number and letters, and of the digits."""
    if sheet.form.upright:
        height = 160 + 4 * (_KEY + GAP)
        return (
            Rect(rest.x, rest.y, rest.w, height - GAP),
            Rect(rest.x, rest.y + height, rest.w, rest.h - height),
        )
    return Rect(rest.x, rest.y, 1000, rest.h), Rect(rest.x + 1032, rest.y, rest.w - 1032, rest.h)


def _typed(sheet: Sheet, typed: str, menu: ServicesAnswer, rect: Rect) -> None:
    """What was put in so far; before that, what a number looks like."""
    sheet.box(rect, fill=theme.WHITE, line=theme.INK)
    inner = rect.inset(32, 8)
    if typed:
        sheet.say(Text(zh=typed, en=typed), inner, size=96, bold=True, colour=theme.ACCENT)
    elif menu.services:
        sheet.say(words.number_like(f"{menu.services[0].letter}017"), inner, size=48, colour=theme.QUIET, second=None)


def _letters(sheet: Sheet, menu: ServicesAnswer, rect: Rect) -> None:
    letters = letters_of(menu)
    across = 6 if len(letters) <= 24 else 7
    width = (rect.w - GAP * (across - 1)) / across
    for i, letter in enumerate(letters[: 4 * across]):
        row, column = divmod(i, across)
        key = Rect(rect.x + column * (width + GAP), rect.y + row * (_KEY + GAP), width, _KEY)
        sheet.button(key, Text(zh=letter, en=letter), e.TypeKey(key=letter), size=64)


def _pad(sheet: Sheet, flow: Flow, rect: Rect) -> None:
    """Digits as on a telephone; below them erase, 0 and "check in"."""
    width, height = (rect.w - 2 * GAP) / 3, (rect.h - 3 * GAP) / 4
    keys = [Rect(rect.x + i % 3 * (width + GAP), rect.y + i // 3 * (height + GAP), width, height) for i in range(12)]
    for key, digit in zip([*keys[:9], keys[10]], [*_DIGITS, "0"], strict=True):
        sheet.button(key, Text(zh=digit, en=digit), e.TypeKey(key=digit), size=64)
    sheet.button(keys[9], words.ERASE, e.EraseKey())
    if is_number(flow.typed):
        sheet.button(keys[11], words.CHECK_IN_NOW, e.CheckIn(), size=48, main=True)
    else:
        sheet.box(keys[11], fill=theme.BACKGROUND, line=theme.LINE)
        sheet.say(words.CHECK_IN_NOW, keys[11].inset(16, 4), size=48, colour=theme.QUIET, bold=True, align="centre")


def draw_arrived(sheet: Sheet, arrived: Arrived, menu: ServicesAnswer | None) -> None:
    """Draw "checked in", with the number, where to wait and who is ahead."""
    place = body(sheet)
    ticket = arrived.ticket
    sheet.box(place, fill=theme.WHITE, line=theme.LINE)
    sheet.box(Rect(place.x, place.y, 24, place.h), fill=theme.GOOD)
    inner = Rect(place.x + 72, place.y + 24, place.w - 112, place.h - 48)
    sheet.say(words.CHECKED_IN, Rect(inner.x, inner.y, inner.w, 132), size=64, colour=theme.GOOD, bold=True)
    number = Rect(inner.x, inner.y + 132, inner.w, 236)
    sheet.say(Text(zh=ticket.number, en=ticket.number), number, size=180, bold=True, colour=theme.ACCENT)
    service = find_service(menu, ticket.service) if menu else None
    where = words.wait_in(service.area) if service else words.WATCH
    runs = sheet.runs(where, size=64, colour=theme.INK, second=theme.QUIET, bold=True)
    rest = Rect(inner.x, number.bottom + GAP, inner.w, inner.bottom - number.bottom - GAP)
    sheet.write([*runs, *sheet.runs(words.ahead_in_short(ticket), size=48, colour=theme.INK)], rest, upright="top")
    sheet.button(done_place(sheet), words.DONE, e.Finish(), size=48, main=True)
    help_button(sheet)
