"""The pages of tiles and keys: departments, services, first letters, protected classes, the number to check in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kiosk import wording
from kiosk.screens.display_list import Rect
from kiosk.screens.page_builder import (
    GAP,
    PageBuilder,
    body_rect,
    draw_back,
    draw_help_button,
    draw_paging,
    paging_rect,
    search_rect,
)
from kiosk.state import events as e
from kiosk.state import menu as menu_tiles
from kiosk.state.kiosk_state import KioskState, Step
from kiosk.state.menu import number_letters
from kiosk.state.on_touch import is_number
from protocol import theme
from protocol.answers import Department, ServiceAnswer, ServicesAnswer
from protocol.vocabulary import Text

_ROW_BELOW = 200
"""Height below which a tile has its count at the right instead of beneath, px of the design."""
_KEY = 112.0
"""Height of a letter's key, px of the design."""
_DIGITS = ("1", "2", "3", "4", "5", "6", "7", "8", "9")


@dataclass(frozen=True, kw_only=True)
class Tile:
    """A tile: something to choose, with a note on how many wait for it."""

    name: Text
    touch: e.Touch
    note: Text | None = None
    offered: bool = True


def draw_departments(page: PageBuilder, state: KioskState, menu: ServicesAnswer) -> None:
    """Draw "which department"."""
    everything = menu_tiles.departments(menu)
    shown = menu_tiles.beginning_with(everything, state.listing.letter, language=state.language)
    _draw_list(page, state, wording.WHICH_DEPARTMENT, [_of_department(menu, d) for d in shown], whole=len(everything))


def draw_services(page: PageBuilder, state: KioskState, menu: ServicesAnswer) -> None:
    """Draw "what do you need"."""
    everything = menu_tiles.services_of(menu, state.selection.department)
    shown = menu_tiles.beginning_with(everything, state.listing.letter, language=state.language)
    _draw_list(page, state, wording.WHICH_SERVICE, [_of_service(s) for s in shown], whole=len(everything))


def draw_priorities(page: PageBuilder, menu: ServicesAnswer) -> None:
    """Draw "which protected class"."""
    place = _draw_title(page, wording.WHICH_PRIORITY)
    classes = [Tile(name=p.name, touch=e.ChoosePriority(priority=p.id)) for p in menu.priorities]
    tiles = [*classes[: menu_tiles.TILES - 1], Tile(name=wording.NO_PRIORITY, touch=e.ChoosePriority(priority=None))]
    proof = paging_rect(page)
    if page.screen.upright:
        place = Rect(place.x, place.y, place.w, proof.y - GAP - place.y)
    _draw_tiles(page, place, tiles)
    page.write(wording.PRIORITY_PROOF, proof, size=36, align="centre")
    draw_back(page)
    draw_help_button(page)


def draw_letters(page: PageBuilder, state: KioskState, menu: ServicesAnswer) -> None:
    """Draw the letters under which there is something."""
    everything: Sequence[Department | ServiceAnswer] = (
        menu_tiles.services_of(menu, state.selection.department)
        if state.step is Step.SERVICE
        else menu_tiles.departments(menu)
    )
    place = _draw_title(page, wording.WHICH_LETTER)
    across = 4 if page.screen.upright else 8
    width = (place.w - GAP * (across - 1)) / across
    for i, letter in enumerate(menu_tiles.initials(everything, language=state.language)):
        row, column = divmod(i, across)
        rect = Rect(place.x + column * (width + GAP), place.y + row * (128 + GAP), width, 128)
        page.draw_button(rect, Text(zh=letter, en=letter), e.ChooseLetter(letter=letter), size=64)
    draw_back(page)
    draw_help_button(page)


def _of_department(menu: ServicesAnswer, department: Department) -> Tile:
    offered = any(s.offered for s in menu_tiles.services_of(menu, department.id))
    return Tile(
        name=department.name,
        touch=e.ChooseDepartment(department=department.id),
        note=wording.waiting(menu_tiles.waiting_in(menu, department.id)) if offered else wording.NOT_TODAY,
        offered=offered,
    )


def _of_service(service: ServiceAnswer) -> Tile:
    return Tile(
        name=service.name,
        touch=e.ChooseService(service=service.id),
        note=wording.ahead_on_tile(service.people_ahead, service.promise) if service.offered else wording.NOT_TODAY,
        offered=service.offered,
    )


def _draw_title(page: PageBuilder, title: Text) -> Rect:
    """Write a page's question; return the place beneath it."""
    place = body_rect(page)
    height = 184.0 if page.large else 144.0
    page.write(title, Rect(place.x, place.y, place.w, height - GAP), size=64, bold=True)
    return Rect(place.x, place.y + height, place.w, place.h - height)


def _draw_list(page: PageBuilder, state: KioskState, title: Text, tiles: Sequence[Tile], *, whole: int) -> None:
    tile_page = menu_tiles.tile_page(len(tiles), state.listing, large=state.large, whole=whole)
    place = _draw_title(page, title)
    if page.screen.upright and tile_page.count > 1:
        place = Rect(place.x, place.y, place.w, paging_rect(page).y - GAP - place.y)
    if tile_page.searchable:
        _draw_search_button(page)
    _draw_tiles(page, place, tiles[tile_page.first : tile_page.last], paged=tile_page.count > 1)
    draw_paging(page, tile_page.index, tile_page.count, lambda index: e.TurnTo(index=index))
    draw_back(page)
    draw_help_button(page)


def _draw_search_button(page: PageBuilder) -> None:
    page.draw_button(search_rect(page), wording.BY_LETTER, e.OpenLetters())


