"""Paints a scene with Kivy. The only module that turns px of the design into px of the window."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from kivy.core.text import Label
from kivy.graphics.context_instructions import Color
from kivy.graphics.texture import Texture
from kivy.graphics.vertex_instructions import Ellipse, Rectangle, RoundedRectangle
from kivy.graphics.vertex_instructions import Line as Stroke
from kivy.input.motionevent import MotionEvent
from kivy.uix.widget import Widget

from display.kivy_window import FONT, rgba
from hardware.paper.paper_strips import qr_modules
from kiosk.events import Touch
from kiosk.screens.scene import Box, Code, Format, Line, Scene
from protocol import theme

_KEPT = 100
"""So many lines of text stay drawn for the next page; a page has at most about 60."""
_RAISE = 0.05
"""Chinese letters stand a little below the middle of their line, in parts of the size."""


class Painter(Widget):
    """Shows one scene at a time and tells what a finger chose."""

    canvas: Any  # Kivy makes it in __new__ and declares it as None

    def __init__(self, *, on_choice: Callable[[Touch], None], on_format: Callable[[Format], None]) -> None:
        super().__init__()
        self._on_choice = on_choice
        self._on_format = on_format
        self._scene: Scene | None = None
        self._texts = _Texts()
        self.bind(size=self._resized)

    @property
    def form(self) -> Format:
        """How the design lies in the window."""
        return Format(width_px=max(1, round(self.width)), height_px=max(1, round(self.height)))

    def show(self, scene: Scene) -> None:
        """Paint a scene in place of the one before; nothing is done when it is the same."""
        if scene == self._scene:
            return
        self._scene = scene
        self.canvas.clear()
        with self.canvas:
            for item in scene.items:
                match item:
                    case Box():
                        self._box(item)
                    case Line():
                        self._line(item)
                    case Code():
                        self._code(item)

    def on_touch_down(self, touch: MotionEvent) -> bool:
        """A finger chooses when it comes down: an unsteady hand need not lift it in the same place."""
        if self._scene is not None:
            scale = self.form.scale
            self._on_choice(self._scene.touched(touch.x / scale, (self.height - touch.y) / scale))
        return True

    def _resized(self, *_: object) -> None:
        self._scene = None
        self._texts.clear()
        self._on_format(self.form)

    def _box(self, box: Box) -> None:
        scale, rect = self.form.scale, box.rect
        x, y = round(rect.x * scale), round(self.height - rect.bottom * scale)
        w, h = round(rect.w * scale), round(rect.h * scale)
        Color(*rgba(box.fill, opacity=box.opacity))
        if not box.corner:
            Rectangle(pos=(x, y), size=(w, h))
            return
        radius = min(box.corner * scale, w / 2, h / 2)
        if radius == w / 2 == h / 2:
            self._disc(box, (x, y, w, h))
            return
        RoundedRectangle(pos=(x, y), size=(w, h), radius=[radius])
        if box.line is not None:
            Color(*rgba(box.line))
            Stroke(rounded_rectangle=(x, y, w, h, radius), width=max(1.0, 1.5 * scale))

    def _disc(self, box: Box, place: tuple[int, int, int, int]) -> None:
        x, y, w, h = place
        Ellipse(pos=(x, y), size=(w, h))
        if box.line is not None:
            Color(*rgba(box.line))
            Stroke(ellipse=(x, y, w, h), width=max(1.0, 1.5 * self.form.scale))

    def _line(self, line: Line) -> None:
        scale = self.form.scale
        texture = self._texts.draw(line.text, size=round(line.size * scale), bold=line.bold)
        width, height = texture.size
        left = line.x * scale - {"left": 0.0, "centre": width / 2, "right": float(width)}[line.align]
        middle = self.height - line.y * scale + line.size * scale * _RAISE
        Color(*rgba(line.colour))
        Rectangle(texture=texture, pos=(round(left), round(middle - height / 2)), size=texture.size)

    def _code(self, code: Code) -> None:
        """Draw a QR code of whole px to a module, with the four white modules around it that readers need."""
        scale, rows = self.form.scale, qr_modules(code.content)
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


class _Texts:
    """Lines of text already drawn, white, the last used ones: a page that comes again costs nothing."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, int, bool], Texture] = OrderedDict()

    def draw(self, text: str, *, size: int, bold: bool) -> Texture:
        """Return the picture of a line, ``size`` px of the window high."""
        key = (text, size, bold)
        if key not in self._kept:
            label = Label(text=text, font_name=FONT, font_size=size, bold=bold, color=(1, 1, 1, 1))
            label.refresh()
            self._kept[key] = label.texture
        self._kept.move_to_end(key)
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return self._kept[key]

    def clear(self) -> None:
        """Forget all, for another size of window."""
        self._kept.clear()
