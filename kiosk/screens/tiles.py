"""The pages of tiles: departments, services, first letters, protected classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kiosk import events as e
from kiosk import menu as shelves
from kiosk import words
from kiosk.screens.frame import back_button, body, help_button, paging_rect, search_rect
from kiosk.screens.scene import Rect
from kiosk.screens.sheet import GAP, Sheet
from kiosk.state import Flow, Step
from protocol import theme
from protocol.answers import Department, ServiceAnswer, ServicesAnswer
from protocol.vocabulary import Text

_ROW_BELOW = 200
"""A tile lower than this px has its count at the right instead of beneath."""


@dataclass(frozen=True, kw_only=True)
class Tile:
    """Something to choose, with how many wait for it."""

    name: Text
    touch: e.Touch
    note: Text | None = None
    offered: bool = True


def draw_departments(sheet: Sheet, flow: Flow, menu: ServicesAnswer) -> None:
    """Draw "which department"."""
    everything = shelves.departments(menu)
    shown = shelves.beginning_with(everything, flow.listing.letter, language=flow.language)
    _draw_list(sheet, flow, words.WHICH_DEPARTMENT, [_of_department(menu, d) for d in shown], whole=len(everything))


def draw_services(sheet: Sheet, flow: Flow, menu: ServicesAnswer) -> None:
    """Draw "what do you need"."""
    everything = shelves.services_of(menu, flow.choice.department)
    shown = shelves.beginning_with(everything, flow.listing.letter, language=flow.language)
    _draw_list(sheet, flow, words.WHICH_SERVICE, [_of_service(s) for s in shown], whole=len(everything))


def draw_priorities(sheet: Sheet, menu: ServicesAnswer) -> None:
    """Draw "which protected class"."""
    place = _titled(sheet, words.WHICH_PRIORITY)
    classes = [Tile(name=p.name, touch=e.ChoosePriority(priority=p.id)) for p in menu.priorities]
    tiles = [*classes[: shelves.TILES - 1], Tile(name=words.NO_PRIORITY, touch=e.ChoosePriority(priority=None))]
    proof = paging_rect(sheet)
    if sheet.form.upright:
        place = Rect(place.x, place.y, place.w, proof.y - GAP - place.y)
    _draw_tiles(sheet, place, tiles)
    sheet.say(words.PRIORITY_PROOF, proof, size=36, align="centre")
    back_button(sheet)
    help_button(sheet)


def draw_letters(sheet: Sheet, flow: Flow, menu: ServicesAnswer) -> None:
    """Draw the letters under which there is something."""
    everything: Sequence[Department | ServiceAnswer] = (
        shelves.services_of(menu, flow.choice.department) if flow.step is Step.SERVICE else shelves.departments(menu)
    )
    place = _titled(sheet, words.WHICH_LETTER)
    across = 4 if sheet.form.upright else 8
    width = (place.w - GAP * (across - 1)) / across
    for i, letter in enumerate(shelves.letters(everything, language=flow.language)):
        row, column = divmod(i, across)
        rect = Rect(place.x + column * (width + GAP), place.y + row * (128 + GAP), width, 128)
        sheet.button(rect, Text(zh=letter, en=letter), e.ChooseLetter(letter=letter), size=64)
    back_button(sheet)
    help_button(sheet)


def _of_department(menu: ServicesAnswer, department: Department) -> Tile:
    offered = any(s.offered for s in shelves.services_of(menu, department.id))
    return Tile(
        name=department.name,
        touch=e.ChooseDepartment(department=department.id),
        note=words.waiting(shelves.waiting_in(menu, department.id)) if offered else words.NOT_TODAY,
        offered=offered,
    )


def _of_service(service: ServiceAnswer) -> Tile:
    return Tile(
        name=service.name,
        touch=e.ChooseService(service=service.id),
        note=words.waiting(service.waiting) if service.offered else words.NOT_TODAY,
        offered=service.offered,
    )


def _titled(sheet: Sheet, title: Text) -> Rect:
    """Write a page's question; return the place beneath it."""
    place = body(sheet)
    height = 184.0 if sheet.large else 144.0
    sheet.say(title, Rect(place.x, place.y, place.w, height - GAP), size=64, bold=True)
    return Rect(place.x, place.y + height, place.w, place.h - height)


