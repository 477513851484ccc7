"""The confirm page: the service, people ahead, expected wait, what to bring, and the button."""

from __future__ import annotations

from kiosk import wording
from kiosk.screens.display_list import Rect
from kiosk.screens.materials_page import draw_materials_button, ticked
from kiosk.screens.page_builder import GAP, PageBuilder, body_rect, draw_back, draw_help_button
from kiosk.screens.typesetting import at_most, fits
from kiosk.state import events as e
from kiosk.state.kiosk_state import KioskState
from protocol import theme
from protocol.answers import PriorityClass, ServiceAnswer, ServicesAnswer
from protocol.text.waits import closing_note, wait_range
from protocol.vocabulary import Text


def draw_confirm(page: PageBuilder, state: KioskState, menu: ServicesAnswer) -> None:
    """Draw the page on which a visitor has a number issued."""
    service = state.service
    if service is None:
        return
    place = body_rect(page)
    title = 184.0 if page.large else 144.0
    page.write(service.name, Rect(place.x, place.y, place.w, title - GAP), size=64, bold=True)
    rest = Rect(place.x, place.y + title, place.w, place.h - title)
    left, right = _columns(page, rest)
    _draw_waits(page, service, left, priority=state.selection.priority is not None)
    _draw_materials(page, service, right)
    _draw_buttons(page, state, menu, rest)
    draw_back(page)
    draw_help_button(page)


def _columns(page: PageBuilder, rest: Rect) -> tuple[Rect, Rect]:
    """Return the places of the waits and of the materials: side by side, upright one under the other."""
    room = rest.h - _button_height(page) - GAP
    if page.screen.upright:
        return Rect(rest.x, rest.y, rest.w, 440), Rect(rest.x, rest.y + 456, rest.w, room - 456)
    return Rect(rest.x, rest.y, 1000, room), Rect(rest.x + 1016, rest.y, rest.w - 1016, room)


def _button_height(page: PageBuilder) -> float:
    return 352.0 if page.screen.upright else 176.0


def _draw_waits(page: PageBuilder, service: ServiceAnswer, place: Rect, *, priority: bool) -> None:
    """Draw people ahead and the promised wait, large; beneath them where to wait.

    Both are those of an ordinary visitor: who has ``priority`` learns hers when her number is issued.
    """
    foot = 120.0
    width, height = (place.w - GAP) / 2, place.h - foot - GAP
    label, figure = wording.AHEAD, wording.people(service.people_ahead)
    if priority:
        label, figure = wording.PRIORITY, wording.CALLED_EARLIER
    _draw_figure(page, Rect(place.x, place.y, width * 0.84, height), label, figure)
    wide = Rect(place.x + width * 0.84 + GAP, place.y, width * 1.16, height)
    promise = None if priority else service.promise
    _draw_figure(page, wide, wording.EXPECTED, wait_range(promise), note=closing_note(promise))
    where = Rect(place.x, place.bottom - foot, place.w, foot)
    page.draw_box(where, fill=theme.WHITE, edge=theme.LINE)
    page.write(wording.wait_in(service.area), where.inset(28, 8), size=36)


def _draw_figure(page: PageBuilder, rect: Rect, label: Text, figure: Text, *, note: Text | None = None) -> None:
    """Draw a label above a figure; a ``note`` on the figure takes the place of the label."""
    page.draw_box(rect, fill=theme.WHITE, edge=theme.LINE)
    inner = rect.inset(28, 16)
    top = Rect(inner.x, inner.y, inner.w, inner.h * 0.42)
    page.write(note or label, top, size=36, colour=theme.ALARM if note else theme.QUIET, bold=note is not None)
    rest = Rect(inner.x, top.bottom, inner.w, inner.bottom - top.bottom)
    page.write(figure, rest, size=96, second=None, bold=True)


def _draw_materials(page: PageBuilder, service: ServiceAnswer, rect: Rect) -> None:
    """Draw what to bring: all of it, or what has room and a button for the whole list."""
    page.draw_box(rect, fill=theme.WHITE, edge=theme.LINE)
    inner = rect.inset(28, 20)
    if not service.materials:
        page.write(wording.BRING_NOTHING, inner, size=48)
        return
    head = page.runs_of(wording.BRING, size=48, colour=theme.INK, bold=True)
    runs = head + [ticked(page, material) for material in service.materials]
    if fits(at_most(runs, page.scaled(theme.KIOSK_SIZES[0])), inner):
        page.write_runs(runs, inner, vertical="top")
        return
    room = draw_materials_button(page, len(service.materials), inner)
    while len(runs) > len(head) and not fits(runs, room):
        runs.pop()
    page.write_runs(runs, room, vertical="top")


def _draw_buttons(page: PageBuilder, state: KioskState, menu: ServicesAnswer, rest: Rect) -> None:
    """Draw the main button, and at its right the protected classes where the hall has any."""
    height = _button_height(page)
    place = Rect(rest.x, rest.bottom - height, rest.w, height)
    if not menu.priorities:
        page.draw_button(place, wording.ISSUE_HERE, e.Confirm(), size=64, main=True)
        return
    main, aside = _split(page, place)
    page.draw_button(main, wording.ISSUE_HERE, e.Confirm(), size=64, main=True)
    chosen = chosen_class(menu, state.selection.priority)
    page.draw_button(
        aside, wording.chosen_priority(chosen.name) if chosen else wording.PRIORITY, e.OpenPriorities(), size=48
    )


def _split(page: PageBuilder, place: Rect) -> tuple[Rect, Rect]:
    if page.screen.upright:
        height = (place.h - GAP) / 2
        return (
            Rect(place.x, place.y, place.w, height),
            Rect(place.x, place.bottom - height, place.w, height),
        )
    return Rect(place.x, place.y, 1224, place.h), Rect(place.x + 1240, place.y, place.w - 1240, place.h)


def chosen_class(menu: ServicesAnswer, priority: str | None) -> PriorityClass | None:
    """Return the protected class that a visitor chose, or None."""
    return next((p for p in menu.priorities if p.id == priority), None)
