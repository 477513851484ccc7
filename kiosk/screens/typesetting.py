"""Sets text into a place: broken into lines, in the six sizes of the kiosk and no others, smaller where it is long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from PIL import ImageFont

from hardware.fonts import BOLD, REGULAR
from hardware.paper.text_wrapping import wrap_balanced
from kiosk.screens.scene import Line, Rect
from protocol.theme import KIOSK_SIZES

LEADING = 1.28
"""Height of a line, in parts of its size."""
_MEASURED_AT = 100
_ROUNDING = 1.02
"""The window rounds each letter to whole px."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """A piece of text in one size (px of the design) and colour; behind a ``mark`` all its lines are indented."""

    text: str
    size: int
    colour: str
    bold: bool = False
    mark: str = ""
    continued: bool = False

    @property
    def indent(self) -> float:
        """The room the mark takes."""
        return width_of(self.mark, size=self.size, bold=self.bold) if self.mark else 0.0


@dataclass(frozen=True, kw_only=True)
class Placing:
    """Where lines go in their place: ``align`` left, centre or right; ``upright`` top, middle or bottom."""

    align: str = "left"
    upright: str = "middle"


def set_text(runs: Sequence[Run], rect: Rect, placing: Placing) -> list[Line]:
    """Return the lines of some runs, one under the other inside ``rect``; all a step smaller until they fit.

    What does not fit in the smallest size ends with an ellipsis.
    """
    for smaller in range(len(KIOSK_SIZES)):
        sized = [_step_down(run, smaller) for run in runs]
        if fits(sized, rect):
            return _place(_break(sized, rect.w), rect, placing)
    return _place(_cut(_break(sized, rect.w), rect.h), rect, placing)


def fits(runs: Sequence[Run], rect: Rect) -> bool:
    """Whether some runs have room in their own sizes, with no English word cut in two."""
    return height_of(runs, width=rect.w) <= rect.h and all(_words_stay_whole(run, rect.w) for run in runs)


def height_of(runs: Sequence[Run], *, width: float) -> float:
    """Return how high some runs are in their own sizes, px of the design."""
    return _height(_break(runs, width))


def width_of(text: str, *, size: int, bold: bool) -> float:
    """Return how wide a line will be, px of the design."""
    return _length(text, bold=bold) * size / _MEASURED_AT * _ROUNDING


@lru_cache(maxsize=8192)
def _length(text: str, *, bold: bool) -> float:
    """Measure a text once: a page is laid out with the same words again and again."""
    return _font(bold=bold).getlength(text)


@cache
def _font(*, bold: bool) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(BOLD if bold else REGULAR), _MEASURED_AT, layout_engine=ImageFont.Layout.BASIC)


def _step_down(run: Run, steps: int) -> Run:
    return replace(run, size=KIOSK_SIZES[max(0, KIOSK_SIZES.index(run.size) - steps)])


def _words_stay_whole(run: Run, width: float) -> bool:
    """Whether no English word must be cut in two."""
    words = [word for word in run.text.split() if word.isascii()]
    return all(width_of(word, size=run.size, bold=run.bold) <= width - run.indent for word in words)


def _break(runs: Sequence[Run], width: float) -> list[Run]:
    """Return one run a line."""
    return [replace(run, text=line, continued=i > 0) for run in runs for i, line in enumerate(_lines(run, width))]


def _lines(run: Run, width: float) -> list[str]:
    room = width - run.indent
    return wrap_balanced(run.text, measure=lambda text: width_of(text, size=run.size, bold=run.bold), width=room)


def _height(lines: Sequence[Run]) -> float:
    return sum(line.size * LEADING for line in lines)


def _cut(lines: list[Run], height: float) -> list[Run]:
    """Keep the lines there is room for; an ellipsis tells that there is more."""
    kept = list(lines)
    while len(kept) > 1 and _height(kept) > height:
        kept.pop()
    return kept if len(kept) == len(lines) else [*kept[:-1], replace(kept[-1], text=kept[-1].text[:-1] + "…")]


def _place(lines: Sequence[Run], rect: Rect, placing: Placing) -> list[Line]:
    spare = rect.h - _height(lines)
    top = rect.y + {"top": 0.0, "middle": spare / 2, "bottom": spare}[placing.upright]
    x = {"left": rect.x, "centre": rect.x + rect.w / 2, "right": rect.right}[placing.align]
    placed = []
    for run in lines:
        middle = top + run.size * LEADING / 2
        line = Line(
            text=run.text,
            x=x + run.indent,
            y=middle,
            size=run.size,
            colour=run.colour,
            bold=run.bold,
            align=placing.align,
        )
        placed += [line] if run.continued or not run.mark else [replace(line, text=run.mark.strip(), x=x), line]
        top += run.size * LEADING
    return placed
