"""The pages that mostly say something: welcome, asking, refused, help, ask the staff, closed."""

from __future__ import annotations

from kiosk import events as e
from kiosk import words
from kiosk.screens.frame import back_button, body, help_button
from kiosk.screens.scene import Rect
from kiosk.screens.sheet import GAP, Sheet
from kiosk.state import Flow
from protocol import theme
from protocol.answers import ServicesAnswer
from protocol.requests import CheckInByCode
from protocol.vocabulary import Text

_CHECK_IN = 144.0


def draw_welcome(sheet: Sheet, menu: ServicesAnswer) -> None:
    """Draw the hall's name and one big button; in a county another one for visitors sent here."""
    place = body(sheet)
    sheet.say(menu.name, Rect(place.x, place.y, place.w, 236), size=96, bold=True, align="centre")
    sheet.say(words.WELCOME, Rect(place.x, place.y + 244, place.w, 124), size=48, align="centre")
    width = min(1000.0, place.w)
    room = place.h - 392 - (_CHECK_IN + 2 * GAP if menu.county else 0)
    button = Rect(place.x + (place.w - width) / 2, place.y + 392, width, min(320.0, room))
    sheet.button(button, words.START, e.Start(), size=96, main=True)
    if menu.county:
        check_in_button(sheet, Rect(button.x, button.bottom + 2 * GAP, width, _CHECK_IN))
    _hours(sheet, menu)
    help_button(sheet)


def check_in_button(sheet: Sheet, rect: Rect) -> None:
    """Draw the entry for visitors another site sent; its sentence says for whom it is."""
    sheet.button(rect, words.CHECK_IN, e.OpenCheckIn(), size=48)


def draw_waiting(sheet: Sheet, sentence: Text) -> None:
    """Draw what the kiosk waits for."""
    sheet.say(sentence, body(sheet), size=96, bold=True, align="centre")


def draw_refused(sheet: Sheet, flow: Flow) -> None:
    """Draw the hub's sentence why there is no number."""
    _announce(sheet, words.REFUSED, flow.refusal or words.NOT_OFFERED, colour=theme.WARN)
    back_button(sheet)
    help_button(sheet)


def draw_no_place(sheet: Sheet, flow: Flow) -> None:
    """Draw why there is no place at the other site; the number here is one touch away."""
    place = _announce(sheet, words.NO_PLACE, flow.refusal or words.then_here(words.NO_ANSWER_THERE), colour=theme.WARN)
    _next_step(sheet, place, words.TAKE_NUMBER, e.Confirm())
    back_button(sheet)
    help_button(sheet)


def draw_not_found(sheet: Sheet, flow: Flow) -> None:
    """Draw why nobody was checked in."""
    place = _announce(sheet, words.NOT_CHECKED_IN, flow.refusal or words.not_expected(flow.typed), colour=theme.WARN)
    _next_step(sheet, place, words.TYPE_AGAIN, e.OpenCheckIn())
    back_button(sheet)
    help_button(sheet)


def draw_help(sheet: Sheet) -> None:
    """Draw four sentences that help; three, once the text is large."""
    place = body(sheet)
    sheet.say(words.HELP_TITLE, Rect(place.x, place.y, place.w, 176), size=64, bold=True)
    top = place.y + 176
    lines = [line for line in words.HELP_LINES if not (sheet.large and line is words.HARD_TO_READ)]
    height = (place.bottom - top) / len(lines)
    for i, line in enumerate(lines):
        row = Rect(place.x, top + i * height, place.w, height - GAP)
        sheet.box(row, fill=theme.WHITE, line=theme.LINE)
        sheet.say(line, row.inset(32, 8), size=48)
    back_button(sheet)


def draw_staff(sheet: Sheet, flow: Flow) -> None:
    """Draw "please ask the staff"; with a request unanswered, also "try again"."""
    match flow.request:
        case None:
            why = words.STAFF_WHY
        case CheckInByCode():
            why = words.CHECK_IN_UNANSWERED
        case _:
            why = words.STAFF_UNANSWERED
    place = _announce(sheet, words.STAFF, why, colour=theme.ALARM)
    if flow.request is not None:
        _next_step(sheet, place, words.TRY_AGAIN, e.AskAgain())
    help_button(sheet)


def draw_closed(sheet: Sheet, menu: ServicesAnswer) -> None:
    """Draw when the hall opens again; who was sent here in a county checks in all the same."""
    hours = Text(zh=f"{words.HOURS.zh}：{menu.hours.zh}", en=f"{words.HOURS.en}: {menu.hours.en}")
    _announce(sheet, words.CLOSED, words.opens_at(menu.opens_at) if menu.opens_at else hours, colour=theme.INK)
    place = body(sheet)
    if menu.county:
        width = min(800.0, place.w)
        check_in_button(sheet, Rect(place.x + (place.w - width) / 2, place.bottom - _CHECK_IN, width, _CHECK_IN))
        _hours(sheet, menu)
    elif menu.opens_at:
        sheet.say(hours, Rect(place.x, place.bottom - 168, place.w, 160), size=48, align="centre")
    help_button(sheet)


def _hours(sheet: Sheet, menu: ServicesAnswer) -> None:
    """Write the opening hours at the foot, beside help."""
    place = body(sheet)
    hours = Text(zh=f"{words.HOURS.zh} {menu.hours.zh}", en=f"{words.HOURS.en}: {menu.hours.en}")
    foot = Rect(place.x, place.bottom + GAP, place.w - 320, sheet.height - place.bottom - GAP - 24)
    sheet.say(hours, foot, size=36, colour=theme.QUIET)


def _next_step(sheet: Sheet, place: Rect, text: Text, touch: e.Touch) -> None:
    """Draw the one thing to do, large."""
    button = Rect(place.x + place.w / 4, place.bottom - 176, place.w / 2, 176)
    sheet.button(button, text, touch, size=64, main=True)


def _announce(sheet: Sheet, title: Text, sentence: Text, *, colour: str) -> Rect:
    """Write a title and a sentence on a card with a coloured bar; return the page's body."""
    place = body(sheet)
    card = Rect(place.x, place.y + 24, place.w, min(600.0, place.h - 224))
    sheet.box(card, fill=theme.WHITE, line=theme.LINE)
    sheet.box(Rect(card.x, card.y, 24, card.h), fill=colour)
    inner = Rect(card.x + 72, card.y + 24, card.w - 120, card.h - 48)
    top = Rect(inner.x, inner.y, inner.w, inner.h * 0.45)
    sheet.say(title, top, size=96, colour=colour, bold=True, upright="bottom")
    rest = Rect(inner.x, top.bottom + GAP, inner.w, inner.bottom - top.bottom - GAP)
    sheet.say(sentence, rest, size=64, upright="top")
    return place
