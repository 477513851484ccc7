"""A sheet of fixed size in px, drawn to fit whatever window there is: texts and blocks at fixed places.

Every widget is made once and only its text or colour changes, with the few sizes of ``protocol.theme.BOARD_SIZES``:
that keeps memory level for months. ``top`` and ``left`` count from the upper left corner.
"""

from __future__ import annotations

from typing import Literal

from kivy.graphics import Color, PopMatrix, PushMatrix, Rectangle, Scale, SmoothRoundedRectangle, Translate
from kivy.uix.label import Label
from kivy.uix.widget import Widget

from display.kivy_window import FONT, rgba
from protocol import theme

Align = Literal["left", "center", "right"]


class GridLine(Label):
    """One line of text in a fixed box; too long a text ends in "…"."""

    text_size: tuple[float | None, float]

    def __init__(self, *, size_px: int, colour: str, opacity: float, bold: bool, align: Align) -> None:
        super().__init__(
            font_name=FONT,
            font_size=size_px,
            bold=bold,
            color=rgba(colour, opacity=opacity),
            halign=align,
            valign="middle",
            shorten=True,
            shorten_from="right",
            max_lines=1,
            size_hint=(None, None),
        )

    def say(self, text: str) -> None:
        """Show a text; the same text again costs nothing."""
        self.text = text

    def stand(self, *, left: float) -> float:
        """Stand at ``left``, as wide as the text is and never cut; returns where the text ends."""
        self.text_size = None, self.height
        self.texture_update()
        self.x, self.width = left, self.texture_size[0]
        return float(self.right)

    def fill(self, *, left: float, right: float) -> None:
        """Fill the place between ``left`` and ``right``."""
        self.x, self.width = left, right - left
        self.text_size = self.size

    def tint(self, colour: str) -> None:
        """Change the colour of the text."""
        self.color = rgba(colour)


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


class Grid(Widget):
    """The whole picture, ``width`` by ``height`` px, scaled to the window and centred on the board's ground."""

    def __init__(self, *, width: int, height: int) -> None:
        super().__init__()
        self._wide, self._high = width, height
        with self.canvas.before:
            Color(*rgba(theme.BOARD_BACKGROUND))
            self._backdrop = Rectangle()
            PushMatrix()
            self._shift = Translate()
            self._scale = Scale()
        with self.canvas.after:
            PopMatrix()
        self.bind(size=self._fit, pos=self._fit)

    def _fit(self, *_: object) -> None:
        self._backdrop.pos, self._backdrop.size = self.pos, self.size
        factor = min(self.width / self._wide, self.height / self._high)
        self._scale.xyz = (factor, factor, 1)
        self._shift.xy = (
            self.x + (self.width - self._wide * factor) / 2,
            self.y + (self.height - self._high * factor) / 2,
        )

    def _place(self, widget: Widget, *, left: int, top: int, width: int, height: int, parent: Widget | None) -> None:
        widget.size = (width, height)
        widget.pos = (left, self._high - top - height)
        (parent or self).add_widget(widget)

    def group(self, *, parent: Widget | None = None) -> Widget:
        """Return a group whose members can be dimmed together."""
        group = Widget(size_hint=(None, None), size=(0, 0))
        (parent or self).add_widget(group)
        return group

    def line(
        self,
        *,
        left: int,
        top: int,
        width: int,
        height: int,
        size_px: int,
        colour: str = theme.WHITE,
        opacity: float = 1.0,
        bold: bool = False,
        align: Align = "left",
        parent: Widget | None = None,
    ) -> GridLine:
        """Add a line of text."""
        line = GridLine(size_px=size_px, colour=colour, opacity=opacity, bold=bold, align=align)
        line.text_size = width, height
        self._place(line, left=left, top=top, width=width, height=height, parent=parent)
        return line

    def block(
        self,
        *,
        left: int,
        top: int,
        width: int,
        height: int,
        colour: str,
        opacity: float = 1.0,
        corner: int = 0,
        parent: Widget | None = None,
    ) -> Block:
        """Add a filled rectangle."""
        block = Block(colour=colour, opacity=opacity, corner=corner)
        self._place(block, left=left, top=top, width=width, height=height, parent=parent)
        return block

    def words(self) -> list[str]:
        """Return every text that stands on the sheet now, in the order of drawing: what the picture itself says.

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