def _draw_list(sheet: Sheet, flow: Flow, title: Text, tiles: Sequence[Tile], *, whole: int) -> None:
    shelf = shelves.shelf(len(tiles), flow.listing, large=flow.large, whole=whole)
    place = _titled(sheet, title)
    if sheet.form.upright:
        place = Rect(place.x, place.y, place.w, paging_rect(sheet).y - GAP - place.y)
    if shelf.searchable:
        _search_button(sheet)
    _draw_tiles(sheet, place, tiles[shelf.first : shelf.last], paged=shelf.leaves > 1)
    if shelf.leaves > 1:
        _paging(sheet, shelf)
    back_button(sheet)
    help_button(sheet)


def _search_button(sheet: Sheet) -> None:
    """Beside the question, upright between back and help."""
    sheet.button(search_rect(sheet), words.BY_LETTER, e.OpenLetters())


def _draw_tiles(sheet: Sheet, place: Rect, tiles: Sequence[Tile], *, paged: bool = False) -> None:
    """Three columns of two or three rows; upright one column. Every page of a long list has the same rows."""
    most = shelves.TILES_LARGE if sheet.large else shelves.TILES
    room = most if paged or len(tiles) > shelves.TILES_LARGE else shelves.TILES_LARGE
    columns = 1 if sheet.form.upright else 3
    down = room // columns
    width = (place.w - GAP * (columns - 1)) / columns
    height = (place.h - GAP * (down - 1)) / down
    for i, tile in enumerate(tiles):
        row, column = divmod(i, columns)
        _draw_tile(sheet, Rect(place.x + column * (width + GAP), place.y + row * (height + GAP), width, height), tile)


def _draw_tile(sheet: Sheet, rect: Rect, tile: Tile) -> None:
    sheet.box(
        rect, fill=theme.WHITE if tile.offered else theme.BACKGROUND, line=theme.QUIET if tile.offered else theme.LINE
    )
    inner = rect.inset(28, 14)
    ink = theme.INK if tile.offered else theme.QUIET
    note = sheet.runs(tile.note, size=36, colour=theme.QUIET) if tile.note else []
    if rect.h < _ROW_BELOW:
        aside = inner.w * 0.3 if note else 0.0
        name = Rect(inner.x, inner.y, inner.w - aside, inner.h)
        sheet.write(note, Rect(name.right, inner.y, aside, inner.h), align="right")
    else:
        foot = note[0].size * 1.3 if note else 0.0
        name = Rect(inner.x, inner.y, inner.w, inner.h - foot)
        sheet.write(note, Rect(inner.x, name.bottom, inner.w, foot))
    sheet.say(tile.name, name, size=48, colour=ink, bold=True)
    sheet.choice(rect, tile.touch, tile.name.in_language(sheet.language))


def _paging(sheet: Sheet, shelf: shelves.Shelf) -> None:
    place = paging_rect(sheet)
    width = 352.0
    if shelf.leaf > 0:
        previous = Rect(place.x, place.y, width, place.h)
        sheet.button(previous, words.PREVIOUS, e.TurnTo(leaf=shelf.leaf - 1))
    if shelf.has_more:
        following = Rect(place.right - width, place.y, width, place.h)
        sheet.button(following, words.NEXT, e.TurnTo(leaf=shelf.leaf + 1))
    where = words.leaves(shelf.leaf, shelf.leaves)
    middle = Rect(place.x + width, place.y, place.w - 2 * width, place.h)
    sheet.say(Text(zh=where, en=where), middle, size=48, align="centre", bold=True)
