"""The pages of a number: a new one in this hall, a place held at another site, and "checked in"."""

from __future__ import annotations

from kiosk import wording
from kiosk.screens.display_list import Rect
from kiosk.screens.page_builder import FOOT_BUTTON, GAP, PageBuilder, body_rect, draw_help_button, foot_rect
from kiosk.screens.typesetting import TextRun, fits, height_of
from kiosk.state import events as e
from kiosk.state.kiosk_state import CheckedIn, Printout, PrintProgress
from kiosk.state.menu import find_service
from protocol import theme
from protocol.answers import OtherSite, ReferralAnswer, ServicesAnswer, TicketAnswer
from protocol.text.dates import clock
from protocol.text.waits import closing_note
from protocol.vocabulary import Text

_QR_SIDE = 400.0
"""Side of the QR code, px of the design."""
_PAPER = 144.0
_PAPER_UPRIGHT = 208.0
_NUMBER = 264.0
_ROUTE = 84.0
_SIZES = ((96, 64), (64, 64), (64, 48), (48, 48), (64, 36), (48, 36), (36, 36), (28, 28))
"""Type sizes of the site's name and of the way to it, px, from large to small: the first that fits is used."""
_ORDINARY, _ORDINARY_UPRIGHT = 4, 2
"""Index in ``_SIZES`` at which ordinary text begins."""


def draw_number(page: PageBuilder, printout: Printout, ticket: TicketAnswer, *, public_url: str) -> None:
    """Draw the number, very large, with where to wait, the state of its paper, and its page as a QR code."""
    place = body_rect(page)
    right = 0.0 if page.screen.upright else 560.0
    main = Rect(place.x, place.y, place.w - right, place.h - (_QR_SIDE + 160 if page.screen.upright else 0))
    paper_height = 216.0 if printout.progress in {PrintProgress.PRINTING, PrintProgress.PRINTED} else 264.0
    card = Rect(main.x, main.y, main.w, main.h - paper_height - GAP)
    _draw_card(page, printout, ticket, card)
    _draw_paper(page, printout, Rect(main.x, card.bottom + GAP, main.w, paper_height))
    _draw_ticket_page(page, place, address=public_url.rstrip("/") + ticket.page)
    _draw_foot(page, printout)


def _draw_card(page: PageBuilder, printout: Printout, ticket: TicketAnswer, card: Rect) -> None:
    page.draw_box(card, fill=theme.WHITE, edge=theme.LINE)
    inner = card.inset(40, 12)
    page.write(wording.YOUR_NUMBER, Rect(inner.x, inner.y, inner.w, 100), size=48, vertical="top")
    number = Text(zh=ticket.number, en=ticket.number)
    page.write(number, Rect(inner.x, inner.y + 88, inner.w, 232), size=180, bold=True, colour=theme.ACCENT)
    rest = Rect(inner.x, inner.y + 320, inner.w, inner.bottom - inner.y - 320)
    area = wording.wait_in(printout.service.area)
    where = page.runs_of(area, size=64, colour=theme.INK, second=theme.QUIET, bold=True)
    page.write_runs([*where, *_wait_runs(page, ticket, size=36)], rest)


def _wait_runs(page: PageBuilder, ticket: TicketAnswer, *, size: int) -> list[TextRun]:
    """Return people ahead and the expected wait, and beneath them whether the day may be over first."""
    note = closing_note(ticket.promise)
    ahead = page.runs_of(wording.ahead_in_short(ticket.people_ahead, ticket.promise), size=size, colour=theme.INK)
    return ahead if note is None else [*ahead, *page.runs_of(note, size=size, colour=theme.ALARM, bold=True)]


def _draw_paper(page: PageBuilder, printout: Printout, rect: Rect) -> None:
    """Draw the state of the paper in text and colour, and what the visitor does about it."""
    text, fill = _paper_text(printout)
    page.draw_box(rect, fill=fill)
    size = 64 if printout.progress in {PrintProgress.PRINTING, PrintProgress.PRINTED} else 48
    page.write(text, rect.inset(40, 8), size=size, colour=theme.WHITE, second=theme.WHITE, bold=True)


def _paper_text(printout: Printout) -> tuple[Text, str]:
    """Return the text on the paper and its background colour."""
    match printout.progress:
        case PrintProgress.PRINTING:
            return wording.PRINTING, theme.QUIET
        case PrintProgress.PRINTED:
            return wording.PRINTED, theme.GOOD
        case PrintProgress.NONE:
            return printout.advice or wording.paper_missing(printout.number), theme.INK
        case PrintProgress.UNSURE:
            return printout.advice or wording.paper_unsure(printout.number), theme.WARN
        case PrintProgress.TROUBLE:
            return printout.advice or wording.paper_missing(printout.number), theme.ALARM


