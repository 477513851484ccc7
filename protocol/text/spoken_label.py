"""How a window's label is read aloud: "A-12" is A, twelve; "三号" is three. What cannot be read is named. Pure.

A part is a number from 1 to 99, which is counted; a single digit of a longer number; or a letter. Full-width and
circled signs and Chinese numerals count as what they mean; hyphens, spaces and words such as 号窗口 are not read.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from protocol.text.window_names import bare_label

_NOT_READ = re.compile(r"[\s\-–—_·.,、/()（）#№]+")
_PARTS = re.compile(r"[0-9]+|[一二三四五六七八九十]+|.", re.DOTALL)
_NUMERALS = {sign: value for value, sign in enumerate("一二三四五六七八九十", start=1)}
_TENS = re.compile(r"([一二三四五六七八九])?十([一二三四五六七八九])?")


def spoken_parts(label: str) -> tuple[str, ...]:
    """Return the parts of a label in order: "1" to "99", "0" for a single naught, "A" to "Z", or an unreadable sign."""
    plain = _NOT_READ.sub(" ", "".join(map(_plain, bare_label(label))))
    return tuple(part for piece in _PARTS.findall(plain) for part in _read(piece) if not part.isspace())


def unspeakable(label: str) -> tuple[str, ...]:
    """Return the signs of a label that cannot be read aloud in both languages, each once."""
    return tuple(dict.fromkeys(part for part in spoken_parts(label) if not is_speakable(part)))


def is_speakable(part: str) -> bool:
    """Return whether a part is a number or a letter."""
    return part.isascii() and part.isalnum()


def _plain(sign: str) -> str:
    """Return ③ and Ⅲ as 3, and full-width signs as their usual ones."""
    is_numeral = unicodedata.category(sign) in {"Nl", "No"} and unicodedata.numeric(sign).is_integer()
    return str(int(unicodedata.numeric(sign))) if is_numeral else unicodedata.normalize("NFKC", sign)


def _read(piece: str) -> Iterator[str]:
    """Yield the parts of a number, or the sign itself."""
    if tens := _TENS.fullmatch(piece):
        yield str(10 * _NUMERALS.get(tens[1], 1) + _NUMERALS.get(tens[2], 0))
    elif piece[0] in _NUMERALS:
        yield from (str(_NUMERALS[sign]) for sign in piece)
    elif piece.isdecimal() and (len(piece) > 2 or piece[0] == "0"):
        yield from piece
    else:
        yield piece.upper()
