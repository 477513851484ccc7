"""The offer page: how long it takes here and at another site, side by side, and two equal buttons."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk import events as e
from kiosk import words
from kiosk.screens.confirm import chosen_class
from kiosk.screens.frame import back_button, body, help_button, paging_rect
from kiosk.screens.scene import Rect
from kiosk.screens.sheet import GAP, Sheet
from kiosk.screens.typesetting import Run, fits, height_of
from kiosk.state import Flow
from protocol import theme
from protocol.answers import Offer, ServiceAnswer, ServicesAnswer
from protocol.vocabulary import Language, Promise, Text

Halves = tuple[Rect, Rect]
_PADDING = (28.0, 8.0)


@dataclass(frozen=True, kw_only=True)
class _Sizes:
    """The sizes of what stands on a card, px."""

    name: int
    counts: int
    wait: int
    lines: int


_SIZES = (
    _Sizes(name=64, counts=48, wait=96, lines=48),
    _Sizes(name=64, counts=36, wait=96, lines=48),
    _Sizes(name=48, counts=48, wait=96, lines=48),
    _Sizes(name=48, counts=36, wait=96, lines=48),
    _Sizes(name=48, counts=36, wait=96, lines=36),
    _Sizes(name=36, counts=36, wait=96, lines=36),
    _Sizes(name=36, counts=28, wait=64, lines=36),
    _Sizes(name=28, counts=28, wait=64, lines=28),
)
"""From large to small; the first that fits both cards is taken. Ordinary text begins with the fifth."""
_ORDINARY = 4


def draw_offer(sheet: Sheet, flow: Flow, menu: ServicesAnswer) -> None:
    """Draw the page on which a visitor chooses where to take the number."""
    service, offer = flow.service, flow.offer
    if service is None or offer is None:
        return
    place = _room(sheet, menu)
    top, bring = _title(sheet, service.name, place), _bring_rect(sheet, place)
    halves = _cards(
        sheet, Rect(place.x, top + GAP, place.w, bring.y - 2 * GAP - top), (_here(service, offer), _there(offer))
    )
    _buttons(sheet, halves, offer)
    if service.materials:
        sheet.say(words.in_short(service.materials, 1 if sheet.large else 3), bring, size=36, second=None)
    back_button(sheet)
    _priority(sheet, flow, menu)
    help_button(sheet)


def _title(sheet: Sheet, service: Text, place: Rect) -> float:
    """Say what is to be chosen, upright on two lines; return where that ends."""
    if sheet.form.upright:
        title = Rect(place.x, place.y, place.w, 128)
        head = sheet.runs(service, size=64, colour=theme.INK, bold=True)
        sheet.write([*head, *sheet.runs(words.QUICKER_THERE, size=36, colour=theme.QUIET)], title)
        return title.bottom
    left = Rect(place.x, place.y, place.w * 0.6 - GAP, 84)
    right = Rect(left.right + GAP, place.y, place.w * 0.4, 84)
    sheet.say(service, left, size=64, second=None, bold=True)
    sheet.say(words.QUICKER_THERE, right, size=36, second=None, colour=theme.QUIET, align="right")
    return left.bottom


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

    def head(self, language: Language, sizes: _Sizes) -> list[Run]:
        """Return which place it is, and what its minutes count."""
        return [
            Run(text=self.place.in_language(language), size=sizes.name, colour=theme.INK, bold=True),
            Run(text=self.counts.in_language(language), size=sizes.counts, colour=theme.QUIET),
        ]

    def rest(self, language: Language, sizes: _Sizes) -> list[Run]:
        """Return how long, and the lines beneath it that say anything."""
        runs = [
            Run(text=words.promised(self.wait).in_language(language), size=sizes.wait, colour=theme.INK, bold=True),
            Run(text=self.first.in_language(language), size=sizes.lines, colour=theme.INK, bold=True),
            Run(text=self.second.in_language(language), size=sizes.lines, colour=theme.INK),
        ]
        return [run for run in runs if run.text]


def _here(service: ServiceAnswer, offer: Offer) -> _Figures:
    return _Figures(
        place=words.IN_THIS_HALL,
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
    height = 72.0 if not sheet.form.upright else 94.0 if sheet.large else 120.0
    return Rect(place.x, place.bottom - height, place.w, height)


def _cards(sheet: Sheet, place: Rect, both: tuple[_Figures, _Figures]) -> Halves:
    """Draw the two cards in the same sizes, the largest that fit: neither place is told louder.

    Side by side they are equally high and their minutes stand in one line; one under the other each is as high as its
    words. Return the place of each card with the button under it.
    """
    upright, under = sheet.form.upright, _button_height(sheet) + GAP
    frame = under + 2 * _PADDING[1]
    width = place.w if upright else (place.w - GAP) / 2
    room = Rect(0, 0, width - 2 * _PADDING[0], place.h - 2 * GAP - 2 * frame if upright else place.h - frame)
    here, there = _typeset(sheet, room, both)
    spare = (room.h - here.height - there.height) / 2
    first = Rect(place.x, place.y, width, here.height + spare + frame if upright else place.h)
    second = (
        Rect(place.x, first.bottom + 2 * GAP, width, there.height + spare + frame)
        if upright
        else Rect(place.right - width, place.y, width, place.h)
    )
    for half, card in ((first, here), (second, there)):
        box = Rect(half.x, half.y, half.w, half.h - under)
        sheet.box(box, fill=theme.WHITE, line=theme.LINE)
        text = box.inset(*_PADDING)
        sheet.write(card.head, Rect(text.x, text.y, text.w, card.head_height), upright="top")
        rest = Rect(text.x, text.y + card.head_height, text.w, text.h - card.head_height)
        sheet.write(card.rest, rest, upright="top")
    return first, second


@dataclass(frozen=True, kw_only=True)
class _Card:
    """The words of a card; ``rest`` begins ``head_height`` below the top."""

    head: list[Run]
    rest: list[Run]
    head_height: float
    height: float


def _typeset(sheet: Sheet, room: Rect, both: tuple[_Figures, _Figures]) -> tuple[_Card, _Card]:
    """Return both cards in the first sizes in which they have room: beside each other, upright under each other."""
    upright, language = sheet.form.upright, sheet.language
    for sizes in _SIZES[0 if sheet.large else _ORDINARY :]:
        heads, rests = [f.head(language, sizes) for f in both], [f.rest(language, sizes) for f in both]
        heights = [height_of(head, width=room.w) for head in heads]
        here, there = (
            _Card(head=head, rest=rest, head_height=high, height=high + height_of(rest, width=room.w))
            for head, rest, high in zip(heads, rests, heights if upright else [max(heights)] * 2, strict=True)
        )
        needed = here.height + there.height if upright else max(here.height, there.height)
        whole = all(fits([*card.head, *card.rest], Rect(0, 0, room.w, needed)) for card in (here, there))
        if needed <= room.h and whole:
            break
    return here, there


def _button_height(sheet: Sheet) -> float:
    """Large text is one language: the card needs the room more."""
    return 136.0 if sheet.large else 160.0


def _buttons(sheet: Sheet, halves: Halves, offer: Offer) -> None:
    """Two buttons of one size and colour: neither is pressed upon the visitor."""
    there, height = words.go_there(offer.site), _button_height(sheet)
    size = common_size(sheet, [[words.TAKE_NUMBER], [there]], Rect(0, 0, halves[0].w - 32, height - 8), size=48)
    choices: tuple[tuple[Text, e.Touch], ...] = ((words.TAKE_NUMBER, e.Confirm()), (there, e.GoThere()))
    for half, (text, touch) in zip(halves, choices, strict=True):
        sheet.button(Rect(half.x, half.bottom - height, half.w, height), text, touch, size=size, main=True)


def common_size(sheet: Sheet, sayings: list[list[Text]], rect: Rect, *, size: int) -> int:
    """Return the largest size up to ``size`` in which each of some sayings, bold, has room in ``rect``."""
    for px in [px for px in reversed(theme.KIOSK_SIZES) if px <= size]:
        each = [[run for text in texts for run in sheet.runs(text, size=px, colour="", bold=True)] for texts in sayings]
        if all(fits(runs, rect) for runs in each):
            return px
    return theme.KIOSK_SIZES[0]


def _priority(sheet: Sheet, flow: Flow, menu: ServicesAnswer) -> None:
    """Between back and help, where the hall has protected classes: another class may have another offer."""
    if not menu.priorities:
        return
    place = paging_rect(sheet)
    width = min(800.0, place.w)
    chosen = chosen_class(menu, flow.choice.priority)
    text = words.chosen_priority(chosen.name) if chosen else words.PRIORITY
    sheet.button(Rect(place.x + (place.w - width) / 2, place.y, width, place.h), text, e.OpenPriorities())
