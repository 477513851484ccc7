"""The pages that mostly say something: welcome, asking, refused, help, ask the staff, closed."""

from __future__ import annotations

from kiosk import events as e
from kiosk import words
from kiosk.screens.frame import back_button, body, help_button
from kiosk.screens.scene import Rect
from kiosk.screens.sheet import GAP, Sheet
from kiosk.state import Flow
from protocol import look
from protocol.messages import ServicesAnswer, Text


def draw_welcome(sheet: Sheet, menu: ServicesAnswer) -> None:
    """Draw the hall's name and one big button."""
    place = body(sheet)
    sheet.say(menu.name, Rect(place.x, place.y, place.w, 236), size=96, bold=True, align="centre")
    sheet.say(words.WELCOME, Rect(place.x, place.y + 244, place.w, 124), size=48, align="centre")
    width = min(1000.0, place.w)
    button = Rect(place.x + (place.w - width) / 2, place.y + 392, width, min(320.0, place.h - 392))
    sheet.button(button, words.START, e.Start(), size=96, main=True)
    hours = Text(zh=f"{words.HOURS.zh} {menu.hours.zh}", en=f"{words.HOURS.en}: {menu.hours.en}")
    foot = Rect(place.x, place.bottom + GAP, place.w - 320, sheet.height - place.bottom - GAP - 24)
    sheet.say(hours, foot, size=36, colour=look.QUIET)
    help_button(sheet)


def draw_asking(sheet: Sheet) -> None:
    """Draw "getting your number"."""
    sheet.say(words.ASKING, body(sheet), size=96, bold=True, align="centre")


def draw_refused(sheet: Sheet, flow: Flow) -> None:
    """Draw the hub's sentence why there is no number."""
    _announce(sheet, words.REFUSED, flow.refusal or words.NOT_OFFERED, colour=look.WARN)
    back_button(sheet)
    help_button(sheet)


def draw_help(sheet: Sheet) -> None:
    """Draw four sentences that help."""
    place = body(sheet)
    sheet.say(words.HELP_TITLE, Rect(place.x, place.y, place.w, 176), size=64, bold=True)
    top = place.y + 176
    height = (place.bottom - top) / len(words.HELP_LINES)
    for i, line in enumerate(words.HELP_LINES):
        row = Rect(place.x, top + i * height, place.w, height - GAP)
        sheet.box(row, fill=look.WHITE, line=look.LINE)
        sheet.say(line, row.inset(32, 8), size=48)
    back_button(sheet)


def draw_staff(sheet: Sheet, flow: Flow) -> None:
    """Draw "please ask the staff"; with a request unanswered, also "try again"."""
    unanswered = flow.request is not None
    why = words.STAFF_UNANSWERED if unanswered else words.STAFF_WHY
    place = _announce(sheet, words.STAFF, why, colour=look.ALARM)
    if unanswered:
        button = Rect(place.x + place.w / 4, place.bottom - 176, place.w / 2, 176)
        sheet.button(button, words.TRY_AGAIN, e.AskAgain(), size=64, main=True)
    help_button(sheet)


def draw_closed(sheet: Sheet, menu: ServicesAnswer) -> None:
    """Draw when the hall opens again."""
    hours = Text(zh=f"{words.HOURS.zh}：{menu.hours.zh}", en=f"{words.HOURS.en}: {menu.hours.en}")
    _announce(sheet, words.CLOSED, words.opens_at(menu.opens_at) if menu.opens_at else hours, colour=look.INK)
    place = body(sheet)
    if menu.opens_at:
        sheet.say(hours, Rect(place.x, place.bottom - 168, place.w, 160), size=48, align="centre")
    help_button(sheet)


def _announce(sheet: Sheet, title: Text, sentence: Text, *, colour: str) -> Rect:
    """Write a title and a sentence on a card with a coloured bar; return the page's body."""
    place = body(sheet)
    card = Rect(place.x, place.y + 24, place.w, min(600.0, place.h - 224))
    sheet.box(card, fill=look.WHITE, line=look.LINE)
    sheet.box(Rect(card.x, card.y, 24, card.h), fill=colour)
    inner = Rect(card.x + 72, card.y + 24, card.w - 120, card.h - 48)
    top = Rect(inner.x, inner.y, inner.w, inner.h * 0.45)
    sheet.say(title, top, size=96, colour=colour, bold=True, upright="bottom")
    rest = Rect(inner.x, top.bottom + GAP, inner.w, inner.bottom - top.bottom - GAP)
    sheet.say(sentence, rest, size=64, upright="top")
    return place
