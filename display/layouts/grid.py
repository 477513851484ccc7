"""A drawing area of a size in px, scaled to fit the window: texts and blocks at fixed places.

Every widget is made once and only its text or colour changes, with the few sizes of ``protocol.theme.BOARD_SIZES``:
that keeps memory level for months. ``top`` and ``left`` count from the upper left corner.
"""

from __future__ import annotations

import math
from typing import Any, Literal

from kivy.graphics import Color, PopMatrix, PushMatrix, Rectangle, Scale, SmoothRoundedRectangle, Translate
from kivy.uix.widget import Widget

from display.kivy_window import rgba
from display.layouts.places import DesignSize, Place
from display.layouts.whole_text import LEADING, fit_whole
from display.text_texture import text_texture
from hardware.fonts.lettering import Weight, fit_line, text_length
from protocol import theme

TEXTURE_STEP = 64
"""Step of the widths of textures, px."""

Align = Literal["left", "center", "right"]


class GridLine(Widget):
    """A text in a box: one line that ends in "…" where it is too long; or ``whole``, smaller or on several lines.

    The texture is as small as the text, not as its box, which is mostly empty.
    """

    def __init__(
        self, *, size_px: int, colour: str, opacity: float, bold: bool, align: Align, whole: bool = False
    ) -> None:
        super().__init__(size_hint=(None, None))
        self.text = ""
        self.text_width = 0.0
        """Width of what is shown, px."""
        self.is_shortened = False
        self._whole = whole
        self._align = align
        self._room: float | None = None
        """Width to which a text that flows is bounded, px; None for a text in a box."""
        self._size_px = size_px
        self._weight: Weight = "bold" if bold else "regular"
        self._texture: Any = None
        with self.canvas:
            self._colour = Color(*rgba(colour, opacity=opacity))
            self._shape = Rectangle(size=(0, 0))

    def show(self, text: str) -> None:
        """Show a text; the same text again costs nothing."""
        if text != self.text:
            self.text = text
            self._render()

    def flow_from(self, left: float, *, right: float) -> float:
        """Begin at ``left``, as wide as the text is, but not beyond ``right``; return where the text ends."""
        if self._room != right - left:
            self._room = right - left
            self._render()
        self.x, self.width = left, self.text_width
        self._place()
        return float(self.right)

    def fill(self, *, left: float, right: float) -> None:
        """Fill the place between ``left`` and ``right``."""
        if (self.x, self.width) != (left, right - left):
            self.x, self.width = left, right - left
            self._render()

    def tint(self, colour: str, *, opacity: float = 1.0) -> None:
        """Change the colour of the text."""
        self._colour.rgba = rgba(colour, opacity=opacity)

    @property
    def full_width(self) -> float:
        """Width of the text on one line in its full size, px."""
        return text_length(self.text, size=self._size_px, weight=self._weight)

    def size_within(self, width: float) -> int:
        """Return the size that a text shown whole has in a width, px."""
        return fit_whole(self.text, width=width, height=self.height, size=self._size_px, weight=self._weight)[1]

    def _render(self) -> None:
        """Draw the text, as it fits the box, into a texture hardly wider than itself."""
        lines, px = self._fitting()
        self.is_shortened = not self._whole and lines != (self.text,)
        if not any(lines):
            self.text_width, self._shape.size = 0.0, (0, 0)
            return
        widths = [text_length(line, size=px, weight=self._weight) for line in lines]
        self.text_width = max(widths)
        # a text of about the same width goes into the same texture: a new one each time would scatter the heap
        self._texture = text_texture(
            lines,
            size=px,
            weight=self._weight,
            step=round(px * LEADING),
            width=math.ceil(self.text_width / TEXTURE_STEP) * TEXTURE_STEP,
            indents=[self._indent(self.text_width - width) for width in widths],
            reused=self._texture,
        )
        self._shape.texture, self._shape.size = self._texture, self._texture.size
        self.canvas.ask_update()
        self._place()

    def _fitting(self) -> tuple[tuple[str, ...], int]:
        """Return the lines that fit the box, and their size."""
        width = self.width if self._room is None else self._room
        style: dict[str, Any] = {"size": self._size_px, "weight": self._weight}
        if self._whole:
            return fit_whole(self.text, width=width, height=self.height, **style)
        return (fit_line(self.text, width=width, **style),), self._size_px

    def _indent(self, spare: float) -> int:
        return {"left": 0, "center": int(spare / 2), "right": int(spare)}[self._align]

    def _place(self) -> None:
        """Align the text in the box; whole pixels, or it would blur."""
        height = self._shape.size[1]
        indent = self._indent(self.width - self.text_width)
        self._shape.pos = self.x + indent, self.top - int((self.height - height) / 2) - height


