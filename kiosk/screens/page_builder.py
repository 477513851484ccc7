"""Builder of one page: boxes, texts in both languages, buttons and their touch targets; and the frame of every page.

The frame is the hall's name, three dots for the progress, language and text size, back and help.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import MappingProxyType

from display.kivy_window import english_size, larger
from kiosk import wording
from kiosk.screens.display_list import Box, DisplayItem, DisplayList, QrCode, Rect, ScreenFormat, TouchTarget
from kiosk.screens.typesetting import Alignment, TextRun, at_most, fits, set_text
from kiosk.state import events as e
from kiosk.state.events import Touch
from kiosk.state.kiosk_state import KioskState, Overlay, Page, Step
from protocol import theme
from protocol.theme import TOUCH_TARGET
from protocol.vocabulary import Language, Text

MARGIN = 48.0
"""Margin at the left and the right of every page, px of the design."""
GAP = 2.0 * theme.SPACE
"""Distance between two things on a page, px of the design."""
_DOT_OF = MappingProxyType[Page, int](
    {
        Step.DEPARTMENT: 0,
        Step.SERVICE: 1,
        Step.CONFIRM: 2,
        Step.PRIORITY: 2,
        Step.NUMBER: 3,
        Step.REFERRED: 3,
    }
)
"""Number of the dot that a page has reached; search and offer belong to the step beneath them."""
_TOGGLE_WIDTH = 208.0
FOOT_BUTTON = 288.0
"""Width of back and help, px of the design."""


class PageBuilder:
    """One page of a kiosk in the visitor's language and text size.

    Sizes are given for normal text, in px of the design; large-text mode moves each one step up the scale.
    """

    def __init__(self, screen: ScreenFormat, *, language: Language, large: bool) -> None:
        self.screen = screen
        self.language = language
        self.large = large
        self._items: list[DisplayItem] = []
        self._targets: list[TouchTarget] = []

    @property
    def width(self) -> float:
        """The width of the page, px of the design."""
        return self.screen.width

    @property
    def height(self) -> float:
        """The height of the page, px of the design."""
        return self.screen.height

    def build(self, page: Page) -> DisplayList:
        """Return the finished page."""
        return DisplayList(
            page=page, width=self.width, height=self.height, items=tuple(self._items), targets=tuple(self._targets)
        )

    def scaled(self, px: int) -> int:
        """Return a size of the scale, one step larger in large-text mode."""
        return larger(px, sizes=theme.KIOSK_SIZES) if self.large else px

    def draw_box(
        self, rect: Rect, *, fill: str, edge: str | None = None, corner: float = theme.CORNER, opacity: float = 1.0
    ) -> None:
        """Fill a place."""
        self._items.append(Box(rect=rect, fill=fill, edge=edge, corner=corner, opacity=opacity))

    def draw_qr_code(self, rect: Rect, content: str) -> None:
        """Draw a QR code, white around it."""
        self._items.append(QrCode(rect=rect, content=content))

    def runs_of(
        self, text: Text, *, size: int, colour: str, second: str | None = None, bold: bool = False
    ) -> list[TextRun]:
        """Return a text in the visitor's language; with ``second`` (a colour) the other one smaller beneath.

        An empty text has no run.
        """
        mine = text.in_language(self.language)
        if not mine:
            return []
        other = text.in_language(Language.EN if self.language is Language.ZH else Language.ZH)
        runs = [TextRun(text=mine, size=self.scaled(size), colour=colour, bold=bold)]
        if second is not None and other != mine:
            small = english_size(self.scaled(size), sizes=theme.KIOSK_SIZES)
            runs.append(TextRun(text=other, size=small, colour=second))
        return runs

    def write_runs(self, runs: Sequence[TextRun], rect: Rect, *, align: str = "left", vertical: str = "middle") -> None:
        """Typeset some runs of text into a place."""
        self._items.extend(set_text(runs, rect, Alignment(horizontal=align, vertical=vertical)))

    def write(
        self,
        text: Text,
        rect: Rect,
        *,
        size: int,
        colour: str = theme.INK,
        second: str | None = theme.QUIET,
        bold: bool = False,
        align: str = "left",
        vertical: str = "middle",
        least: int = theme.KIOSK_SIZES[0],
    ) -> None:
        """Write a text in both languages, or with ``second=None`` in the visitor's only.

        Large text leaves the other language out where both would have to be set smaller; ordinary text where the
        visitor's is set in the ``least`` size then, or where both would be cut.
        """
        runs = self.runs_of(text, size=size, colour=colour, second=second, bold=bold)
        both = fits(runs, rect) if self.large else _has_room_for_both(runs, rect, least=least)
        self.write_runs(runs if both else runs[:1], rect, align=align, vertical=vertical)

    def add_target(self, rect: Rect, touch: Touch, text: str) -> None:
        """Make a place choose something; ``text`` is what is written there."""
        self._targets.append(TouchTarget(rect=rect, touch=touch, text=text))

    def draw_button(self, rect: Rect, text: Text, touch: Touch, *, size: int = 36, main: bool = False) -> None:
        """Draw a button; the main one of a page is filled with the accent colour."""
        fill, ink = (theme.ACCENT, theme.WHITE) if main else (theme.WHITE, theme.INK)
        self.draw_box(rect, fill=fill, edge=None if main else theme.QUIET)
        self.write(
            text,
            rect.inset(16, 4),
            size=size,
            colour=ink,
            second=ink if main else theme.QUIET,
            bold=True,
            align="centre",
        )
        self.add_target(rect, touch, text.in_language(self.language))

    def dim(self) -> None:
        """Darken all that was drawn so far and remove its touch targets."""
        self.draw_box(Rect(0, 0, self.width, self.height), fill=theme.INK, corner=0, opacity=0.75)
        self._targets.clear()


def _has_room_for_both(runs: Sequence[TextRun], rect: Rect, *, least: int) -> bool:
    """Return whether a text in two languages is whole, without the first being small that needs not be."""
    wanted, smallest = at_most(runs, least), at_most(runs, theme.KIOSK_SIZES[0])
    return fits(wanted, rect) or (fits(smallest, rect) and not fits(wanted[:1], rect))


def draw_header(page: PageBuilder, state: KioskState, shown: Page) -> None:
    """Draw the top of a page."""
    _draw_toggles(page)
    if state.menu is not None and shown is not Step.WELCOME:
        room = page.width - 2 * MARGIN - 2 * _TOGGLE_WIDTH - 2 * GAP
        width = room if page.screen.upright else min(room, 540)
        page.write(state.menu.name, Rect(MARGIN, 20, width, TOUCH_TARGET), size=36, second=None, bold=True)
    reached = _DOT_OF.get(state.step if shown in {Overlay.LETTERS, Overlay.OFFER, Overlay.MATERIALS} else shown)
    if reached is not None:
        _draw_dots(page, reached)


def _draw_toggles(page: PageBuilder) -> None:
    left = page.width - MARGIN - 2 * _TOGGLE_WIDTH - GAP
    language = Rect(left, 20, _TOGGLE_WIDTH, TOUCH_TARGET)
    page.draw_box(language, fill=theme.WHITE, edge=theme.QUIET)
    page.write(
        wording.TO_ENGLISH, language.inset(8, 4), size=36, colour=theme.ACCENT, second=None, bold=True, align="centre"
    )
    page.add_target(language, e.ToggleLanguage(), wording.TO_ENGLISH.in_language(page.language))
    size = Rect(left + _TOGGLE_WIDTH + GAP, 20, _TOGGLE_WIDTH, TOUCH_TARGET)
    page.draw_button(size, wording.NORMAL_TEXT if page.large else wording.LARGE_TEXT, e.ToggleTextSize())


def _draw_dots(page: PageBuilder, reached: int) -> None:
    """Draw three dots (done, here, to come), each above the name of its step."""
    upright = page.screen.upright
    left, right = (MARGIN, page.width - MARGIN) if upright else (620.0, page.width - 620 + 96)
    top = 20.0 + TOUCH_TARGET + 16 if upright else 20.0
    step = (right - left) / 3
    middle = [left + step * (i + 0.5) for i in range(3)]
    page.draw_box(Rect(middle[0], top + 22, middle[2] - middle[0], 4), fill=theme.LINE, corner=0)
    for i, x in enumerate(middle):
        here, done = i == reached, i < reached
        fill = theme.ACCENT if here else theme.INK if done else theme.BACKGROUND
        page.draw_box(Rect(x - 16, top + 8, 32, 32), fill=fill, edge=theme.INK if not here else None, corner=16)
        page.write(
            wording.STEPS[i],
            Rect(x - step / 2 + 4, top + 46, step - 8, 50),
            size=28,
            colour=theme.ACCENT if here else theme.INK if done else theme.QUIET,
            second=None,
            bold=here,
            align="centre",
        )


def header_height(page: PageBuilder) -> float:
    """Return where the body of a page begins."""
    return 252.0 if page.screen.upright else 136.0


def foot_rect(page: PageBuilder) -> Rect:
    """Return the place of the buttons at the foot of a page."""
    return Rect(MARGIN, page.height - 24 - TOUCH_TARGET, page.width - 2 * MARGIN, TOUCH_TARGET)


def body_rect(page: PageBuilder) -> Rect:
    """Return the place between header and foot."""
    top = header_height(page)
    return Rect(MARGIN, top, page.width - 2 * MARGIN, foot_rect(page).y - GAP - top)


def draw_back(page: PageBuilder) -> None:
    """Draw back, bottom left."""
    foot = foot_rect(page)
    page.draw_button(Rect(foot.x, foot.y, FOOT_BUTTON, foot.h), wording.BACK, e.Back())


def draw_help_button(page: PageBuilder) -> None:
    """Draw help, bottom right."""
    foot = foot_rect(page)
    page.draw_button(Rect(foot.right - FOOT_BUTTON, foot.y, FOOT_BUTTON, foot.h), wording.HELP, e.OpenHelp())


def search_rect(page: PageBuilder) -> Rect:
    """Return the place of the search by first letter: right of the question, upright between back and help."""
    if page.screen.upright:
        foot = foot_rect(page)
        return Rect(foot.x + FOOT_BUTTON + GAP, foot.y, foot.w - 2 * (FOOT_BUTTON + GAP), foot.h)
    place = body_rect(page)
    return Rect(place.right - 480, place.y + 16, 480, 104)


def paging_rect(page: PageBuilder) -> Rect:
    """Return the place of previous and next: between back and help, upright above them."""
    foot = foot_rect(page)
    if page.screen.upright:
        return Rect(foot.x, foot.y - GAP - foot.h, foot.w, foot.h)
    return Rect(foot.x + FOOT_BUTTON + 4 * GAP, foot.y, foot.w - 2 * FOOT_BUTTON - 8 * GAP, foot.h)


def draw_paging(page: PageBuilder, index: int, count: int, turn: Callable[[int], Touch]) -> None:
    """Draw previous and next, and between them which of several pages of a list is shown."""
    if count == 1:
        return
    place, width = paging_rect(page), 352.0
    if index > 0:
        page.draw_button(Rect(place.x, place.y, width, place.h), wording.PREVIOUS, turn(index - 1))
    if index + 1 < count:
        page.draw_button(Rect(place.right - width, place.y, width, place.h), wording.NEXT, turn(index + 1))
    where = wording.page_of(index, count)
    middle = Rect(place.x + width, place.y, place.w - 2 * width, place.h)
    page.write(Text(zh=where, en=where), middle, size=48, align="centre", bold=True)
