"""The page after an offer was accepted: the number at the other site, the way, until when, and how to check in."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from kiosk import words
from kiosk.issued import Sent
from kiosk.screens.frame import body
from kiosk.screens.number import CODE, draw_foot, draw_paper
from kiosk.screens.scene import Rect
from kiosk.screens.sheet import GAP, Sheet
from kiosk.screens.typesetting import Run
from protocol import look
from protocol.messages import OtherSite, Text

_PAPER = 144.0
_PAPER_UPRIGHT = 208.0


def draw_sent(sheet: Sheet, sent: Sent, *, time_zone: str, public_url: str) -> None:
    """Draw a place held at another site, whatever its paper does."""
    place = body(sheet)
    upright = sheet.form.upright
    main = Rect(place.x, place.y, place.w - (0 if upright else 480), place.h - (CODE + 64 if upright else 0))
    paper = _PAPER_UPRIGHT if upright else _PAPER
    card = Rect(main.x, main.y, main.w, main.h - paper - GAP)
    sheet.box(card, fill=look.WHITE, line=look.LINE)
    inner = card.inset(40, 16)
    kept = _kept_words(sent, time_zone)
    height = 380.0 if upright else 260.0
    _number(sheet, sent, kept, Rect(inner.x, inner.y, inner.w, height))
    _way(sheet, sent.referral.site, Rect(inner.x, inner.y + height, inner.w, inner.h - height))
    draw_paper(sheet, sent, Rect(main.x, card.bottom + GAP, main.w, paper))
    _code(sheet, public_url.rstrip("/") + sent.referral.page, place)
    draw_foot(sheet, sent)


def _kept_words(sent: Sent, time_zone: str) -> Text:
    local = sent.referral.kept_until.astimezone(ZoneInfo(time_zone))
    return Text(zh=f"{local:%H:%M}", en=f"{local:%H:%M}")


def _number(sheet: Sheet, sent: Sent, kept: Text, rect: Rect) -> None:
    """The number at the left, until when it is kept at the right; upright beneath."""
    upright = sheet.form.upright
    width = rect.w if upright else rect.w * 0.6
    sheet.say(words.NUMBER_THERE, Rect(rect.x, rect.y, width, 48), size=36, second=None, colour=look.QUIET)
    number = Text(zh=sent.number, en=sent.number)
    sheet.say(number, Rect(rect.x, rect.y + 40, width, 232), size=180, bold=True, colour=look.ACCENT)
    if upright:
        label, time = Rect(rect.x, rect.y + 280, width * 0.5, 84), Rect(rect.x + width * 0.5, rect.y + 280, 400, 84)
        sheet.say(words.KEPT_UNTIL, label, size=48, second=None)
        sheet.say(kept, time, size=64, bold=True)
        return
    right = Rect(rect.x + width + GAP, rect.y, rect.w - width - GAP, 48)
    sheet.say(words.KEPT_UNTIL, right, size=36, second=None, colour=look.QUIET)
    sheet.say(kept, Rect(right.x, right.bottom, right.w, 216), size=96, bold=True)


def _way(sheet: Sheet, site: OtherSite, rect: Rect) -> None:
    """Where to go, a line from here to there, and what to do there."""
    go = Rect(rect.x, rect.y, rect.w, 84)
    sheet.say(words.please_go(site), go, size=64, second=None, bold=True)
    line = Rect(rect.x, go.bottom + 8, rect.w, 64)
    _route(sheet, site, line)
    rest = Rect(rect.x, line.bottom + 12, rect.w, rect.bottom - line.bottom - 12)
    size = 48 if sheet.form.upright else 36
    runs = sheet.runs(site.address, size=size, colour=look.INK, bold=True)
    runs += sheet.runs(site.directions, size=size, colour=look.INK)
    runs += sheet.runs(words.CHECK_IN_THERE, size=size, colour=look.ACCENT, bold=True)
    sheet.write(runs, rest, upright="top")


def _route(sheet: Sheet, site: OtherSite, rect: Rect) -> None:
    """A dot for here, a dot for there, and between them an arrow with the minutes of the way."""
    middle, third = rect.y + rect.h / 2, rect.w / 3
    ends = ((rect.x, words.YOU_ARE_HERE, look.INK), (rect.x + 2 * third + 32, words.YOU_GO_HERE, look.ACCENT))
    for x, text, colour in ends:
        sheet.box(Rect(x, middle - 16, 32, 32), fill=colour, corner=16)
        sheet.say(text, Rect(x + 48, rect.y, third - 80, rect.h), size=28, second=None)
    way = Rect(rect.x + third, rect.y, third, rect.h)
    sheet.say(words.on_the_way(site), Rect(way.x, way.y - 10, way.w - 24, 48), size=28, second=None, align="centre")
    sheet.box(Rect(way.x, middle + 14, way.w - 32, 8), fill=look.ACCENT, corner=0)
    tip = Rect(way.right - 56, middle - 6, 48, 48)
    sheet.write([Run(text=words.ARROW, size=36, colour=look.ACCENT)], tip, align="right")


def _code(sheet: Sheet, address: str, place: Rect) -> None:
    """The code of the check-in, for visitors whose paper does not come."""
    if sheet.form.upright:
        code = Rect(place.x, place.bottom - CODE - 40, CODE, CODE)
        sheet.say(words.SCAN_THERE, Rect(code.right + 40, code.y, place.right - code.right - 40, CODE), size=36)
    else:
        code = Rect(place.right - CODE - 16, place.y + 24, CODE, CODE)
        below = Rect(code.x - 24, code.bottom + GAP, CODE + 40, 240)
        sheet.say(words.SCAN_THERE, below, size=36, upright="top", align="centre")
    sheet.code(code, address)