class Block(Widget):
    """A filled rectangle that can change colour."""

    def __init__(self, *, colour: str, opacity: float, corner: int) -> None:
        super().__init__(size_hint=(None, None))
        with self.canvas:
            self._colour = Color(*rgba(colour, opacity=opacity))
            self._shape = SmoothRoundedRectangle(radius=[corner]) if corner else Rectangle()
        self.bind(pos=self._move, size=self._move)

    def _move(self, *_: object) -> None:
        self._shape.pos, self._shape.size = self.pos, self.size

    def paint(self, colour: str, *, opacity: float = 1.0) -> None:
        """Change the colour."""
        self._colour.rgba = rgba(colour, opacity=opacity)


class Group(Widget):
    """Widgets that are dimmed or hidden together."""

    def __init__(self, *, home: Widget) -> None:
        super().__init__(size_hint=(None, None), size=(0, 0))
        self._home = home
        home.add_widget(self)

    def set_visible(self, *, visible: bool) -> None:
        """Show the group above all else in its parent, or take it out.

        A group of opacity 0 would be drawn all the same: on a processor that draws by itself, the full-screen block of
        a hidden page cost a third of each frame.
        """
        if not visible and self.parent is not None:
            self._home.remove_widget(self)
        elif visible and self.parent is None:
            self._home.add_widget(self)


class Grid(Widget):
    """The drawing area, scaled to the window and centred in it. ``foot_width`` is the room of its foot, px."""

    foot_width = 0

    def __init__(self, design: DesignSize) -> None:
        super().__init__()
        self._wide, self._high = design.width, design.height
        with self.canvas.before:
            PushMatrix()
            self._shift = Translate()
            self._scale = Scale()
        with self.canvas.after:
            PopMatrix()
        self.bind(size=self._fit, pos=self._fit)

    def _fit(self, *_: object) -> None:
        factor = min(self.width / self._wide, self.height / self._high)
        self._scale.xyz = (factor, factor, 1)
        self._shift.xy = (
            self.x + (self.width - self._wide * factor) / 2,
            self.y + (self.height - self._high * factor) / 2,
        )

    def _put(self, widget: Widget, place: Place, *, parent: Widget | None) -> None:
        widget.size = (place.width, place.height)
        widget.pos = (place.left, self._high - place.top - place.height)
        (parent or self).add_widget(widget)

    def group(self, *, parent: Widget | None = None) -> Group:
        """Add a group."""
        return Group(home=parent or self)

    def line(
        self,
        place: Place,
        *,
        size_px: int,
        colour: str = theme.WHITE,
        opacity: float = 1.0,
        bold: bool = False,
        align: Align = "left",
        whole: bool = False,
        parent: Widget | None = None,
    ) -> GridLine:
        """Add a line of text."""
        line = GridLine(size_px=size_px, colour=colour, opacity=opacity, bold=bold, align=align, whole=whole)
        self._put(line, place, parent=parent)
        return line

    def block(
        self,
        place: Place,
        *,
        colour: str,
        opacity: float = 1.0,
        corner: int = 0,
        parent: Widget | None = None,
    ) -> Block:
        """Add a filled rectangle."""
        block = Block(colour=colour, opacity=opacity, corner=corner)
        self._put(block, place, parent=parent)
        return block

    def words(self) -> list[str]:
        """Return every text that is visible now, in the order of drawing: what a screenshot shows.

        A text that was cut in the frame last shown ends in "…" here too.
        """
        found: list[str] = []
        waiting: list[Widget] = [self]
        while waiting:
            widget = waiting.pop(0)
            if widget.opacity == 0:
                continue
            if isinstance(widget, GridLine) and widget.text:
                found.append(f"{widget.text}…" if widget.is_shortened else widget.text)
            waiting = [*reversed(widget.children), *waiting]
        return found
