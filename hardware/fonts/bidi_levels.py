"""Which way each character of a line runs: the Unicode bidirectional algorithm of the system's FriBidi.

FriBidi is also what Pillow joins Arabic letters with: where it is missing (Debian ``libfribidi0``), no text that runs
from right to left can be drawn.
"""

from __future__ import annotations

import ctypes
import unicodedata
from functools import cache

_BY_FIRST_LETTER = 0x40
"""FRIBIDI_PAR_ON of <fribidi-bidi-types.h>: the first letter that has a direction gives the paragraph's."""
_RIGHT_TO_LEFT = frozenset({"R", "AL", "AN", "RLE", "RLO", "RLI"})
_LEFT_TO_RIGHT_MARK, _RIGHT_TO_LEFT_MARK = "\u200e", "\u200f"


def embedding_levels(line: str) -> list[int]:
    """Return the level of each character; an odd one runs from right to left."""
    library = _fribidi()
    if library is None or not any(unicodedata.bidirectional(sign) in _RIGHT_TO_LEFT for sign in line):
        return [0] * len(line)
    levels = (ctypes.c_int8 * len(line))()
    direction = ctypes.c_uint32(_BY_FIRST_LETTER)
    codes = (ctypes.c_uint32 * len(line))(*map(ord, line))
    library.fribidi_log2vis(codes, len(line), ctypes.byref(direction), None, None, None, levels)
    return list(levels)


def can_run_right_to_left() -> bool:
    """Return whether FriBidi is there."""
    return _fribidi() is not None


def keep_direction(line: str, *, of: str) -> str:
    """Return a line of a longer text so that it runs as the whole does, whatever letter the line begins with."""
    runs_left = _first_direction(of) == "R"
    if (_first_direction(line) == "R") is runs_left:
        return line
    return (_RIGHT_TO_LEFT_MARK if runs_left else _LEFT_TO_RIGHT_MARK) + line


def _first_direction(text: str) -> str:
    """Return "L" or "R", as the first letter that has a direction runs."""
    directions = (unicodedata.bidirectional(sign) for sign in text)
    return next(("L" if direction == "L" else "R" for direction in directions if direction in {"L", "R", "AL"}), "L")


@cache
def _fribidi() -> ctypes.CDLL | None:
    try:
        return ctypes.CDLL("libfribidi.so.0")
    except OSError:
        return None
