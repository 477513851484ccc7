"""Text as a texture: drawn in the hall's faces as on paper, white, so that the canvas gives its colour."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kivy.graphics.texture import Texture
from PIL import Image

from hardware.fonts.lettering import Weight, draw_line, line_metrics, text_length

_OPAQUE = 255


def text_texture(
    lines: Sequence[str],
    *,
    size: int,
    weight: Weight,
    step: int = 0,
    width: int | None = None,
    indents: Sequence[int] = (),
    reused: Any = None,  # noqa: ANN401 - Kivy ships no types
) -> Any:  # noqa: ANN401 - Kivy ships no types
    """Return a texture with lines at its left end; ``width`` px wide, without it as wide as the first line.

    Baselines are ``step`` px apart; ``indents`` moves each line to the right, px. ``reused`` is a texture that is
    painted over when it has the right size.
    """
    metrics = line_metrics(size, weight)
    wide = max(1, round(text_length(lines[0], size=size, weight=weight))) if width is None else width
    mask = Image.new("L", (wide, metrics.height + (len(lines) - 1) * step))
    for row, line in enumerate(lines):
        indent = indents[row] if indents else 0
        draw_line(mask, (indent, metrics.ascent + row * step), line, size=size, weight=weight, fill=_OPAQUE)
    texture = reused
    if texture is None or texture.size != mask.size:
        texture = Texture.create(size=mask.size, colorfmt="rgba")
        texture.flip_vertical()
    white = Image.new("L", mask.size, _OPAQUE)
    texture.blit_buffer(Image.merge("RGBA", (white, white, white, mask)).tobytes(), colorfmt="rgba")
    return texture
