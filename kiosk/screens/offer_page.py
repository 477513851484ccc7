"""The offer page: how long it takes here and at another site, side by side, and two equal buttons."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk import wording
from kiosk.screens.confirm_page import chosen_class
from kiosk.screens.display_list import Rect
from kiosk.screens.materials_page import draw_materials_button
from kiosk.screens.page_builder import GAP, PageBuilder, body_rect, draw_back, draw_help_button, paging_rect
from kiosk.screens.typesetting import TextRun, fits, height_of
from kiosk.state import events as e
from kiosk.state.kiosk_state import KioskState
from protocol import theme
from protocol.answers import Offer, ServiceAnswer, ServicesAnswer
from protocol.text.waits import people_ahead, wait_range
from protocol.theme import TOUCH_TARGET
from protocol.vocabulary import Language, Promise, Text

Halves = tuple[Rect, Rect]
_PADDING = (28.0, 8.0)


@dataclass(frozen=True, kw_only=True)
class _Sizes:
    """Type sizes on a card, px."""

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
"""Type sizes from large to small: the first that fits both cards is used. Ordinary text begins with the fifth."""
_ORDINARY = 4


def draw_offer(page: PageBuilder, state: KioskState, menu: ServicesAnswer) -> None:
    """Draw the page on which a visitor chooses between a number here and a place at another site."""
    service, offer = state.service, state.offer
    if service is None or offer is None:
        return
    place = _room(page, menu)
    top, bring = _draw_title(page, service.name, place), _draw_bring(page, service, place)
    halves = _draw_cards(
        page, Rect(place.x, top + GAP, place.w, bring.y - 2 * GAP - top), (_here(service, offer), _there(offer))
    )
    _draw_buttons(page, halves, offer)
    draw_back(page)
    _draw_priority(page, state, menu)
    draw_help_button(page)


def _draw_title(page: PageBuilder, service: Text, place: Rect) -> float:
    """Write what is to be chosen, upright on two lines; return the y at which that ends."""
    if page.screen.upright:
        title = Rect(place.x, place.y, place.w, 128)
        head = page.runs_of(service, size=64, colour=theme.INK, bold=True)
        page.write_runs([*head, *page.runs_of(wording.QUICKER_THERE, size=36, colour=theme.QUIET)], title)
        return title.bottom
    left = Rect(place.x, place.y, place.w * 0.6 - GAP, 84)
    right = Rect(left.right + GAP, place.y, place.w * 0.4, 84)
    page.write(service, left, size=64, second=None, bold=True)
    page.write(wording.QUICKER_THERE, right, size=36, second=None, colour=theme.QUIET, align="right")
    return left.bottom


def _room(page: PageBuilder, menu: ServicesAnswer) -> Rect:
    """Return the place above the button of the protected classes."""
    place = body_rect(page)
    if page.screen.upright and menu.priorities:
        return Rect(place.x, place.y, place.w, paging_rect(page).y - GAP - place.y)
    return place


@dataclass(frozen=True, kw_only=True)
class _Figures:
    """The content of one card: a place, how long until the call there and what that counts, and two lines more."""

    place: Text
    counts: Text
    wait: Promise
    first: Text
    second: Text

    def head(self, language: Language, sizes: _Sizes) -> list[TextRun]:
        """Return which place it is, and what its minutes count."""
        return [
            TextRun(text=self.place.in_language(language), size=sizes.name, colour=theme.INK, bold=True),
            TextRun(text=self.counts.in_language(language), size=sizes.counts, colour=theme.QUIET),
        ]

    def rest(self, language: Language, sizes: _Sizes) -> list[TextRun]:
        """Return how long, and the lines beneath it that are not empty."""
        runs = [
            TextRun(text=wait_range(self.wait).in_language(language), size=sizes.wait, colour=theme.INK, bold=True),
            TextRun(text=self.first.in_language(language), size=sizes.lines, colour=theme.INK, bold=True),
            TextRun(text=self.second.in_language(language), size=sizes.lines, colour=theme.INK),
        ]
        return [run for run in runs if run.text]


def _here(service: ServiceAnswer, offer: Offer) -> _Figures:
    return _Figures(
        place=wording.IN_THIS_HALL,
        counts=wording.FROM_NOW,
        wait=offer.here,
        first=Text(zh="", en="") if service.people_ahead is None else people_ahead(service.people_ahead),
        second=wording.wait_in(service.area),
    )


def _there(offer: Offer) -> _Figures:
    site = offer.site
    return _Figures(
        place=site.name,
        counts=wording.from_now_with_travel(site),
        wait=offer.there,
        first=site.address,
        second=site.directions,
    )


def _draw_bring(page: PageBuilder, service: ServiceAnswer, place: Rect) -> Rect:
    """Write what to bring at the foot of a place, or draw the button that opens the list; return where that stands."""
    height = 72.0 if not page.screen.upright else 94.0 if page.large else 120.0
    bring = Rect(place.x, place.bottom - height, place.w, height)
    text = wording.in_short(service.materials)
    if not service.materials or fits(page.runs_of(text, size=theme.KIOSK_SIZES[0], colour=theme.INK), bring):
        page.write(text if service.materials else Text(zh="", en=""), bring, size=36, second=None)
        return bring
    foot = Rect(place.x, place.bottom - TOUCH_TARGET, place.w, TOUCH_TARGET)
    draw_materials_button(page, len(service.materials), foot)
    return foot


def _draw_cards(page: PageBuilder, place: Rect, both: tuple[_Figures, _Figures]) -> Halves:
    """Draw the two cards in the same sizes, the largest that fit: neither place is shown louder.

    Side by side they are equally high and their minutes stand in one line; one under the other each is as high as its
    text. Return the place of each card with the button under it.
    """
    upright, under = page.screen.upright, _button_height(page) + GAP
    frame = under + 2 * _PADDING[1]
    width = place.w if upright else (place.w - GAP) / 2
    room = Rect(0, 0, width - 2 * _PADDING[0], place.h - 2 * GAP - 2 * frame if upright else place.h - frame)
    here, there = _typeset(page, room, both)
    spare = (room.h - here.height - there.height) / 2
    first = Rect(place.x, place.y, width, here.height + spare + frame if upright else place.h)
    second = (
        Rect(place.x, first.bottom + 2 * GAP, width, there.height + spare + frame)
        if upright
        else Rect(place.right - width, place.y, width, place.h)
    )
    for half, card in ((first, here), (second, there)):
        box = Rect(half.x, half.y, half.w, half.h - under)
        page.draw_box(box, fill=theme.WHITE, edge=theme.LINE)
        text = box.inset(*_PADDING)
        page.write_runs(card.head, Rect(text.x, text.y, text.w, card.head_height), vertical="top")
        rest = Rect(text.x, text.y + card.head_height, text.w, text.h - card.head_height)
        page.write_runs(card.rest, rest, vertical="top")
    return first, second


@dataclass(frozen=True, kw_only=True)
class _Card:
    """The typeset text of a card; ``rest`` begins ``head_height`` below the top."""

    head: list[TextRun]
    rest: list[TextRun]
    head_height: float
    height: float


def _typeset(page: PageBuilder, room: Rect, both: tuple[_Figures, _Figures]) -> tuple[_Card, _Card]:
    """Return both cards in the first sizes in which they have room: side by side, upright one under the other."""
    upright, language = page.screen.upright, page.language
    for sizes in _SIZES[0 if page.large else _ORDINARY :]:
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


def _button_height(page: PageBuilder) -> float:
    """Return the height of a button, px; large text is in one language, and the card needs the room more."""
    return 136.0 if page.large else 160.0


def _draw_buttons(page: PageBuilder, halves: Halves, offer: Offer) -> None:
    """Draw two buttons of one size and colour: neither choice is pressed upon the visitor."""
    there, height = wording.accept_offer_at(offer.site), _button_height(page)
    size = _shared_size(page, [wording.ISSUE_HERE, there], Rect(0, 0, halves[0].w - 32, height - 8), size=48)
    choices: tuple[tuple[Text, e.Touch], ...] = ((wording.ISSUE_HERE, e.Confirm()), (there, e.ChooseOffer()))
    for half, (text, touch) in zip(halves, choices, strict=True):
        page.draw_button(Rect(half.x, half.bottom - height, half.w, height), text, touch, size=size, main=True)


def _shared_size(page: PageBuilder, texts: list[Text], rect: Rect, *, size: int) -> int:
    """Return the largest size up to ``size`` in which each of some texts, bold, has room in ``rect``."""
    for px in [px for px in reversed(theme.KIOSK_SIZES) if px <= size]:
        each = [page.runs_of(text, size=px, colour="", bold=True) for text in texts]
        if all(fits(runs, rect) for runs in each):
            return px
    return theme.KIOSK_SIZES[0]


def _draw_priority(page: PageBuilder, state: KioskState, menu: ServicesAnswer) -> None:
    """Draw the button of the protected classes between back and help; another class may have another offer."""
    if not menu.priorities:
        return
    place = paging_rect(page)
    width = min(800.0, place.w)
    chosen = chosen_class(menu, state.selection.priority)
    text = wording.chosen_priority(chosen.name) if chosen else wording.PRIORITY
    page.draw_button(Rect(place.x + (place.w - width) / 2, place.y, width, place.h), text, e.OpenPriorities())
