"""The number page: the number very large, where to wait, how the paper stands, and the ticket's page as a QR code."""

from __future__ import annotations

from kiosk import events as e
from kiosk import paper_words, words
from kiosk.issued import Issued, Paper, Sent
from kiosk.screens.frame import FOOT_BUTTON, body, foot_rect, help_button
from kiosk.screens.scene import Rect
from kiosk.screens.sheet import GAP, Sheet
from protocol import theme
from protocol.vocabulary import Text

CODE = 400.0
"""The side of the QR code."""


def draw_number(sheet: Sheet, issued: Issued, *, public_url: str) -> None:
    """Draw a number that exists, whatever its paper does."""
    place = body(sheet)
    aside = 0.0 if sheet.form.upright else 560.0
    main = Rect(place.x, place.y, place.w - aside, place.h - (CODE + 160 if sheet.form.upright else 0))
    paper_height = 216.0 if issued.paper in {Paper.PRINTING, Paper.PRINTED} else 264.0
    card = Rect(main.x, main.y, main.w, main.h - paper_height - GAP)
    _number(sheet, issued, card)
    draw_paper(sheet, issued, Rect(main.x, card.bottom + GAP, main.w, paper_height))
    _code(sheet, issued, place, public_url)
    draw_foot(sheet, issued)


def _number(sheet: Sheet, issued: Issued, card: Rect) -> None:
    sheet.box(card, fill=theme.WHITE, line=theme.LINE)
    inner = card.inset(40, 12)
    sheet.say(words.YOUR_NUMBER, Rect(inner.x, inner.y, inner.w, 100), size=48, upright="top")
    number = Text(zh=issued.ticket.number, en=issued.ticket.number)
    sheet.say(number, Rect(inner.x, inner.y + 88, inner.w, 232), size=180, bold=True, colour=theme.ACCENT)
    rest = Rect(inner.x, inner.y + 320, inner.w, inner.bottom - inner.y - 320)
    where = sheet.runs(words.wait_in(issued.service.area), size=64, colour=theme.INK, second=theme.QUIET, bold=True)
    sheet.write([*where, *sheet.runs(words.ahead_in_short(issued.ticket), size=36, colour=theme.INK)], rest)


def draw_paper(sheet: Sheet, issued: Issued | Sent, rect: Rect) -> None:
    """Say in words and colour how the paper stands and what to do."""
    said, fill = _paper_words(issued)
    sheet.box(rect, fill=fill)
    size = 64 if issued.paper in {Paper.PRINTING, Paper.PRINTED} else 48
    sheet.say(said, rect.inset(40, 8), size=size, colour=theme.WHITE, second=theme.WHITE, bold=True)


def _paper_words(issued: Issued | Sent) -> tuple[Text, str]:
    match issued.paper:
        case Paper.PRINTING:
            return paper_words.PRINTING, theme.QUIET
        case Paper.PRINTED:
            return paper_words.PRINTED, theme.GOOD
        case Paper.NONE:
            return issued.advice or paper_words.missing(issued.number), theme.INK
        case Paper.UNSURE:
            return issued.advice or paper_words.unsure(issued.number), theme.WARN
        case Paper.TROUBLE:
            return issued.advice or paper_words.missing(issued.number), theme.ALARM


def _code(sheet: Sheet, issued: Issued, place: Rect, public_url: str) -> None:
    address = public_url.rstrip("/") + issued.ticket.page
    if sheet.form.upright:
        code = Rect(place.x, place.bottom - CODE - 80, CODE, CODE)
        said = Rect(code.right + 40, code.y, place.right - code.right - 40, CODE)
        sheet.say(words.SCAN, said, size=36)
    else:
        code = Rect(place.right - 480, place.y + 24, CODE, CODE)
        sheet.say(words.SCAN, Rect(code.x - 40, code.bottom + GAP, 480, 240), size=36, upright="top", align="centre")
    sheet.code(code, address)


def draw_foot(sheet: Sheet, issued: Issued | Sent) -> None:
    """Draw print again at the left where it may help, "done" in the middle, help at the right as always."""
    foot = foot_rect(sheet)
    again, done = _foot_places(foot, upright=sheet.form.upright)
    if issued.may_print_again:
        sheet.button(again, paper_words.PRINT_AGAIN, e.PrintAgain(), size=48)
    sheet.button(done, words.DONE, e.Finish(), size=48, main=True)
    help_button(sheet)


def done_place(sheet: Sheet) -> Rect:
    """Return the place of "done" at the foot of a page."""
    return _foot_places(foot_rect(sheet), upright=sheet.form.upright)[1]


def _foot_places(foot: Rect, *, upright: bool) -> tuple[Rect, Rect]:
    if upright:
        width = (foot.w - FOOT_BUTTON - 2 * GAP) / 2
        return Rect(foot.x, foot.y, width, foot.h), Rect(foot.x + width + GAP, foot.y, width, foot.h)
    return Rect(foot.x, foot.y, 480, foot.h), Rect(foot.x + (foot.w - 640) / 2, foot.y, 640, foot.h)
