"""Every page of the kiosk, drawn from the flow's state and nothing else."""

from __future__ import annotations

from kiosk import events as e
from kiosk import words
from kiosk.issued import Issued, Sent
from kiosk.screens import messages, tiles
from kiosk.screens.check_in import draw_arrived, draw_check_in
from kiosk.screens.confirm import draw_confirm
from kiosk.screens.frame import header
from kiosk.screens.number import draw_number
from kiosk.screens.offer import draw_offer
from kiosk.screens.scene import Format, Rect, Scene
from kiosk.screens.sent import draw_sent
from kiosk.screens.sheet import Sheet
from kiosk.state import Flow, Page, page, warning
from protocol import theme
from protocol.answers import ServicesAnswer

_OF_THE_MENU = frozenset(
    {Page.WELCOME, Page.CLOSED, Page.DEPARTMENT, Page.SERVICE, Page.LETTERS, Page.CONFIRM, Page.PRIORITY}
    | {Page.OFFER, Page.CHECK_IN}
)


def draw(flow: Flow, form: Format, *, at: float, public_url: str) -> Scene:
    """Return the page at a moment; ``public_url`` begins the address in the QR code."""
    shown = page(flow)
    sheet = Sheet(form, language=flow.language, large=flow.large)
    sheet.box(Rect(0, 0, sheet.width, sheet.height), fill=theme.BACKGROUND, corner=0)
    header(sheet, flow, shown)
    if shown in {Page.NUMBER, Page.SENT, Page.ARRIVED}:
        _draw_number(sheet, flow, public_url=public_url)
    elif flow.menu is not None and shown in _OF_THE_MENU:
        _draw_of_the_menu(sheet, flow, flow.menu, shown)
    else:
        _draw_message(sheet, flow, shown)
    seconds = warning(flow, at=at)
    if seconds is not None:
        _still_there(sheet, seconds)
    return sheet.scene(shown)


def _draw_number(sheet: Sheet, flow: Flow, *, public_url: str) -> None:
    if flow.arrived is not None:
        draw_arrived(sheet, flow.arrived, flow.menu)
        return
    match flow.issued:
        case Issued():
            draw_number(sheet, flow.issued, public_url=public_url)
        case Sent():
            draw_sent(sheet, flow.issued, time_zone=flow.time_zone, public_url=public_url)


def _draw_of_the_menu(sheet: Sheet, flow: Flow, menu: ServicesAnswer, shown: Page) -> None:
    match shown:
        case Page.DEPARTMENT:
            tiles.draw_departments(sheet, flow, menu)
        case Page.SERVICE:
            tiles.draw_services(sheet, flow, menu)
        case Page.LETTERS:
            tiles.draw_letters(sheet, flow, menu)
        case Page.CONFIRM:
            draw_confirm(sheet, flow, menu)
        case Page.OFFER:
            draw_offer(sheet, flow, menu)
        case Page.CHECK_IN:
            draw_check_in(sheet, flow, menu)
        case Page.PRIORITY:
            tiles.draw_priorities(sheet, menu)
        case Page.CLOSED:
            messages.draw_closed(sheet, menu)
        case _:
            messages.draw_welcome(sheet, menu)


def _draw_message(sheet: Sheet, flow: Flow, shown: Page) -> None:
    match shown:
        case Page.ASKING:
            messages.draw_waiting(sheet, words.ASKING)
        case Page.RESERVING:
            messages.draw_waiting(sheet, words.RESERVING)
        case Page.ARRIVING:
            messages.draw_waiting(sheet, words.ARRIVING)
        case Page.REFUSED:
            messages.draw_refused(sheet, flow)
        case Page.NO_PLACE:
            messages.draw_no_place(sheet, flow)
        case Page.NOT_FOUND:
            messages.draw_not_found(sheet, flow)
        case Page.HELP:
            messages.draw_help(sheet)
        case _:
            messages.draw_staff(sheet, flow)


def _still_there(sheet: Sheet, seconds: int) -> None:
    """Lay "are you still there?" over the page."""
    sheet.cover()
    width, height = min(1200.0, sheet.width - 96), 640.0
    card = Rect((sheet.width - width) / 2, (sheet.height - height) / 2, width, height)
    sheet.box(card, fill=theme.WHITE)
    inner = card.inset(48, 40)
    sheet.say(words.STILL_HERE, Rect(inner.x, inner.y, inner.w, 220), size=96, bold=True, align="centre")
    sheet.say(words.countdown(seconds), Rect(inner.x, inner.y + 220, inner.w, 120), size=48, align="centre")
    button = Rect(inner.x + inner.w / 6, inner.bottom - 184, inner.w * 2 / 3, 184)
    sheet.button(button, words.I_AM_HERE, e.StillHere(), size=64, main=True)
