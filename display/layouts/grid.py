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
from display.text_texture import text_texture
from hardware.fonts.lettering import Weight, fit_line, text_length
from protocol import theme

TEXTURE_STEP = 64
"""Step of the widths of textures, px."""
SMALLEST_PX = min(theme.BOARD_SIZES)
"""Size below which no text shrinks, px: it could not be read from afar."""

Align = Literal["left", "center", "right"]


class GridLine(Widget):
    """One line of text in a box; too long a text ends in "…", or with ``shrinks`` becomes smaller first.

    The texture is as small as the text, not as its box, which is mostly empty.
    """

    def __init__(
        self, *, size_px: int, colour: str, opacity: float, bold: bool, align: Align, shrinks: bool = False
    ) -> None:
        super().__init__(size_hint=(None, None))
        self.text = ""
        self._shrinks = shrinks
        self._align = align
        self._fits_box = True
        self._text_width = 0.0
        self._size_px = size_px
        self._weight: Weight = "bold" if bold else "regular"
        self._texture: Any = None
        self.is_shortened = False
        with self.canvas:
            self._colour = Color(*rgba(colour, opacity=opacity))
            self._shape = Rectangle(size=(0, 0))

    def show(self, text: str) -> None:
        """Show a text; the same text again costs nothing."""
        if text != self.text:
            self.text = text
            self._render()

    def flow_from(self, left: float) -> float:
        """Begin at ``left``, as wide as the text is and never cut; return where the text ends."""
        if self._fits_box:
            self._fits_box = False
            self._render()
        self.x, self.width = left, self._text_width
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

    def _render(self) -> None:
        """Draw the text, shortened to the box where it is too long, into a texture hardly wider than itself."""
        style: dict[str, Any] = {"size": self._fitting_px(), "weight": self._weight}
        shown = fit_line(self.text, width=self.width, **style) if self._fits_box else self.text
        self.is_shortened = shown != self.text
        if not shown:
            self._shape.size = (0, 0)
            return
        self._text_width = text_length(shown, **style)
        # a text of about the same width goes into the same texture: a new one each time would scatter the heap
        width = math.ceil(self._text_width / TEXTURE_STEP) * TEXTURE_STEP
        self._texture = text_texture(shown, width=width, reused=self._texture, **style)
        self._shape.texture, self._shape.size = self._texture, self._texture.size
        self.canvas.ask_update()
        self._place()

    def _fitting_px(self) -> int:
        """Return the size at which the text fits the box, as far as it may shrink."""
        length = text_length(self.text, size=self._size_px, weight=self._weight)
        if not self._shrinks or not self._fits_box or length <= self.width:
            return self._size_px
        return max(SMALLEST_PX, int(self._size_px * self.width / length))

    def _place(self) -> None:
        """Align the text in the box; whole pixels, or it would blur."""
        height = self._shape.size[1]
        spare = self.width - self._text_width
        indent = {"left": 0, "center": int(spare / 2), "right": int(spare)}[self._align]
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
        shrinks: bool = False,
        parent: Widget | None = None,
    ) -> GridLine:
        """Add a line of text."""
        line = GridLine(size_px=size_px, colour=colour, opacity=opacity, bold=bold, align=align, shrinks=shrinks)
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
