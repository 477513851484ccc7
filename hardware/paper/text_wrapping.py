"""Breaks Chinese, English and mixed text into lines of a given width, the way readers of both expect."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from hardware.paper.chinese_words import WORDS

Measure = Callable[[str], float]
"""Returns the width of a text in one font, px."""

_BALANCE_PX = 16
"""Difference up to which the lines of a heading count as equally long, px."""

_NEVER_FIRST = frozenset("，。、；：？！）》」』】〉〕…—·％℃,.;:?!)]}%")
_NEVER_LAST = frozenset("（《「『【〈〔([{¥￥")
_HAN = r"\u2e80-\u9fff\uf900-\ufaff\ufe30-\uffef\U00020000-\U0003ffff"
_SEGMENTS = re.compile(rf"\s+|{'|'.join(sorted(WORDS, key=len, reverse=True))}|[{_HAN}]|[^\s{_HAN}]+")
"""Matches white space, a known Chinese word, one Chinese character (or full-width sign), or a run of anything else: an
English word."""


def wrap_text(text: str, *, measure: Measure, width: float) -> list[str]:
    """Return the lines of ``text``, none wider than ``width`` px; at least one, which may be empty.

    Chinese breaks between any two characters that are not in one known word, but no line begins with a closing sign or
    ends with an opening one; English breaks between words. A word wider than a line is cut. White space where a line
    breaks is dropped, all else is kept. Only a single character that is itself wider than ``width`` may stand out.
    """
    lines: list[str] = []
    line = ""
    for space, unit in _units(text):
        if line and measure(line + space + unit) <= width:
            line += space + unit
            continue
        if line:
            lines.append(line)
        *full, line = _cut(unit, measure=measure, width=width)
        lines.extend(full)
    return [*lines, line]


def wrap_balanced(text: str, *, measure: Measure, width: float) -> list[str]:
    """Return as many lines as ``wrap_text`` does, broken so that they are about equally long: for headings."""
    lines = wrap_text(text, measure=measure, width=width)
    if len(lines) == 1:
        return lines
    too_narrow, wide_enough = max(measure(unit) for _, unit in _units(text)) - 1, width
    while wide_enough - too_narrow > _BALANCE_PX:
        middle = (too_narrow + wide_enough) / 2
        narrower = wrap_text(text, measure=measure, width=middle)
        if len(narrower) > len(lines):
            too_narrow = middle
        else:
            lines, wide_enough = narrower, middle
    return lines


def words_of(text: str) -> list[str]:
    """Return the words of a text that readers want whole: those of letters, as in English, and known Chinese ones."""
    return [segment for segment in _SEGMENTS.findall(text) if len(segment) > 1 and not segment.isspace()]


def _units(text: str) -> Iterator[tuple[str, str]]:
    """Yield the units that must stay on one line, each with the white space before it (one blank, or none)."""
    space = before = unit = ""
    for segment in _SEGMENTS.findall(text):
        if segment.isspace():
            space = " "
            continue
        if unit and not space and (segment[0] in _NEVER_FIRST or unit[-1] in _NEVER_LAST):
            unit += segment
            continue
        if unit:
            yield before, unit
        before, unit, space = space, segment, ""
    if unit:
        yield before, unit


def _cut(unit: str, *, measure: Measure, width: float) -> list[str]:
    """Return ``unit`` in as few parts as fit a line; one part when it fits whole."""
    parts, part = [], ""
    for character in unit:
        if part and measure(part + character) > width:
            parts.append(part)
            part = character
        else:
            part += character
    return [*parts, part]
