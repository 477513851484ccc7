"""A line of text as a texture: drawn in the hall's faces as on paper, white, so that the canvas gives its colour."""

from __future__ import annotations

from typing import Any

from kivy.graphics.texture import Texture
from PIL import Image

from hardware.fonts.lettering import Weight, draw_line, line_metrics, text_length

_OPAQUE = 255


def text_texture(text: str, *, size: int, weight: Weight, width: int | None = None, reused: Any = None) -> Any:  # noqa: ANN401 - Kivy ships no types
    """Return a texture with a line at its left end; ``width`` px wide, without it as wide as the line.

    ``reused`` is a texture that is painted over when it has the right size.
    """
    metrics = line_metrics(size, weight)
    wide = max(1, round(text_length(text, size=size, weight=weight))) if width is None else width
    mask = Image.new("L", (wide, metrics.height))
    draw_line(mask, (0, metrics.ascent), text, size=size, weight=weight, fill=_OPAQUE)
    texture = reused
    if texture is None or texture.size != mask.size:
        texture = Texture.create(size=mask.size, colorfmt="rgba")
        texture.flip_vertical()
    white = Image.new("L", mask.size, _OPAQUE)
    texture.blit_buffer(Image.merge("RGBA", (white, white, white, mask)).tobytes(), colorfmt="rgba")
    return texture
