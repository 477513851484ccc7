"""The page of a state, drawn as a display list.

The pages that mostly carry a message (welcome, please wait, refused, help, ask the staff, closed) are drawn here, the
others in the modules beside.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from kiosk import wording
from kiosk.screens import tile_pages
from kiosk.screens.confirm_page import draw_confirm
from kiosk.screens.display_list import DisplayList, Rect, ScreenFormat
from kiosk.screens.materials_page import draw_materials
from kiosk.screens.number_pages import draw_checked_in, draw_number, draw_referral_page
from kiosk.screens.offer_page import draw_offer
from kiosk.screens.page_builder import GAP, PageBuilder, body_rect, draw_back, draw_header, draw_help_button
from kiosk.state import events as e
from kiosk.state.kiosk_state import KioskState, Overlay, Page, Step, current_page, warning
from protocol import theme
from protocol.answers import ReferralAnswer, ServicesAnswer, TicketAnswer
from protocol.requests import CheckInByCode
from protocol.vocabulary import Text

_CHECK_IN = 144.0
"""Height of the button that opens the check-in, px of the design."""


def _draw_welcome(page: PageBuilder, menu: ServicesAnswer) -> None:
    """Draw the hall's name and one big button; in a county another one for visitors referred here."""
    place = body_rect(page)
    page.write(menu.name, Rect(place.x, place.y, place.w, 236), size=96, bold=True, align="centre")
    page.write(wording.WELCOME, Rect(place.x, place.y + 244, place.w, 124), size=48, align="centre")
    width = min(1000.0, place.w)
    room = place.h - 392 - (_CHECK_IN + 2 * GAP if menu.county else 0)
    button = Rect(place.x + (place.w - width) / 2, place.y + 392, width, min(320.0, room))
    page.draw_button(button, wording.START, e.Start(), size=96, main=True)
    if menu.county:
        _draw_check_in_button(page, Rect(button.x, button.bottom + 2 * GAP, width, _CHECK_IN))
    _write_hours(page, menu)
    draw_help_button(page)


def _draw_check_in_button(page: PageBuilder, rect: Rect) -> None:
    """Draw the button for visitors referred by another site; its sentence names them."""
    page.draw_button(rect, wording.CHECK_IN, e.OpenCheckIn(), size=48)


def _draw_waiting(page: PageBuilder, sentence: Text) -> None:
    """Draw a sentence on what the kiosk waits for."""
    page.write(sentence, body_rect(page), size=96, bold=True, align="centre")


def _draw_refused(page: PageBuilder, state: KioskState) -> None:
    """Draw the hub's sentence on why there is no number."""
    _draw_message(page, wording.REFUSED, state.refusal or wording.NOT_OFFERED, colour=theme.WARN)
    draw_back(page)
    draw_help_button(page)


def _draw_no_place(page: PageBuilder, state: KioskState) -> None:
    """Draw why there is no place at the other site; a number here is one touch away."""
    place = _draw_message(
        page, wording.NO_PLACE, state.refusal or wording.then_here(wording.NO_ANSWER_THERE), colour=theme.WARN
    )
    _draw_next_step(page, place, wording.ISSUE_HERE, e.Confirm())
    draw_back(page)
    draw_help_button(page)


def _draw_not_found(page: PageBuilder, state: KioskState) -> None:
    """Draw why nobody was checked in."""
    place = _draw_message(
        page, wording.NOT_CHECKED_IN, state.refusal or wording.not_expected(state.typed), colour=theme.WARN
    )
    _draw_next_step(page, place, wording.TYPE_AGAIN, e.OpenCheckIn())
    draw_back(page)
    draw_help_button(page)


def _draw_help(page: PageBuilder) -> None:
    """Draw four sentences that help; three, once the text is large."""
    place = body_rect(page)
    page.write(wording.HELP_TITLE, Rect(place.x, place.y, place.w, 176), size=64, bold=True)
    top = place.y + 176
    lines = [line for line in wording.HELP_LINES if not (page.large and line is wording.HARD_TO_READ)]
    height = (place.bottom - top) / len(lines)
    for i, line in enumerate(lines):
        row = Rect(place.x, top + i * height, place.w, height - GAP)
        page.draw_box(row, fill=theme.WHITE, edge=theme.LINE)
        page.write(line, row.inset(32, 8), size=48)
    draw_back(page)


