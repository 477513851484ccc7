"""A page while it is being laid out: collects boxes, texts in both languages, buttons and what they choose."""

from __future__ import annotations

from collections.abc import Sequence

from display.kivy_window import english_size, larger
from kiosk.events import Touch
from kiosk.screens.scene import Box, Code, Format, Item, Rect, Scene, Target
from kiosk.screens.typesetting import Placing, Run, fits, set_text
from kiosk.state import Page
from protocol import theme
from protocol.vocabulary import Language, Text

MARGIN = 48.0
GAP = 2.0 * theme.SPACE


class Sheet:
    """One page of a kiosk in the visitor's language and text size.

    Sizes are given for normal text, in px of the design; large-text mode moves each one step up the scale.
    """

    def __init__(self, form: Format, *, language: Language, large: bool) -> None:
        self.form = form
        self.language = language
        self.large = large
        self._items: list[Item] = []
        self._targets: list[Target] = []

    @property
    def width(self) -> float:
        """The width of the page."""
        return self.form.width

    @property
    def height(self) -> float:
        """The height of the page."""
        return self.form.height

    def scene(self, page: Page) -> Scene:
        """Return the finished page."""
        return Scene(
            page=page, width=self.width, height=self.height, items=tuple(self._items), targets=tuple(self._targets)
        )

    def size(self, px: int) -> int:
        """Return a size of the scale as the visitor wants it."""
        return larger(px, sizes=theme.KIOSK_SIZES) if self.large else px

    def box(
        self, rect: Rect, *, fill: str, line: str | None = None, corner: float = theme.CORNER, opacity: float = 1.0
    ) -> None:
        """Fill a place."""
        self._items.append(Box(rect=rect, fill=fill, line=line, corner=corner, opacity=opacity))

    def code(self, rect: Rect, content: str) -> None:
        """Draw a QR code, white around it."""
        self._items.append(Code(rect=rect, content=content))

    def runs(self, text: Text, *, size: int, colour: str, second: str | None = None, bold: bool = False) -> list[Run]:
        """Return a text in the visitor's language; with ``second`` (a colour) the other one smaller beneath.

        Nothing to say is no run.
        """
        mine = text.in_language(self.language)
        if not mine:
            return []
        other = text.in_language(Language.EN if self.language is Language.ZH else Language.ZH)
        whole = [Run(text=mine, size=self.size(size), colour=colour, bold=bold)]
        if second is not None and other != mine:
            small = english_size(self.size(size), sizes=theme.KIOSK_SIZES)
            whole.append(Run(text=other, size=small, colour=second))
        return whole

    def write(self, runs: Sequence[Run], rect: Rect, *, align: str = "left", upright: str = "middle") -> None:
        """Set some runs of text into a place."""
        self._items.extend(set_text(runs, rect, Placing(align=align, upright=upright)))

    def say(
        self,
        text: Text,
        rect: Rect,
        *,
        size: int,
        colour: str = theme.INK,
        second: str | None = theme.QUIET,
        bold: bool = False,
        align: str = "left",
        upright: str = "middle",
    ) -> None:
        """Write a text in both languages, or with ``second=None`` in the visitor's only.

        Large text leaves the other language out where both would have to be set smaller.
        """
        runs = self.runs(text, size=size, colour=colour, second=second, bold=bold)
        if self.large and not fits(runs, rect):
            runs = runs[:1]
        self.write(runs, rect, align=align, upright=upright)

    def choice(self, rect: Rect, touch: Touch, words: str) -> None:
        """Make a place choose something."""
        self._targets.append(Target(rect=rect, touch=touch, words=words))

    def button(self, rect: Rect, text: Text, touch: Touch, *, size: int = 36, main: bool = False) -> None:
        """Draw a button; the main one of a page is filled with the accent colour."""
        fill, ink = (theme.ACCENT, theme.WHITE) if main else (theme.WHITE, theme.INK)
        self.box(rect, fill=fill, line=None if main else theme.QUIET)
        self.say(
            text,
            rect.inset(16, 4),
            size=size,
            colour=ink,
            second=ink if main else theme.QUIET,
            bold=True,
            align="centre",
        )
        self.choice(rect, touch, text.in_language(self.language))

    def cover(self) -> None:
        """Darken all that was drawn and take away what it chooses."""
        self.box(Rect(0, 0, self.width, self.height), fill=theme.INK, corner=0, opacity=0.75)
        self._targets.clear()