def _draw_ticket_page(page: PageBuilder, place: Rect, *, address: str) -> None:
    """Draw the QR code of the ticket's page and its purpose."""
    if page.screen.upright:
        code = Rect(place.x, place.bottom - _QR_SIDE - 80, _QR_SIDE, _QR_SIDE)
        page.write(wording.SCAN, Rect(code.right + 40, code.y, place.right - code.right - 40, _QR_SIDE), size=36)
    else:
        code = Rect(place.right - 480, place.y + 24, _QR_SIDE, _QR_SIDE)
        purpose = Rect(code.x - 40, code.bottom + GAP, 480, 240)
        page.write(wording.SCAN, purpose, size=36, vertical="top", align="centre")
    page.draw_qr_code(code, address)


def _draw_foot(page: PageBuilder, printout: Printout) -> None:
    """Draw "print again" at the left where it may help, "done" in the middle, help at the right as always."""
    again, done = _foot_rects(foot_rect(page), upright=page.screen.upright)
    if printout.may_reprint:
        page.draw_button(again, wording.PRINT_AGAIN, e.PrintAgain(), size=48)
    page.draw_button(done, wording.DONE, e.Done(), size=48, main=True)
    draw_help_button(page)


def _foot_rects(foot: Rect, *, upright: bool) -> tuple[Rect, Rect]:
    """Return the places of "print again" and "done"."""
    if upright:
        width = (foot.w - FOOT_BUTTON - 2 * GAP) / 2
        return Rect(foot.x, foot.y, width, foot.h), Rect(foot.x + width + GAP, foot.y, width, foot.h)
    return Rect(foot.x, foot.y, 480, foot.h), Rect(foot.x + (foot.w - 640) / 2, foot.y, 640, foot.h)


def draw_checked_in(page: PageBuilder, checked_in: CheckedIn, menu: ServicesAnswer | None) -> None:
    """Draw "checked in", with the number, where to wait and people ahead."""
    place, ticket = body_rect(page), checked_in.ticket
    page.draw_box(place, fill=theme.WHITE, edge=theme.LINE)
    page.draw_box(Rect(place.x, place.y, 24, place.h), fill=theme.GOOD)
    inner = Rect(place.x + 72, place.y + 24, place.w - 112, place.h - 48)
    page.write(wording.CHECKED_IN, Rect(inner.x, inner.y, inner.w, 132), size=64, colour=theme.GOOD, bold=True)
    number = Rect(inner.x, inner.y + 132, inner.w, 236)
    page.write(Text(zh=ticket.number, en=ticket.number), number, size=180, bold=True, colour=theme.ACCENT)
    service = find_service(menu, ticket.service) if menu else None
    where = wording.wait_in(service.area) if service else wording.WATCH
    runs = page.runs_of(where, size=64, colour=theme.INK, second=theme.QUIET, bold=True)
    rest = Rect(inner.x, number.bottom + GAP, inner.w, inner.bottom - number.bottom - GAP)
    page.write_runs([*runs, *_wait_runs(page, ticket, size=48)], rest, vertical="top")
    _, done = _foot_rects(foot_rect(page), upright=page.screen.upright)
    page.draw_button(done, wording.DONE, e.Done(), size=48, main=True)
    draw_help_button(page)


def draw_referral_page(page: PageBuilder, printout: Printout, referral: ReferralAnswer, *, public_url: str) -> None:
    """Draw a place held at another site, whatever its paper does."""
    place = body_rect(page)
    upright = page.screen.upright
    main = Rect(place.x, place.y, place.w - (0 if upright else 480), place.h - (_QR_SIDE + 2 * GAP if upright else 0))
    paper = _PAPER_UPRIGHT if upright else _PAPER
    card = Rect(main.x, main.y, main.w, main.h - paper - GAP)
    page.draw_box(card, fill=theme.WHITE, edge=theme.LINE)
    inner = card.inset(40, 12)
    kept_until = clock(referral.kept_until, referral.site.time_zone)
    _draw_number(page, referral.number, kept_until, Rect(inner.x, inner.y, inner.w, _NUMBER))
    _draw_way(page, referral.site, Rect(inner.x, inner.y + _NUMBER, inner.w, inner.h - _NUMBER))
    _draw_paper(page, printout, Rect(main.x, card.bottom + GAP, main.w, paper))
    _draw_check_in(page, printout, place, address=public_url.rstrip("/") + referral.page)
    _draw_foot(page, printout)


