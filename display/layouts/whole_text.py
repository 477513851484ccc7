"""A text that must not be cut, in a place of the screen: smaller, or broken into lines, until it fits. Pure."""

from __future__ import annotations

from functools import lru_cache, partial

from hardware.fonts.lettering import Weight, text_length
from hardware.paper.text_wrapping import words_of, wrap_balanced

LEADING = 1.2
"""Distance of the baselines of two lines, in sizes."""
_LEAST_PX = 8


@lru_cache(maxsize=256)
def fit_whole(text: str, *, width: float, height: float, size: int, weight: Weight) -> tuple[tuple[str, ...], int]:
    """Return a text's lines and the largest size up to ``size`` (px) in which they fit a place and no word is broken.

    A single line may be higher than the place.
    """
    px = size
    while True:
        measure = partial(text_length, size=px, weight=weight)
        lines = wrap_balanced(text, measure=measure, width=width)
        is_low = len(lines) == 1 or len(lines) * px * LEADING <= height
        is_narrow = all(measure(part) <= width for part in [*lines, *words_of(text)])
        if (is_low and is_narrow) or px <= _LEAST_PX:
            return tuple(lines), px
        px = min(px - 1, px * 31 // 32)
