"""Typesetting: text broken into lines in a place, in the six sizes of the kiosk, smaller where it is long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from hardware.fonts.bidi_levels import keep_direction
from hardware.fonts.lettering import text_length
from hardware.paper.text_wrapping import words_of, wrap_balanced
from kiosk.screens.display_list import Rect, TextLine
from protocol.theme import KIOSK_SIZES

LEADING = 1.28
"""Height of a line, as a multiple of its size."""
_MEASURED_AT = 100
"""Size at which PIL measures text, px; other sizes are computed from it, so that one measurement serves all."""
_ROUNDING = 1.02
"""Allowance for the window, which rounds each letter to whole px and may draw a line wider than PIL measures it."""


@dataclass(frozen=True, kw_only=True)
class TextRun:
    """A piece of text in one size (px of the design) and colour; behind a ``mark`` all its lines are indented.

    ``continued``: the line continues the one above, so that the mark is not repeated.
    """

    text: str
    size: int
    colour: str
    bold: bool = False
    mark: str = ""
    continued: bool = False

    @property
    def indent(self) -> float:
        """The width of the mark, px of the design."""
        return width_of(self.mark, size=self.size, bold=self.bold) if self.mark else 0.0


@dataclass(frozen=True, kw_only=True)
class Alignment:
    """Where lines go in their place: ``horizontal`` left, centre or right; ``vertical`` top, middle or bottom."""

    horizontal: str = "left"
    vertical: str = "middle"


def set_text(runs: Sequence[TextRun], rect: Rect, alignment: Alignment) -> list[TextLine]:
    """Return the lines of some runs, one under the other inside ``rect``, all one step smaller until they fit.

    What does not fit in the smallest size ends with an ellipsis.
    """
    for smaller in range(len(KIOSK_SIZES)):
        sized = [_step_down(run, smaller) for run in runs]
        if fits(sized, rect):
            return _place(_break(sized, rect.w), rect, alignment)
    return _place(_cut(_break(sized, rect.w), rect.h), rect, alignment)


def fits(runs: Sequence[TextRun], rect: Rect) -> bool:
    """Return whether some runs have room in their own sizes, with no word of letters cut in two."""
    return height_of(runs, width=rect.w) <= rect.h and all(_words_stay_whole(run, rect.w) for run in runs)


def at_most(runs: Sequence[TextRun], size: int) -> list[TextRun]:
    """Return some runs, none larger than a size."""
    return [replace(run, size=min(run.size, size)) for run in runs]


def height_of(runs: Sequence[TextRun], *, width: float) -> float:
    """Return the height of some runs in their own sizes, px of the design."""
    return _height(_break(runs, width))


def width_of(text: str, *, size: int, bold: bool) -> float:
    """Return the width of a line as the window will draw it, px of the design."""
    return _length(text, bold=bold) * size / _MEASURED_AT * _ROUNDING


@lru_cache(maxsize=8192)
def _length(text: str, *, bold: bool) -> float:
    """Measure a text once: a page is laid out with the same text again and again."""
    return text_length(text, size=_MEASURED_AT, weight="bold" if bold else "regular")


def _step_down(run: TextRun, steps: int) -> TextRun:
    return replace(run, size=KIOSK_SIZES[max(0, KIOSK_SIZES.index(run.size) - steps)])


def _words_stay_whole(run: TextRun, width: float) -> bool:
    """Return whether no English or Uyghur word must be cut in two."""
    room = width - run.indent
    return all(width_of(word, size=run.size, bold=run.bold) <= room for word in words_of(run.text))


def _break(runs: Sequence[TextRun], width: float) -> list[TextRun]:
    """Return one run a line."""
    return [
        replace(run, text=line, continued=run.continued or i > 0)
        for run in runs
        for i, line in enumerate(_lines(run, width))
    ]


def _lines(run: TextRun, width: float) -> list[str]:
    room = width - run.indent
    lines = wrap_balanced(run.text, measure=lambda text: width_of(text, size=run.size, bold=run.bold), width=room)
    return [keep_direction(line, of=run.text) for line in lines]


def _height(lines: Sequence[TextRun]) -> float:
    return sum(line.size * LEADING for line in lines)


def _cut(lines: list[TextRun], height: float) -> list[TextRun]:
    """Keep the lines there is room for, with an ellipsis behind the last."""
    kept = list(lines)
    while len(kept) > 1 and _height(kept) > height:
        kept.pop()
    return kept if len(kept) == len(lines) else [*kept[:-1], replace(kept[-1], text=kept[-1].text[:-1] + "…")]


def _place(lines: Sequence[TextRun], rect: Rect, alignment: Alignment) -> list[TextLine]:
    spare = rect.h - _height(lines)
    top = rect.y + {"top": 0.0, "middle": spare / 2, "bottom": spare}[alignment.vertical]
    x = {"left": rect.x, "centre": rect.x + rect.w / 2, "right": rect.right}[alignment.horizontal]
    placed = []
    for run in lines:
        middle = top + run.size * LEADING / 2
        line = TextLine(
            text=run.text,
            x=x + run.indent,
            y=middle,
            size=run.size,
            colour=run.colour,
            bold=run.bold,
            align=alignment.horizontal,
        )
        placed += [line] if run.continued or not run.mark else [replace(line, text=run.mark.strip(), x=x), line]
        top += run.size * LEADING
    return placed
