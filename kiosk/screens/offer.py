"""The offer page: how long it takes here and at another site, side by side, and two equal buttons."""

from __future__ import annotations

from kiosk import events as e
from kiosk import words
from kiosk.screens.confirm import chosen_class
from kiosk.screens.frame import back_button, body, help_button, paging_rect
from kiosk.screens.scene import Rect
from kiosk.screens.sheet import GAP, Sheet
from kiosk.screens.typesetting import Run
from kiosk.state import Flow
from protocol import look
from protocol.messages import Offer, Promise, ServiceAnswer, ServicesAnswer, Text

_MATERIALS_SHOWN = 3
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
    here, there = _halves(sheet, Rect(place.x, title.bottom + GAP, place.w, bring.y - 2 * GAP - title.bottom))
    _card(sheet, here, _Figures.here(sheet, service, offer, menu))
    _card(sheet, there, _Figures.there(sheet, offer))
    _buttons(sheet, here, there, offer)
    if service.materials:
        sheet.say(words.in_short(service.materials[:_MATERIALS_SHOWN]), bring, size=36, second=None)
    back_button(sheet)
    _priority(sheet, flow, menu)
    help_button(sheet)


def _room(sheet: Sheet, menu: ServicesAnswer) -> Rect:
    """Return the place above the button of the protected classes."""
    place = body(sheet)
    if sheet.form.upright and menu.priorities:
        return Rect(place.x, place.y, place.w, paging_rect(sheet).y - GAP - place.y)
    return place


class _Figures:
    """What one card says: a place, how long until the call there, and what else is to be known."""

    def __init__(self, place: Text, label: Text, wait: Promise, rest: list[Run]) -> None:
        self.place, self.label, self.wait, self.rest = place, label, wait, rest

    @classmethod
    def here(cls, sheet: Sheet, service: ServiceAnswer, offer: Offer, menu: ServicesAnswer) -> _Figures:
        """This hall."""
        ahead = words.people_ahead(service.people_ahead)
        where = words.wait_in(service.area)
        rest = sheet.runs(ahead, size=36, colour=look.INK, bold=True) + sheet.runs(where, size=36, colour=look.INK)
        return cls(words.here(menu.name), words.FROM_NOW, offer.here, rest)

    @classmethod
    def there(cls, sheet: Sheet, offer: Offer) -> _Figures:
        """The other site."""
        site = offer.site
        rest = sheet.runs(site.address, size=36, colour=look.INK, bold=True)
        if site.directions.in_language(sheet.language):
            rest += sheet.runs(site.directions, size=36, colour=look.INK)
        return cls(site.name, words.from_now_with_travel(site), offer.there, rest)


def _bring_rect(sheet: Sheet, place: Rect) -> Rect:
    height = 120.0 if sheet.form.upright else 72.0
    return Rect(place.x, place.bottom - height, place.w, height)


def _halves(sheet: Sheet, rest: Rect) -> tuple[Rect, Rect]:
    """Return the places of the two sites, each with its button: side by side, upright one under the other."""
    if sheet.form.upright:
        height = (rest.h - 2 * GAP) / 2
        return Rect(rest.x, rest.y, rest.w, height), Rect(rest.x, rest.bottom - height, rest.w, height)
    width = (rest.w - GAP) / 2
    return Rect(rest.x, rest.y, width, rest.h), Rect(rest.right - width, rest.y, width, rest.h)


def _card(sheet: Sheet, half: Rect, figures: _Figures) -> None:
    card = Rect(half.x, half.y, half.w, half.h - _BUTTON - GAP)
    sheet.box(card, fill=look.WHITE, line=look.LINE)
    inner = card.inset(28, 12)
    sheet.say(figures.place, Rect(inner.x, inner.y, inner.w, 62), size=48, second=None, bold=True)
    label = Rect(inner.x, inner.y + 66, inner.w, 48)
    sheet.say(figures.label, label, size=36, colour=look.QUIET, second=None)
    wait = Rect(inner.x, label.bottom, inner.w, 124)
    sheet.say(words.promised(figures.wait), wait, size=96, second=None, bold=True)
    sheet.write(figures.rest, Rect(inner.x, wait.bottom + 4, inner.w, inner.bottom - wait.bottom - 4), upright="top")


def _buttons(sheet: Sheet, here: Rect, there: Rect, offer: Offer) -> None:
    """Two buttons of one size and colour: neither is pressed upon the visitor."""
    choices = ((here, words.TAKE_NUMBER, e.Confirm()), (there, words.go_there(offer.site), e.GoThere()))
    for half, text, touch in choices:
        sheet.button(Rect(half.x, half.bottom - _BUTTON, half.w, _BUTTON), text, touch, size=48, main=True)


def _priority(sheet: Sheet, flow: Flow, menu: ServicesAnswer) -> None:
    """Between back and help, where the hall has protected classes: another class may have another offer."""
    if not menu.priorities:
        return
    place = paging_rect(sheet)
    width = min(800.0, place.w)
    chosen = chosen_class(menu, flow.choice.priority)
    text = words.chosen_priority(chosen.name) if chosen else words.PRIORITY
    sheet.button(Rect(place.x + (place.w - width) / 2, place.y, width, place.h), text, e.OpenPriorities())
