"""The page after an offer was accepted: the number at the other site, the way, until when, and how to check in."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from kiosk import words
from kiosk.issued import Paper, Sent
from kiosk.screens.frame import body
from kiosk.screens.number import CODE, draw_foot, draw_paper
from kiosk.screens.scene import Rect
from kiosk.screens.sheet import GAP, Sheet
from kiosk.screens.typesetting import Run, fits, height_of
from protocol import theme
from protocol.answers import OtherSite
from protocol.vocabulary import Text

_PAPER = 144.0
_PAPER_UPRIGHT = 208.0
_NUMBER = 264.0
_ROUTE = 84.0
_SIZES = ((96, 64), (64, 64), (64, 48), (48, 48), (64, 36), (48, 36), (36, 36), (28, 28))
"""Of where to go and of the way, px, from large to small; the first that fits is taken."""
_ORDINARY, _ORDINARY_UPRIGHT = 4, 2
"""Where ordinary text begins in them."""


def draw_sent(sheet: Sheet, sent: Sent, *, time_zone: str, public_url: str) -> None:
    """Draw a place held at another site, whatever its paper does."""
    place = body(sheet)
    upright = sheet.form.upright
    main = Rect(place.x, place.y, place.w - (0 if upright else 480), place.h - (CODE + 2 * GAP if upright else 0))
    paper = _PAPER_UPRIGHT if upright else _PAPER
    card = Rect(main.x, main.y, main.w, main.h - paper - GAP)
    sheet.box(card, fill=theme.WHITE, line=theme.LINE)
    inner = card.inset(40, 12)
    _number(sheet, sent, _kept_words(sent, time_zone), Rect(inner.x, inner.y, inner.w, _NUMBER))
    _way(sheet, sent.referral.site, Rect(inner.x, inner.y + _NUMBER, inner.w, inner.h - _NUMBER))
    draw_paper(sheet, sent, Rect(main.x, card.bottom + GAP, main.w, paper))
    _check_in(sheet, sent, place, address=public_url.rstrip("/") + sent.referral.page)
    draw_foot(sheet, sent)


def _kept_words(sent: Sent, time_zone: str) -> Text:
    local = sent.referral.kept_until.astimezone(ZoneInfo(time_zone))
    return Text(zh=f"{local:%H:%M}", en=f"{local:%H:%M}")


def _number(sheet: Sheet, sent: Sent, kept: Text, rect: Rect) -> None:
    """The number at the left, until when it is kept at the right."""
    width = rect.w * 0.66
    sheet.say(words.NUMBER_THERE, Rect(rect.x, rect.y, width, 64), size=36, second=None, colour=theme.QUIET)
    number = Text(zh=sent.number, en=sent.number)
    sheet.say(number, Rect(rect.x, rect.y + 36, width, 232), size=180, bold=True, colour=theme.ACCENT)
    right = Rect(rect.x + width + GAP, rect.y, rect.w - width - GAP, rect.h)
    runs = sheet.runs(words.KEPT_UNTIL, size=36, colour=theme.QUIET)
    sheet.write([*runs, Run(text=kept.zh, size=96, colour=theme.INK, bold=True)], right)


def _way(sheet: Sheet, site: OtherSite, rect: Rect) -> None:
    """Where to go, a line from here to there, and the way, as large as there is room.

    On a low page a long name is rather small than broken, down to 48 px.
    """
    begin = 0 if sheet.large else _ORDINARY_UPRIGHT if sheet.form.upright else _ORDINARY
    room, language = Rect(0, 0, rect.w, rect.h - _ROUTE), sheet.language
    for size, lines in _SIZES[begin:]:
        go = [Run(text=words.please_go(site).in_language(language), size=size, colour=theme.INK, bold=True)]
        address = Run(text=site.address.in_language(language), size=lines, colour=theme.INK, bold=True)
        directions = Run(text=site.directions.in_language(language), size=lines, colour=theme.INK)
        way = [run for run in (address, directions) if run.text]
        unbroken = height_of(go, width=rect.w) < 2 * size
        if fits([*go, *way], room) and (unbroken or sheet.form.upright or size <= 48):
            break
    high, low = height_of(go, width=rect.w), height_of(way, width=rect.w)
    gap = max(0.0, room.h - high - low) / 3
    first = Rect(rect.x, rect.y + gap, rect.w, high)
    line = Rect(rect.x, first.bottom + 8, rect.w, 64)
    last = Rect(rect.x, line.bottom + 12 + gap, rect.w, rect.bottom - line.bottom - 12 - gap)
    sheet.write(go, first, upright="top")
    _route(sheet, site, line)
    sheet.write(way, last, upright="top")


def _route(sheet: Sheet, site: OtherSite, rect: Rect) -> None:
    """A dot for here, a dot for there, and between them an arrow with the minutes of the way."""
    middle, third = rect.y + rect.h / 2, rect.w / 3
    ends = ((rect.x, words.YOU_ARE_HERE, theme.INK), (rect.x + 2 * third + 32, words.YOU_GO_HERE, theme.ACCENT))
    for x, text, colour in ends:
        sheet.box(Rect(x, middle - 16, 32, 32), fill=colour, corner=16)
        sheet.say(text, Rect(x + 48, rect.y, third - 80, rect.h), size=28, second=None)
    way = Rect(rect.x + third, rect.y, third, rect.h)
    sheet.say(words.on_the_way(site), Rect(way.x, way.y - 10, way.w - 24, 48), size=28, second=None, align="centre")
    sheet.box(Rect(way.x, middle + 14, way.w - 32, 8), fill=theme.ACCENT, corner=0)
    tip = Rect(way.right - 56, middle - 6, 48, 48)
    sheet.write([Run(text=words.ARROW, size=36, colour=theme.ACCENT)], tip, align="right")


def _check_in(sheet: Sheet, sent: Sent, place: Rect, *, address: str) -> None:
    """What to do there, with the code that is on the paper too, for visitors whose paper does not come."""
    upright = sheet.form.upright
    said = words.check_in_there(sent.number, with_paper=sent.paper in {Paper.PRINTING, Paper.PRINTED})
    if upright:
        code = Rect(place.x, place.bottom - CODE, CODE, CODE)
        beside = Rect(code.right + 24, code.y, place.right - code.right - 24, CODE)
    else:
        code = Rect(place.right - CODE - 16, place.y + 8, CODE, CODE)
        beside = Rect(code.x - 24, code.bottom + GAP, CODE + 40, place.bottom - code.bottom - GAP)
    sheet.say(said, beside, size=36, bold=True, colour=theme.ACCENT, upright="middle" if upright else "top")
    sheet.code(code, address)
