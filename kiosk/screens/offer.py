"""The offer page: how long it takes here and at another site, side by side, and two equal buttons."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk import events as e
from kiosk import words
from kiosk.screens.confirm import chosen_class
from kiosk.screens.frame import back_button, body, help_button, paging_rect
from kiosk.screens.scene import Rect
from kiosk.screens.sheet import GAP, Sheet
from kiosk.screens.typesetting import fits
from kiosk.state import Flow
from protocol import look
from protocol.messages import Offer, Promise, ServiceAnswer, ServicesAnswer, Text

Halves = tuple[Rect, Rect]
_MATERIALS_SHOWN = 3
_MATERIALS_SHOWN_LARGE = 1
_BUTTON = 160.0


def draw_offer(sheet: Sheet, flow: Flow, menu: ServicesAnswer) -> None:
    """Draw the page on which a visitor chooses where to take the number."""
    service, offer = flow.service, flow.offer
    if service is None or offer is None:
        return
    place = _room(sheet, menu)
    title, bring = Rect(place.x, place.y, place.w, 132), _bring_rect(sheet, place)
    head = sheet.runs(service.name, size=64, colour=look.INK, bold=True)
    sheet.write([*head, *sheet.runs(words.QUICKER_THERE, size=36, colour=look.QUIET)], title)
    halves = _halves(sheet, Rect(place.x, title.bottom + GAP, place.w, bring.y - 2 * GAP - title.bottom))
    _cards(sheet, halves, (_here(service, offer, menu), _there(offer)))
    _buttons(sheet, halves, offer)
    if service.materials:
        shown = _MATERIALS_SHOWN_LARGE if sheet.large else _MATERIALS_SHOWN
        sheet.say(words.in_short(service.materials, shown), bring, size=36, second=None)
    back_button(sheet)
    _priority(sheet, flow, menu)
    help_button(sheet)


def _room(sheet: Sheet, menu: ServicesAnswer) -> Rect:
    """Return the place above the button of the protected classes."""
    place = body(sheet)
    if sheet.form.upright and menu.priorities:
        return Rect(place.x, place.y, place.w, paging_rect(sheet).y - GAP - place.y)
    return place


@dataclass(frozen=True, kw_only=True)
class _Figures:
    """What one card says: a place, how long until the call there and what that counts, and two lines more."""

    place: Text
    counts: Text
    wait: Promise
    first: Text
    second: Text


def _here(service: ServiceAnswer, offer: Offer, menu: ServicesAnswer) -> _Figures:
    return _Figures(
        place=words.here(menu.name),
        counts=words.FROM_NOW,
        wait=offer.here,
        first=words.people_ahead(service.people_ahead),
        second=words.wait_in(service.area),
    )


def _there(offer: Offer) -> _Figures:
    site = offer.site
    return _Figures(
        place=site.name,
        counts=words.from_now_with_travel(site),
        wait=offer.there,
        first=site.address,
        second=site.directions,
    )


def _bring_rect(sheet: Sheet, place: Rect) -> Rect:
    height = 120.0 if sheet.form.upright else 72.0
    return Rect(place.x, place.bottom - height, place.w, height)


def _halves(sheet: Sheet, rest: Rect) -> Halves:
    """Return the places of the two sites, each with its button: side by side, upright one under the other."""
    if sheet.form.upright:
        height = (rest.h - 2 * GAP) / 2
        return Rect(rest.x, rest.y, rest.w, height), Rect(rest.x, rest.bottom - height, rest.w, height)
    width = (rest.w - GAP) / 2
    return Rect(rest.x, rest.y, width, rest.h), Rect(rest.right - width, rest.y, width, rest.h)


def _cards(sheet: Sheet, halves: Halves, both: tuple[_Figures, _Figures]) -> None:
    """Draw the two cards in the same sizes: neither place is told louder."""
    cards = [Rect(half.x, half.y, half.w, half.h - _BUTTON - GAP) for half in halves]
    inner = cards[0].inset(28, 8)
    rest = Rect(0, 0, inner.w, inner.h - 238)
    name = common_size(sheet, [[f.place] for f in both], Rect(0, 0, inner.w, 62), size=48)
    counts = common_size(sheet, [[f.counts] for f in both], Rect(0, 0, inner.w, 48), size=36)
    lines = common_size(sheet, [[f.first, f.second] for f in both], rest, size=36)
    for card, figures in zip(cards, both, strict=True):
        sheet.box(card, fill=look.WHITE, line=look.LINE)
        x, y = card.x + 28, card.y + 8
        sheet.say(figures.place, Rect(x, y, inner.w, 62), size=name, second=None, bold=True)
        sheet.say(figures.counts, Rect(x, y + 62, inner.w, 48), size=counts, colour=look.QUIET, second=None)
        sheet.say(words.promised(figures.wait), Rect(x, y + 110, inner.w, 124), size=96, second=None, bold=True)
        runs = sheet.runs(figures.first, size=lines, colour=look.INK, bold=True)
        runs += sheet.runs(figures.second, size=lines, colour=look.INK)
        sheet.write(runs, Rect(x, y + 238, rest.w, rest.h), upright="top")


def _buttons(sheet: Sheet, halves: Halves, offer: Offer) -> None:
    """Two buttons of one size and colour: neither is pressed upon the visitor."""
    there = words.go_there(offer.site)
    size = common_size(sheet, [[words.TAKE_NUMBER], [there]], Rect(0, 0, halves[0].w - 32, _BUTTON - 8), size=48)
    choices: tuple[tuple[Text, e.Touch], ...] = ((words.TAKE_NUMBER, e.Confirm()), (there, e.GoThere()))
    for half, (text, touch) in zip(halves, choices, strict=True):
        sheet.button(Rect(half.x, half.bottom - _BUTTON, half.w, _BUTTON), text, touch, size=size, main=True)


def common_size(sheet: Sheet, sayings: list[list[Text]], rect: Rect, *, size: int) -> int:
    """Return the largest size up to ``size`` in which each of some sayings, bold, has room in ``rect``."""
    for px in [px for px in reversed(look.KIOSK_SIZES) if px <= size]:
        each = [[run for text in texts for run in sheet.runs(text, size=px, colour="", bold=True)] for texts in sayings]
        if all(fits(runs, rect) for runs in each):
            return px
    return look.KIOSK_SIZES[0]


def _priority(sheet: Sheet, flow: Flow, menu: ServicesAnswer) -> None:
    """Between back and help, where the hall has protected classes: another class may have another offer."""
    if not menu.priorities:
        return
    place = paging_rect(sheet)
    width = min(800.0, place.w)
    chosen = chosen_class(menu, flow.choice.priority)
    text = words.chosen_priority(chosen.name) if chosen else words.PRIORITY
    sheet.button(Rect(place.x + (place.w - width) / 2, place.y, width, place.h), text, e.OpenPriorities())
