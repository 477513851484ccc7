"""The pages of a number in this hall: a new one with its paper and its QR code, and "checked in"."""

from __future__ import annotations

from kiosk import wording
from kiosk.drawing.display_list import Rect
from kiosk.drawing.page_builder import GAP, PageBuilder
from kiosk.screens.frame import FOOT_BUTTON, body_rect, draw_help_button, foot_rect
from kiosk.state import events as e
from kiosk.state.kiosk_state import CheckedIn
from kiosk.state.menu import find_service
from kiosk.state.printout import Printout, PrintProgress
from protocol import theme
from protocol.answers import ServicesAnswer, TicketAnswer
from protocol.vocabulary import Text

QR_SIDE = 400.0
"""Side of the QR code, px of the design."""


def draw_number(page: PageBuilder, printout: Printout, ticket: TicketAnswer, *, public_url: str) -> None:
    """Draw the number, very large, with where to wait, the state of its paper, and its page as a QR code."""
    place = body_rect(page)
    right = 0.0 if page.screen.upright else 560.0
    main = Rect(place.x, place.y, place.w - right, place.h - (QR_SIDE + 160 if page.screen.upright else 0))
    paper_height = 216.0 if printout.progress in {PrintProgress.PRINTING, PrintProgress.PRINTED} else 264.0
    card = Rect(main.x, main.y, main.w, main.h - paper_height - GAP)
    _draw_card(page, printout, ticket, card)
    draw_paper(page, printout, Rect(main.x, card.bottom + GAP, main.w, paper_height))
    _draw_ticket_page(page, place, address=public_url.rstrip("/") + ticket.page)
    draw_foot(page, printout)


def _draw_card(page: PageBuilder, printout: Printout, ticket: TicketAnswer, card: Rect) -> None:
    page.draw_box(card, fill=theme.WHITE, edge=theme.LINE)
    inner = card.inset(40, 12)
    page.write(wording.YOUR_NUMBER, Rect(inner.x, inner.y, inner.w, 100), size=48, vertical="top")
    number = Text(zh=ticket.number, en=ticket.number)
    page.write(number, Rect(inner.x, inner.y + 88, inner.w, 232), size=180, bold=True, colour=theme.ACCENT)
    rest = Rect(inner.x, inner.y + 320, inner.w, inner.bottom - inner.y - 320)
    area = wording.wait_in(printout.service.area)
    where = page.runs_of(area, size=64, colour=theme.INK, second=theme.QUIET, bold=True)
    page.write_runs(
        [*where, *page.runs_of(wording.ahead_in_short(ticket.people_ahead, ticket.promise), size=36, colour=theme.INK)],
        rest,
    )


def draw_paper(page: PageBuilder, printout: Printout, rect: Rect) -> None:
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
        code = Rect(place.x, place.bottom - QR_SIDE - 80, QR_SIDE, QR_SIDE)
        page.write(wording.SCAN, Rect(code.right + 40, code.y, place.right - code.right - 40, QR_SIDE), size=36)
    else:
        code = Rect(place.right - 480, place.y + 24, QR_SIDE, QR_SIDE)
        purpose = Rect(code.x - 40, code.bottom + GAP, 480, 240)
        page.write(wording.SCAN, purpose, size=36, vertical="top", align="centre")
    page.draw_qr_code(code, address)


def draw_foot(page: PageBuilder, printout: Printout) -> None:
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
    ahead = page.runs_of(wording.ahead_in_short(ticket.people_ahead, ticket.promise), size=48, colour=theme.INK)
    page.write_runs([*runs, *ahead], rest, vertical="top")
    _, done = _foot_rects(foot_rect(page), upright=page.screen.upright)
    page.draw_button(done, wording.DONE, e.Done(), size=48, main=True)
    draw_help_button(page)
