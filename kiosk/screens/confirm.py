"""The confirm page: what was chosen, who is ahead, how long it takes, what to bring, and the button."""

from __future__ import annotations

from kiosk import events as e
from kiosk import words
from kiosk.screens.frame import back_button, body, help_button
from kiosk.screens.scene import Rect
from kiosk.screens.sheet import GAP, Sheet
from kiosk.screens.typesetting import Run
from kiosk.state import Flow
from protocol import theme
from protocol.answers import PriorityClass, ServiceAnswer, ServicesAnswer
from protocol.vocabulary import Text

_MATERIALS_SHOWN = 5
_MATERIALS_SHOWN_LARGE = 3


def draw_confirm(sheet: Sheet, flow: Flow, menu: ServicesAnswer) -> None:
    """Draw the page on which a number is taken."""
    service = flow.service
    if service is None:
        return
    place = body(sheet)
    title = 184.0 if sheet.large else 144.0
    sheet.say(service.name, Rect(place.x, place.y, place.w, title - GAP), size=64, bold=True)
    rest = Rect(place.x, place.y + title, place.w, place.h - title)
    left, right = _columns(sheet, rest)
    _waits(sheet, service, left)
    _materials(sheet, service, right)
    _take(sheet, flow, menu, rest)
    back_button(sheet)
    help_button(sheet)


def _columns(sheet: Sheet, rest: Rect) -> tuple[Rect, Rect]:
    """Return the places of the waits and of the materials: side by side, upright one under the other."""
    room = rest.h - _take_height(sheet) - GAP
    if sheet.form.upright:
        return Rect(rest.x, rest.y, rest.w, 440), Rect(rest.x, rest.y + 456, rest.w, room - 456)
    return Rect(rest.x, rest.y, 1000, room), Rect(rest.x + 1016, rest.y, rest.w - 1016, room)


def _take_height(sheet: Sheet) -> float:
    return 352.0 if sheet.form.upright else 176.0


def _waits(sheet: Sheet, service: ServiceAnswer, place: Rect) -> None:
    """People ahead and the promised wait, large; beneath them where to wait."""
    foot = 120.0
    width, height = (place.w - GAP) / 2, place.h - foot - GAP
    _figure(sheet, Rect(place.x, place.y, width * 0.84, height), words.AHEAD, words.people(service.people_ahead))
    wide = Rect(place.x + width * 0.84 + GAP, place.y, width * 1.16, height)
    _figure(sheet, wide, words.EXPECTED, words.promised(service.promise))
    where = Rect(place.x, place.bottom - foot, place.w, foot)
    sheet.box(where, fill=theme.WHITE, line=theme.LINE)
    sheet.say(words.wait_in(service.area), where.inset(28, 8), size=36)


def _figure(sheet: Sheet, rect: Rect, label: Text, figure: Text) -> None:
    sheet.box(rect, fill=theme.WHITE, line=theme.LINE)
    inner = rect.inset(28, 16)
    top = Rect(inner.x, inner.y, inner.w, inner.h * 0.42)
    sheet.say(label, top, size=36, colour=theme.QUIET)
    rest = Rect(inner.x, top.bottom, inner.w, inner.bottom - top.bottom)
    sheet.say(figure, rest, size=96, second=None, bold=True)


def _materials(sheet: Sheet, service: ServiceAnswer, rect: Rect) -> None:
    """What to bring, in short; the ticket has the whole list."""
    sheet.box(rect, fill=theme.WHITE, line=theme.LINE)
    inner = rect.inset(28, 20)
    if not service.materials:
        sheet.say(words.BRING_NOTHING, inner, size=48)
        return
    shown = _MATERIALS_SHOWN_LARGE if sheet.large else _MATERIALS_SHOWN
    runs = sheet.runs(words.BRING, size=48, colour=theme.INK, bold=True)
    runs += [_ticked(sheet, material) for material in service.materials[:shown]]
    if len(service.materials) > shown:
        more = words.more_materials(len(service.materials) - shown)
        runs += sheet.runs(more, size=28, colour=theme.QUIET)
    sheet.write(runs, inner, upright="top")


def _ticked(sheet: Sheet, material: Text) -> Run:
    return Run(text=material.in_language(sheet.language), size=sheet.size(36), colour=theme.INK, mark="□ ")


def _take(sheet: Sheet, flow: Flow, menu: ServicesAnswer, rest: Rect) -> None:
    """The main button, and beside it the protected classes where the hall has any."""
    height = _take_height(sheet)
    place = Rect(rest.x, rest.bottom - height, rest.w, height)
    if not menu.priorities:
        sheet.button(place, words.TAKE_NUMBER, e.Confirm(), size=64, main=True)
        return
    main, aside = _split(sheet, place)
    sheet.button(main, words.TAKE_NUMBER, e.Confirm(), size=64, main=True)
    chosen = chosen_class(menu, flow.choice.priority)
    sheet.button(aside, words.chosen_priority(chosen.name) if chosen else words.PRIORITY, e.OpenPriorities(), size=48)


def _split(sheet: Sheet, place: Rect) -> tuple[Rect, Rect]:
    if sheet.form.upright:
        height = (place.h - GAP) / 2
        return (
            Rect(place.x, place.y, place.w, height),
            Rect(place.x, place.bottom - height, place.w, height),
        )
    return Rect(place.x, place.y, 1224, place.h), Rect(place.x + 1240, place.y, place.w - 1240, place.h)


def chosen_class(menu: ServicesAnswer, priority: str | None) -> PriorityClass | None:
    """Return the protected class a visitor chose."""
    return next((p for p in menu.priorities if p.id == priority), None)
