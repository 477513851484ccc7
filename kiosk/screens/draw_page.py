"""The page of a state, drawn as a display list."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from kiosk import wording
from kiosk.drawing.display_list import DisplayList, Rect, ScreenFormat
from kiosk.drawing.page_builder import PageBuilder
from kiosk.screens import message_pages, tile_pages
from kiosk.screens.confirm_page import draw_confirm
from kiosk.screens.frame import draw_header
from kiosk.screens.keypad_page import draw_keypad
from kiosk.screens.number_pages import draw_checked_in, draw_number
from kiosk.screens.offer_page import draw_offer
from kiosk.screens.referral_page import draw_referral_page
from kiosk.state import events as e
from kiosk.state.current_page import Overlay, Page, current_page, warning
from kiosk.state.kiosk_state import KioskState, Step
from protocol import theme
from protocol.answers import ReferralAnswer, ServicesAnswer, TicketAnswer

DrawFromMenu = Callable[[PageBuilder, KioskState, ServicesAnswer], None]
DrawMessage = Callable[[PageBuilder, KioskState], None]

_MENU_PAGES: Mapping[Page, DrawFromMenu] = MappingProxyType(
    {
        Step.WELCOME: lambda page, _, menu: message_pages.draw_welcome(page, menu),
        Step.DEPARTMENT: tile_pages.draw_departments,
        Step.SERVICE: tile_pages.draw_services,
        Step.CONFIRM: draw_confirm,
        Step.PRIORITY: lambda page, _, menu: tile_pages.draw_priorities(page, menu),
        Step.CHECK_IN: draw_keypad,
        Overlay.LETTERS: tile_pages.draw_letters,
        Overlay.OFFER: draw_offer,
        Overlay.CLOSED: lambda page, _, menu: message_pages.draw_closed(page, menu),
    }
)
_MESSAGE_PAGES: Mapping[Page, DrawMessage] = MappingProxyType(
    {
        Step.ISSUING: lambda page, _: message_pages.draw_waiting(page, wording.ISSUING),
        Step.RESERVING: lambda page, _: message_pages.draw_waiting(page, wording.RESERVING),
        Step.CHECKING_IN: lambda page, _: message_pages.draw_waiting(page, wording.CHECKING_IN),
        Step.REFUSED: message_pages.draw_refused,
        Step.NO_PLACE: message_pages.draw_no_place,
        Step.NOT_FOUND: message_pages.draw_not_found,
        Overlay.HELP: lambda page, _: message_pages.draw_help(page),
    }
)


def draw_page(state: KioskState, screen: ScreenFormat, *, at: float, public_url: str) -> DisplayList:
    """Return the page at a moment; ``public_url`` begins the address in the QR code."""
    shown = current_page(state)
    page = PageBuilder(screen, language=state.language, large=state.large)
    page.draw_box(Rect(0, 0, page.width, page.height), fill=theme.BACKGROUND, corner=0)
    draw_header(page, state, shown)
    if shown in {Step.NUMBER, Step.REFERRED, Step.CHECKED_IN}:
        _draw_result(page, state, public_url=public_url)
    elif state.menu is not None and shown in _MENU_PAGES:
        _MENU_PAGES[shown](page, state, state.menu)
    else:
        _MESSAGE_PAGES.get(shown, message_pages.draw_staff)(page, state)
    seconds = warning(state, at=at)
    if seconds is not None:
        _draw_warning(page, seconds)
    return page.build(shown)


def _draw_result(page: PageBuilder, state: KioskState, *, public_url: str) -> None:
    """Draw what a visitor came for: a number here, a place at another site, or the check-in."""
    if state.checked_in is not None:
        draw_checked_in(page, state.checked_in, state.menu)
        return
    printout = state.printout
    if printout is None:
        return
    match printout.answer:
        case TicketAnswer() as ticket:
            draw_number(page, printout, ticket, public_url=public_url)
        case ReferralAnswer() as referral:
            draw_referral_page(page, printout, referral, time_zone=state.time_zone, public_url=public_url)


def _draw_warning(page: PageBuilder, seconds: int) -> None:
    """Lay "are you still there?" over the page."""
    page.dim()
    width, height = min(1200.0, page.width - 96), 640.0
    card = Rect((page.width - width) / 2, (page.height - height) / 2, width, height)
    page.draw_box(card, fill=theme.WHITE)
    inner = card.inset(48, 40)
    page.write(wording.STILL_HERE, Rect(inner.x, inner.y, inner.w, 220), size=96, bold=True, align="centre")
    page.write(wording.countdown(seconds), Rect(inner.x, inner.y + 220, inner.w, 120), size=48, align="centre")
    button = Rect(inner.x + inner.w / 6, inner.bottom - 184, inner.w * 2 / 3, 184)
    page.draw_button(button, wording.I_AM_HERE, e.StillHere(), size=64, main=True)
