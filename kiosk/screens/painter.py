"""Paints a display list with Kivy. The only module that turns px of the design into px of the window."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from kivy.graphics.context_instructions import Color
from kivy.graphics.texture import Texture
from kivy.graphics.vertex_instructions import Ellipse, Rectangle, RoundedRectangle
from kivy.graphics.vertex_instructions import Line as Stroke
from kivy.input.motionevent import MotionEvent
from kivy.uix.widget import Widget

from display.kivy_window import rgba
from display.text_texture import text_texture
from hardware.paper.paper_strips import encode_qr
from kiosk.screens.display_list import Box, DisplayList, QrCode, ScreenFormat, TextLine
from kiosk.state.events import Touch
from protocol import theme

_KEPT = 100
"""Number of drawn lines of text kept for the next page; a page has at most about 60."""
_RAISE = 0.05
"""Upward shift of a line, as a multiple of its size: the font sets Chinese characters a little below the middle."""


class Painter(Widget):
    """Shows one display list at a time; ``on_choice`` receives what a finger chose, ``on_format`` a new window size."""

    canvas: Any  # Kivy makes it in __new__ and declares it as None

    def __init__(self, *, on_choice: Callable[[Touch], None], on_format: Callable[[ScreenFormat], None]) -> None:
        super().__init__()
        self._on_choice = on_choice
        self._on_format = on_format
        self._shown: DisplayList | None = None
        self._textures = _TextTextures()
        self.bind(size=self._resized)

    @property
    def screen(self) -> ScreenFormat:
        """How the design lies in the window."""
        return ScreenFormat(width_px=max(1, round(self.width)), height_px=max(1, round(self.height)))

    def show(self, display_list: DisplayList) -> None:
        """Paint a display list in place of the one before; the same one again costs nothing."""
        if display_list == self._shown:
            return
        self._shown = display_list
        self.canvas.clear()
        with self.canvas:
            for item in display_list.items:
                match item:
                    case Box():
                        self._draw_box(item)
                    case TextLine():
                        self._draw_line(item)
                    case QrCode():
                        self._draw_qr_code(item)

    def on_touch_down(self, touch: MotionEvent) -> bool:
        """A finger chooses when it comes down: an unsteady hand need not lift it in the same place."""
        if self._shown is not None:
            scale = self.screen.scale
            self._on_choice(self._shown.touch_at(touch.x / scale, (self.height - touch.y) / scale))
        return True

    def _resized(self, *_: object) -> None:
        self._shown = None
        self._textures.clear()
        self._on_format(self.screen)

    def _draw_box(self, box: Box) -> None:
        scale, rect = self.screen.scale, box.rect
        x, y = round(rect.x * scale), round(self.height - rect.bottom * scale)
        w, h = round(rect.w * scale), round(rect.h * scale)
        Color(*rgba(box.fill, opacity=box.opacity))
        if not box.corner:
            Rectangle(pos=(x, y), size=(w, h))
            return
        radius = min(box.corner * scale, w / 2, h / 2)
        if radius == w / 2 == h / 2:
            self._draw_disc(box, (x, y, w, h))
            return
        RoundedRectangle(pos=(x, y), size=(w, h), radius=[radius])
        if box.edge is not None:
            Color(*rgba(box.edge))
            Stroke(rounded_rectangle=(x, y, w, h, radius), width=max(1.0, 1.5 * scale))

    def _draw_disc(self, box: Box, place: tuple[int, int, int, int]) -> None:
        x, y, w, h = place
        Ellipse(pos=(x, y), size=(w, h))
        if box.edge is not None:
            Color(*rgba(box.edge))
            Stroke(ellipse=(x, y, w, h), width=max(1.0, 1.5 * self.screen.scale))

    def _draw_line(self, line: TextLine) -> None:
        scale = self.screen.scale
        texture = self._textures.draw(line.text, size=round(line.size * scale), bold=line.bold)
        width, height = texture.size
        left = line.x * scale - {"left": 0.0, "centre": width / 2, "right": float(width)}[line.align]
        middle = self.height - line.y * scale + line.size * scale * _RAISE
        Color(*rgba(line.colour))
        Rectangle(texture=texture, pos=(round(left), round(middle - height / 2)), size=texture.size)

    def _draw_qr_code(self, code: QrCode) -> None:
        """Draw a QR code of whole px to a module, with the four white modules around it that readers need."""
        scale, rows = self.screen.scale, encode_qr(code.content)
        module = max(1, int(code.rect.w * scale) // (len(rows) + 8))
        side = module * (len(rows) + 8)
        left = round(code.rect.x * scale + (code.rect.w * scale - side) / 2)
        top = round(self.height - code.rect.y * scale - (code.rect.h * scale - side) / 2)
        Color(*rgba(theme.WHITE))
        Rectangle(pos=(left, top - side), size=(side, side))
        Color(*rgba("#000000"))
        for row, cells in enumerate(rows):
            for column, dark in enumerate(cells):
                if dark:
                    pos = (left + (column + 4) * module, top - (row + 5) * module)
                    Rectangle(pos=pos, size=(module, module))


class _TextTextures:
    """A cache (least recently used) of drawn lines of text, in white: a page that comes again costs nothing."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, int, bool], Texture] = OrderedDict()

    def draw(self, text: str, *, size: int, bold: bool) -> Texture:
        """Return the texture of a line, ``size`` px of the window high."""
        key = (text, size, bold)
        if key not in self._kept:
            self._kept[key] = text_texture([text], size=size, weight="bold" if bold else "regular")
        self._kept.move_to_end(key)
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return self._kept[key]

    def clear(self) -> None:
        self._kept.clear()
