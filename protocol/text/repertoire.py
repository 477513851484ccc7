"""Which characters paper, kiosk and hall screen draw right, each in which face; what they cannot draw is named.

The ranges are data (``protocol.text.face_ranges``), so that the hub, which has no fonts, can check a text that its
devices will draw. A character that is in no range is drawn as a box.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from enum import StrEnum
from functools import cache

from protocol.text.face_ranges import RANGES
from protocol.vocabulary import Text


class Face(StrEnum):
    """A typeface of the hall; a character is drawn in the first one that has it."""

    HALL = "hall"
    """Noto Sans SC, which is part of this system: GBK."""
    HAN = "han"
    """Noto Sans CJK SC: the same design with CJK Extension A, part of B, and Korean."""
    ARABIC = "arabic"
    """Noto Sans Arabic UI: Uyghur, Kazakh and Kirghiz in Arabic letters, right to left and joined."""
    PICTOGRAPHS = "pictographs"
    """Symbola: signs and emoji, in one colour."""
    RARE_HAN = "rare-han"
    """HanaMin B: the rest of CJK Extension B to F, as GB 18030 has them."""


_NAMED_AT_MOST = 8
"""Number of characters that a sentence names."""
IGNORED = frozenset("\u200b\u200c\u200e\u200f\u2060\ufe0e\ufe0f\ufeff")
"""Characters without a picture of their own that change nothing about how a text is drawn here."""


def face_of(character: str) -> Face | None:
    """Return the face that draws a character right; None when no face does."""
    code = ord(character)
    return next((face for face in Face if _has(face, code)), None)


def undrawable(text: str) -> tuple[str, ...]:
    """Return the characters of a text that cannot be drawn right, each once, in order."""
    composed = unicodedata.normalize("NFC", text)
    return tuple(dict.fromkeys(sign for sign in composed if not _is_drawable(sign)))


def undrawable_in(text: Text) -> tuple[str, ...]:
    """Return the characters that cannot be drawn right in either language of a text."""
    return undrawable(text.zh + text.en)


def name_characters(characters: Sequence[str]) -> str:
    """Return characters as a sentence names them, "𝄞 (U+1D11E)"; of many the first ones."""
    named = ", ".join(_name(sign) for sign in characters[:_NAMED_AT_MOST])
    return f"{named} …" if len(characters) > _NAMED_AT_MOST else named


def _name(sign: str) -> str:
    code = f"U+{ord(sign):04X}"
    return f"{sign} ({code})" if unicodedata.category(sign)[0] not in "CMZ" else code


def _is_drawable(sign: str) -> bool:
    return face_of(sign) is not None or sign in IGNORED or sign in "\t\n\r"


def _has(face: Face, code: int) -> bool:
    firsts, lasts = _table(face)
    place = bisect_right(firsts, code) - 1
    return place >= 0 and code <= lasts[place]


@cache
def _table(face: Face) -> tuple[list[int], list[int]]:
    """Return the first and last code point of each range of a face, ascending."""
    ranges = [word.partition("-") for word in RANGES[face].split()]
    return [int(first, 16) for first, _, _ in ranges], [int(last or first, 16) for first, _, last in ranges]
