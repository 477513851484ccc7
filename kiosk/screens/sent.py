"""The page after an offer was accepted: the number at the other site, the way, until when, and how to check in."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from kiosk import events as e
from kiosk import words
from kiosk.issued import Sent
from kiosk.screens.frame import body, help_button
from kiosk.screens.number import CODE, done_place, draw_paper
from kiosk.screens.scene import Rect
from kiosk.screens.sheet import GAP, Sheet
from protocol import look
from protocol.messages import OtherSite, Text

_PAPER = 144.0


def draw_sent(sheet: Sheet, sent: Sent, *, time_zone: str) -> None:
    """Draw a place held at another site, whatever its paper does."""
    place = body(sheet)
    upright = sheet.form.upright
    main = Rect(place.x, place.y, place.w - (0 if upright else 480), place.h - (CODE + 96 if upright else 0))
    card = Rect(main.x, main.y, main.w, main.h - _PAPER - GAP)
    sheet.box(card, fill=look.WHITE, line=look.LINE)
    inner = card.inset(40, 16)
    _number(sheet, sent, inner, kept_until=sent.referral.kept_until.astimezone(ZoneInfo(time_zone)))
    _way(sheet, sent.referral.site, Rect(inner.x, inner.y + 268, inner.w, inner.h - 268))
    draw_paper(sheet, sent, Rect(main.x, card.bottom + GAP, main.w, _PAPER))
    _code(sheet, sent, place)
    sheet.button(done_place(sheet), words.DONE, e.Finish(), size=48, main=True)
    help_button(sheet)


def _number(sheet: Sheet, sent: Sent, inner: Rect, *, kept_until: datetime) -> None:
    """The number at the left, until when it is kept at the right."""
    aside = inner.w * 0.36
    left = Rect(inner.x, inner.y, inner.w - aside - GAP, 48)
    sheet.say(words.NUMBER_THERE, left, size=36, second=None, colour=look.QUIET)
    number = Text(zh=sent.number, en=sent.number)
    sheet.say(number, Rect(left.x, left.bottom, left.w, 212), size=180, bold=True, colour=look.ACCENT)
    right = Rect(left.right + GAP, inner.y, aside, 48)
    sheet.say(words.KEPT_UNTIL, right, size=36, second=None, colour=look.QUIET)
    time = Text(zh=f"{kept_until:%H:%M}", en=f"{kept_until:%H:%M}")
    sheet.say(time, Rect(right.x, right.bottom, aside, 212), size=96, bold=True)


def _way(sheet: Sheet, site: OtherSite, rect: Rect) -> None:
    """Where to go, a line from here to there, and what to do there."""
    go = Rect(rect.x, rect.y, rect.w, 84)
    sheet.say(words.please_go(site), go, size=64, second=None, bold=True)
    line = Rect(rect.x, go.bottom + 8, rect.w, 64)
    _route(sheet, site, line)
    rest = Rect(rect.x, line.bottom + 12, rect.w, rect.bottom - line.bottom - 12)
    runs = sheet.runs(site.address, size=36, colour=look.INK, bold=True)
    if site.directions.in_language(sheet.language):
        runs += sheet.runs(site.directions, size=36, colour=look.INK)
    runs += sheet.runs(words.CHECK_IN_THERE, size=36, colour=look.ACCENT, bold=True)
    sheet.write(runs, rest, upright="top")


def _route(sheet: Sheet, site: OtherSite, rect: Rect) -> None:
    """A dot for here, a dot for there, and between them an arrow with the minutes of the way."""
    middle = rect.y + rect.h / 2
    third = rect.w / 3
    here = Rect(rect.x, rect.y, third, rect.h)
    sheet.box(Rect(here.x, middle - 16, 32, 32), fill=look.INK, corner=16)
    sheet.say(words.YOU_ARE_HERE, Rect(here.x + 44, here.y, third - 44, rect.h), size=28, second=None)
    way = Rect(rect.x + third, rect.y, third, rect.h)
    sheet.say(words.on_the_way(site), Rect(way.x, way.y - 4, way.w, 40), size=28, second=None, align="centre")
    sheet.box(Rect(way.x, middle + 10, way.w - 24, 8), fill=look.ACCENT, corner=0)
    sheet.say(
        words.ARROW, Rect(way.right - 48, middle - 10, 48, 48), size=36, colour=look.ACCENT, second=None, align="right"
    )
    there = Rect(way.right + 24, rect.y, third - 24, rect.h)
    sheet.box(Rect(there.x, middle - 16, 32, 32), fill=look.ACCENT, corner=16)
    sheet.say(site.name, Rect(there.x + 44, there.y, there.w - 44, rect.h), size=28, second=None)


def _code(sheet: Sheet, sent: Sent, place: Rect) -> None:
    """The code of the check-in, for visitors whose paper does not come."""
    if sheet.form.upright:
        code = Rect(place.x, place.bottom - CODE - 40, CODE, CODE)
        sheet.say(words.SCAN_THERE, Rect(code.right + 40, code.y, place.right - code.right - 40, CODE), size=36)
    else:
        code = Rect(place.right - CODE - 16, place.y + 24, CODE, CODE)
        below = Rect(code.x - 24, code.bottom + GAP, CODE + 40, 240)
        sheet.say(words.SCAN_THERE, below, size=36, upright="top", align="centre")
    sheet.code(code, sent.code)
