"""Builder of one page: collects boxes, texts in both languages, buttons and their touch targets."""

from __future__ import annotations

from collections.abc import Sequence

from display.kivy_window import english_size, larger
from kiosk.drawing.display_list import Box, DisplayItem, DisplayList, QrCode, Rect, ScreenFormat, TouchTarget
from kiosk.drawing.typesetting import Alignment, TextRun, fits, set_text
from kiosk.state.current_page import Page
from kiosk.state.events import Touch
from protocol import theme
from protocol.vocabulary import Language, Text

MARGIN = 48.0
"""Margin at the left and the right of every page, px of the design."""
GAP = 2.0 * theme.SPACE
"""Distance between two things on a page, px of the design."""


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
    ) -> None:
        """Write a text in both languages, or with ``second=None`` in the visitor's only.

        Large text leaves the other language out where both would have to be set smaller.
        """
        runs = self.runs_of(text, size=size, colour=colour, second=second, bold=bold)
        if self.large and not fits(runs, rect):
            runs = runs[:1]
        self.write_runs(runs, rect, align=align, vertical=vertical)

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