def _draw_number(page: PageBuilder, number: str, kept_until: str, rect: Rect) -> None:
    """Draw the number at the left, and at the right until when it is kept."""
    width = rect.w * 0.66
    page.write(wording.NUMBER_THERE, Rect(rect.x, rect.y, width, 64), size=36, second=None, colour=theme.QUIET)
    text = Text(zh=number, en=number)
    page.write(text, Rect(rect.x, rect.y + 36, width, 232), size=180, bold=True, colour=theme.ACCENT)
    right = Rect(rect.x + width + GAP, rect.y, rect.w - width - GAP, rect.h)
    runs = page.runs_of(wording.KEPT_UNTIL, size=36, colour=theme.QUIET)
    page.write_runs([*runs, TextRun(text=kept_until, size=96, colour=theme.INK, bold=True)], right)


def _draw_way(page: PageBuilder, site: OtherSite, rect: Rect) -> None:
    """Draw where to go, a line from here to there, and the way, as large as there is room."""
    go, way = _typeset_way(page, site, Rect(0, 0, rect.w, rect.h - _ROUTE))
    high, low = height_of(go, width=rect.w), height_of(way, width=rect.w)
    gap = max(0.0, rect.h - _ROUTE - high - low) / 3
    first = Rect(rect.x, rect.y + gap, rect.w, high)
    line = Rect(rect.x, first.bottom + 8, rect.w, 64)
    last = Rect(rect.x, line.bottom + 12 + gap, rect.w, rect.bottom - line.bottom - 12 - gap)
    page.write_runs(go, first, vertical="top")
    _draw_route(page, site, line)
    page.write_runs(way, last, vertical="top")


def _typeset_way(page: PageBuilder, site: OtherSite, room: Rect) -> tuple[list[TextRun], list[TextRun]]:
    """Return the site's name and the way to it in the first sizes that fit.

    On a low page a long name is set smaller rather than broken, down to 48 px.
    """
    begin = 0 if page.large else _ORDINARY_UPRIGHT if page.screen.upright else _ORDINARY
    language = page.language
    for size, lines in _SIZES[begin:]:
        go = [TextRun(text=wording.please_go(site).in_language(language), size=size, colour=theme.INK, bold=True)]
        address = TextRun(text=site.address.in_language(language), size=lines, colour=theme.INK, bold=True)
        directions = TextRun(text=site.directions.in_language(language), size=lines, colour=theme.INK)
        way = [run for run in (address, directions) if run.text]
        unbroken = height_of(go, width=room.w) < 2 * size
        if fits([*go, *way], room) and (unbroken or page.screen.upright or size <= 48):
            break
    return go, way


def _draw_route(page: PageBuilder, site: OtherSite, rect: Rect) -> None:
    """Draw a dot for here, a dot for there, and between them an arrow with the minutes of the way."""
    middle, third = rect.y + rect.h / 2, rect.w / 3
    ends = ((rect.x, wording.YOU_ARE_HERE, theme.INK), (rect.x + 2 * third + 32, wording.YOU_GO_HERE, theme.ACCENT))
    for x, text, colour in ends:
        page.draw_box(Rect(x, middle - 16, 32, 32), fill=colour, corner=16)
        page.write(text, Rect(x + 48, rect.y, third - 80, rect.h), size=28, second=None)
    way = Rect(rect.x + third, rect.y, third, rect.h)
    minutes = Rect(way.x, way.y - 10, way.w - 24, 48)
    page.write(wording.on_the_way(site), minutes, size=28, second=None, align="centre")
    page.draw_box(Rect(way.x, middle + 14, way.w - 32, 8), fill=theme.ACCENT, corner=0)
    tip = Rect(way.right - 56, middle - 6, 48, 48)
    page.write_runs([TextRun(text=wording.ARROW, size=36, colour=theme.ACCENT)], tip, align="right")


def _draw_check_in(page: PageBuilder, printout: Printout, place: Rect, *, address: str) -> None:
    """Draw what to do there, with the code that is on the paper too, for visitors whose paper is missing."""
    upright = page.screen.upright
    with_paper = printout.progress in {PrintProgress.PRINTING, PrintProgress.PRINTED}
    if upright:
        code = Rect(place.x, place.bottom - _QR_SIDE, _QR_SIDE, _QR_SIDE)
        what = Rect(code.right + 24, code.y, place.right - code.right - 24, _QR_SIDE)
    else:
        code = Rect(place.right - _QR_SIDE - 16, place.y + 8, _QR_SIDE, _QR_SIDE)
        what = Rect(code.x - 24, code.bottom + GAP, _QR_SIDE + 40, place.bottom - code.bottom - GAP)
    sentence = wording.check_in_there(printout.number, with_paper=with_paper)
    vertical = "middle" if upright else "top"
    page.write(sentence, what, size=36, bold=True, colour=theme.ACCENT, vertical=vertical)
    page.draw_qr_code(code, address)