def _draw_staff(page: PageBuilder, state: KioskState) -> None:
    """Draw "please ask the staff"; with a request unanswered, also "try again"."""
    match state.request:
        case None:
            why = wording.STAFF_WHY
        case CheckInByCode():
            why = wording.CHECK_IN_UNANSWERED
        case _:
            why = wording.STAFF_UNANSWERED
    place = _draw_message(page, wording.STAFF, why, colour=theme.ALARM)
    if state.request is not None:
        _draw_next_step(page, place, wording.TRY_AGAIN, e.Retry())
    draw_help_button(page)


def _draw_closed(page: PageBuilder, menu: ServicesAnswer) -> None:
    """Draw when the hall opens again; visitors referred here in a county check in all the same."""
    hours = Text(zh=f"{wording.HOURS.zh}：{menu.hours.zh}", en=f"{wording.HOURS.en}: {menu.hours.en}")
    _draw_message(page, wording.CLOSED, wording.opens_at(menu.opens_at) if menu.opens_at else hours, colour=theme.INK)
    place = body_rect(page)
    if menu.county:
        width = min(800.0, place.w)
        _draw_check_in_button(page, Rect(place.x + (place.w - width) / 2, place.bottom - _CHECK_IN, width, _CHECK_IN))
        _write_hours(page, menu)
    elif menu.opens_at:
        page.write(hours, Rect(place.x, place.bottom - 168, place.w, 160), size=48, align="centre")
    draw_help_button(page)


def _write_hours(page: PageBuilder, menu: ServicesAnswer) -> None:
    """Write the opening hours at the foot, left of help."""
    place = body_rect(page)
    hours = Text(zh=f"{wording.HOURS.zh} {menu.hours.zh}", en=f"{wording.HOURS.en}: {menu.hours.en}")
    foot = Rect(place.x, place.bottom + GAP, place.w - 320, page.height - place.bottom - GAP - 24)
    page.write(hours, foot, size=36, colour=theme.QUIET)


def _draw_next_step(page: PageBuilder, place: Rect, text: Text, touch: e.Touch) -> None:
    """Draw the one thing to do, large."""
    button = Rect(place.x + place.w / 4, place.bottom - 176, place.w / 2, 176)
    page.draw_button(button, text, touch, size=64, main=True)


def _draw_message(page: PageBuilder, title: Text, sentence: Text, *, colour: str) -> Rect:
    """Write a title and a sentence on a card with a coloured bar; return the page's body."""
    place = body_rect(page)
    card = Rect(place.x, place.y + 24, place.w, min(600.0, place.h - 224))
    page.draw_box(card, fill=theme.WHITE, edge=theme.LINE)
    page.draw_box(Rect(card.x, card.y, 24, card.h), fill=colour)
    inner = Rect(card.x + 72, card.y + 24, card.w - 120, card.h - 48)
    top = Rect(inner.x, inner.y, inner.w, inner.h * 0.45)
    page.write(title, top, size=96, colour=colour, bold=True, vertical="bottom")
    rest = Rect(inner.x, top.bottom + GAP, inner.w, inner.bottom - top.bottom - GAP)
    page.write(sentence, rest, size=64, vertical="top")
    return place


DrawFromMenu = Callable[[PageBuilder, KioskState, ServicesAnswer], None]
DrawMessage = Callable[[PageBuilder, KioskState], None]

_MENU_PAGES: Mapping[Page, DrawFromMenu] = MappingProxyType(
    {
        Step.WELCOME: lambda page, _, menu: _draw_welcome(page, menu),
        Step.DEPARTMENT: tile_pages.draw_departments,
        Step.SERVICE: tile_pages.draw_services,
        Step.CONFIRM: draw_confirm,
        Step.PRIORITY: lambda page, _, menu: tile_pages.draw_priorities(page, menu),
        Step.CHECK_IN: tile_pages.draw_keypad,
        Overlay.LETTERS: tile_pages.draw_letters,
        Overlay.OFFER: draw_offer,
        Overlay.CLOSED: lambda page, _, menu: _draw_closed(page, menu),
    }
)
_MESSAGE_PAGES: Mapping[Page, DrawMessage] = MappingProxyType(
    {
        Step.ISSUING: lambda page, _: _draw_waiting(page, wording.ISSUING),
        Step.RESERVING: lambda page, _: _draw_waiting(page, wording.RESERVING),
        Step.CHECKING_IN: lambda page, _: _draw_waiting(page, wording.CHECKING_IN),
        Step.REFUSED: _draw_refused,
        Step.NO_PLACE: _draw_no_place,
        Step.NOT_FOUND: _draw_not_found,
        Overlay.MATERIALS: draw_materials,
        Overlay.HELP: lambda page, _: _draw_help(page),
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
        _MESSAGE_PAGES.get(shown, _draw_staff)(page, state)
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
            draw_referral_page(page, printout, referral, public_url=public_url)


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