def _draw_tiles(page: PageBuilder, place: Rect, tiles: Sequence[Tile], *, paged: bool = False) -> None:
    """Draw three columns of two or three rows, upright one column; every page of a long list has the same rows."""
    most = menu_tiles.TILES_LARGE if page.large else menu_tiles.TILES
    room = most if paged or len(tiles) > menu_tiles.TILES_LARGE else menu_tiles.TILES_LARGE
    columns = 1 if page.screen.upright else 3
    down = room // columns
    width = (place.w - GAP * (columns - 1)) / columns
    height = (place.h - GAP * (down - 1)) / down
    for i, tile in enumerate(tiles):
        row, column = divmod(i, columns)
        _draw_tile(page, Rect(place.x + column * (width + GAP), place.y + row * (height + GAP), width, height), tile)


def _draw_tile(page: PageBuilder, rect: Rect, tile: Tile) -> None:
    page.draw_box(
        rect, fill=theme.WHITE if tile.offered else theme.BACKGROUND, edge=theme.QUIET if tile.offered else theme.LINE
    )
    inner = rect.inset(28, 8 if rect.h < _ROW_BELOW else 14)
    ink = theme.INK if tile.offered else theme.QUIET
    note = page.runs_of(tile.note, size=36, colour=theme.QUIET) if tile.note else []
    if rect.h < _ROW_BELOW:
        note_width = inner.w * 0.3 if note else 0.0
        name = Rect(inner.x, inner.y, inner.w - note_width, inner.h)
        page.write_runs(note, Rect(name.right, inner.y, note_width, inner.h), align="right")
    else:
        foot = note[0].size * 1.3 if note else 0.0
        name = Rect(inner.x, inner.y, inner.w, inner.h - foot)
        page.write_runs(note, Rect(inner.x, name.bottom, inner.w, foot))
    page.write(tile.name, name, size=48, colour=ink, bold=True, least=36)
    page.add_target(rect, tile.touch, tile.name.in_language(page.language))


def draw_keypad(page: PageBuilder, state: KioskState, menu: ServicesAnswer) -> None:
    """Draw "scan, or type your number"."""
    place = body_rect(page)
    title = Rect(place.x, place.y, place.w, 200 if page.screen.upright else 132)
    page.write(wording.CHECK_IN_TITLE, title, size=64, bold=True)
    rest = Rect(place.x, title.bottom + GAP, place.w, place.bottom - title.bottom - GAP)
    keys, pad = _columns(page, rest)
    shown = Rect(keys.x, keys.y, keys.w, 144)
    _draw_typed(page, state.typed, menu, shown)
    _draw_letters(page, menu, Rect(keys.x, shown.bottom + GAP, keys.w, keys.bottom - shown.bottom - GAP))
    _draw_digits(page, state, pad)
    draw_back(page)
    draw_help_button(page)


def _columns(page: PageBuilder, rest: Rect) -> tuple[Rect, Rect]:
    """Return the places of number and letters, and of the digits."""
    if page.screen.upright:
        height = 160 + 4 * (_KEY + GAP)
        return (
            Rect(rest.x, rest.y, rest.w, height - GAP),
            Rect(rest.x, rest.y + height, rest.w, rest.h - height),
        )
    return Rect(rest.x, rest.y, 1000, rest.h), Rect(rest.x + 1032, rest.y, rest.w - 1032, rest.h)


def _draw_typed(page: PageBuilder, typed: str, menu: ServicesAnswer, rect: Rect) -> None:
    """Draw what was typed so far; before that, an example of a number."""
    page.draw_box(rect, fill=theme.WHITE, edge=theme.INK)
    inner = rect.inset(32, 8)
    if typed:
        page.write(Text(zh=typed, en=typed), inner, size=96, bold=True, colour=theme.ACCENT)
    elif menu.services:
        page.write(
            wording.number_like(f"{menu.services[0].letter}017"), inner, size=48, colour=theme.QUIET, second=None
        )


def _draw_letters(page: PageBuilder, menu: ServicesAnswer, rect: Rect) -> None:
    letters = number_letters(menu)
    across = 6 if len(letters) <= 24 else 7
    width = (rect.w - GAP * (across - 1)) / across
    for i, letter in enumerate(letters[: 4 * across]):
        row, column = divmod(i, across)
        key = Rect(rect.x + column * (width + GAP), rect.y + row * (_KEY + GAP), width, _KEY)
        page.draw_button(key, Text(zh=letter, en=letter), e.TypeKey(key=letter), size=64)


def _draw_digits(page: PageBuilder, state: KioskState, rect: Rect) -> None:
    """Draw the digits as on a telephone; below them erase, 0 and "check in"."""
    width, height = (rect.w - 2 * GAP) / 3, (rect.h - 3 * GAP) / 4
    keys = [Rect(rect.x + i % 3 * (width + GAP), rect.y + i // 3 * (height + GAP), width, height) for i in range(12)]
    for key, digit in zip([*keys[:9], keys[10]], [*_DIGITS, "0"], strict=True):
        page.draw_button(key, Text(zh=digit, en=digit), e.TypeKey(key=digit), size=64)
    page.draw_button(keys[9], wording.ERASE, e.EraseKey())
    if is_number(state.typed):
        page.draw_button(keys[11], wording.CHECK_IN_NOW, e.CheckInByNumber(), size=48, main=True)
    else:
        page.draw_box(keys[11], fill=theme.BACKGROUND, edge=theme.LINE)
        page.write(wording.CHECK_IN_NOW, keys[11].inset(16, 4), size=48, colour=theme.QUIET, bold=True, align="centre")
