"""One line of text in the hall's faces, measured and drawn: the same for paper, kiosk and hall screen.

A line is split into runs of one face, each character in the first face that has it (``protocol.text.repertoire``), and
the runs are put into visual order. Chinese, Latin and signs are set glyph by glyph; what runs from right to left is
shaped by HarfBuzz. A character that no installed face has is drawn as a box.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import groupby
from typing import Literal

from PIL import Image, ImageDraw, ImageFont, features

from hardware.fonts.bidi_levels import can_run_right_to_left, embedding_levels
from hardware.fonts.boxes import note_box
from hardware.fonts.faces import FONT_FILES
from protocol.text.repertoire import IGNORED, Face, face_of

Weight = Literal["regular", "bold"]


@dataclass(frozen=True, kw_only=True)
class LineMetrics:
    """Room of a line above and below its baseline, px: that of the hall's own face, which the others keep to."""

    ascent: int
    descent: int

    @property
    def height(self) -> int:
        """Height of a line, px."""
        return self.ascent + self.descent


@dataclass(frozen=True, kw_only=True)
class _Run:
    """Characters of one face and direction, in logical order."""

    face: Face
    text: str
    level: int

    @property
    def runs_left(self) -> bool:
        return self.level % 2 == 1


@cache
def available_faces() -> frozenset[Face]:
    """Return the faces that this machine draws right."""
    installed = {face for face, files in FONT_FILES.items() if files.installed}
    joins_letters = features.check("raqm") and can_run_right_to_left()
    return frozenset(installed if joins_letters else installed - {Face.ARABIC})


@cache
def line_metrics(size: int, weight: Weight) -> LineMetrics:
    """Return the metrics of a line in one size (px)."""
    ascent, descent = _font(Face.HALL, size, weight, runs_left=False).getmetrics()
    return LineMetrics(ascent=ascent, descent=descent)


def text_length(text: str, *, size: int, weight: Weight) -> float:
    """Return the width of a line, px."""
    return sum(_run_length(run, size, weight) for run in _visual_runs(text))


def fit_line(text: str, *, width: float, size: int, weight: Weight) -> str:
    """Return a line, or as much of its beginning as fits ``width`` px with "…" behind it."""
    if text_length(text, size=size, weight=weight) <= width:
        return text
    fits = range(len(text))
    kept = bisect_right(fits, width, key=lambda count: text_length(f"{text[:count]}…", size=size, weight=weight)) - 1
    return f"{text[: max(kept, 0)]}…"


def draw_line(
    picture: Image.Image, position: tuple[float, float], text: str, *, size: int, weight: Weight, fill: int
) -> None:
    """Draw a line into a grey picture; ``position`` is the left end of its baseline."""
    draw = ImageDraw.Draw(picture)
    x, baseline = position
    for run in _visual_runs(text):
        files = FONT_FILES[run.face]
        draw.text(
            (x, baseline),
            run.text,
            font=_font(run.face, size, weight, runs_left=run.runs_left),
            fill=fill,
            anchor="ls",
            direction="rtl" if run.runs_left else None,
            stroke_width=size * (files.thickened_bold if weight == "bold" else files.thickened_regular),
        )
        x += _run_length(run, size, weight)


def _run_length(run: _Run, size: int, weight: Weight) -> float:
    font = _font(run.face, size, weight, runs_left=run.runs_left)
    return font.getlength(run.text, direction="rtl" if run.runs_left else None)


@lru_cache(maxsize=64)
def _font(face: Face, size: int, weight: Weight, *, runs_left: bool) -> ImageFont.FreeTypeFont:
    files = FONT_FILES[face]
    file = files.bold if weight == "bold" else files.regular
    engine = ImageFont.Layout.RAQM if runs_left else ImageFont.Layout.BASIC
    return ImageFont.truetype(str(file.path), size, index=file.index, layout_engine=engine)


@lru_cache(maxsize=1024)
def _visual_runs(text: str) -> tuple[_Run, ...]:
    """Return the runs of a line from left to right."""
    line = unicodedata.normalize("NFC", "".join(" " if sign.isspace() else sign for sign in text))
    runs = list(_logical_runs(line))
    for level in range(max((run.level for run in runs), default=0), 0, -1):  # rule L2 of the Unicode algorithm
        runs = [
            run
            for turned, together in groupby(runs, key=lambda run: run.level >= level)
            for run in (reversed(list(together)) if turned else together)
        ]
    return tuple(runs)


def _logical_runs(line: str) -> Iterator[_Run]:
    """Yield the runs of a line in the order in which it is read."""
    levels = embedding_levels(line)
    signs = [(_drawn_face(sign), level, sign) for sign, level in zip(line, levels, strict=True) if sign not in IGNORED]
    for (face, level), together in groupby(signs, key=lambda sign: sign[:2]):
        yield _Run(face=face, text="".join(sign for _, _, sign in together), level=level)


def _drawn_face(sign: str) -> Face:
    face = face_of(sign)
    if face in available_faces():
        return face
    if not sign.isspace():
        note_box(sign)
    return Face.HALL
