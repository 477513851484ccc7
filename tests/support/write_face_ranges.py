"""Writes ``protocol/text/face_ranges.py``: the characters that each face draws right, read from the fonts' own tables.

``make faces`` runs it where all font packages of ``tests/system_packages.py`` are installed.
"""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from textwrap import wrap

from fontTools.ttLib import TTFont

from hardware.fonts.faces import FONT_FILES, FontFile
from protocol.text.repertoire import Face

TARGET = Path(__file__).parents[2] / "protocol" / "text" / "face_ranges.py"
HEAD = '''"""Characters that each face draws right, as ranges of code points. Written by ``make faces``; not edited."""

from __future__ import annotations

RANGES = {
'''
JAMO = (range(0x1100, 0x1200), range(0xA960, 0xA980), range(0xD7B0, 0xD800))
"""Parts of Korean syllables, which need a shaping that is not done; whole syllables do not."""
JOINED_PICTURES = (range(0x1F1E6, 0x1F200), range(0x1F3FB, 0x1F400))
"""Letters of flags and tones of skin: alone they are not what is meant."""
RARE_HAN = (range(0x20000, 0x2A6E0), range(0x2A700, 0x2EBE1))
"""CJK Unified Ideographs Extension B to F."""
ARABIC = (range(0x0600, 0x0700), range(0x0750, 0x0780), range(0xFB50, 0xFE00), range(0xFE70, 0xFEFF))


def drawn_right(face: Face, character: str) -> bool:
    """Whether a character that stands in a face's font is drawn right by it."""
    code, category = ord(character), unicodedata.category(character)
    match face:
        case Face.ARABIC:
            return within(code, ARABIC) and category not in {"Cc", "Cf", "Cn", "Co"}
        case Face.RARE_HAN:
            return within(code, RARE_HAN)
        case Face.PICTOGRAPHS:
            return category[0] in "SPN" and not within(code, JOINED_PICTURES) and not within(code, ARABIC)
        case Face.HALL | Face.HAN:
            return category[0] not in "MC" and not within(code, JAMO)


def within(code: int, ranges: Iterable[range]) -> bool:
    """Whether a code point is in one of some ranges."""
    return any(code in some for some in ranges)


def characters_of(face: Face) -> set[int]:
    """Return the code points that a face draws right, regular and bold."""
    files = FONT_FILES[face]
    both = code_points(files.regular) & code_points(files.bold)
    return {code for code in both if drawn_right(face, chr(code))}


def code_points(file: FontFile) -> set[int]:
    """Return the code points that a font has a glyph for."""
    with TTFont(file.path, fontNumber=file.index, lazy=True) as font:
        return set(font.getBestCmap())


def ranges_of(codes: set[int]) -> Iterator[tuple[int, int]]:
    """Yield the first and last code point of each stretch without a gap."""
    first = last = None
    for code in sorted(codes):
        if last is not None and first is not None and code > last + 1:
            yield first, last
            first = code
        first = code if first is None else first
        last = code
    if first is not None and last is not None:
        yield first, last


def written(ranges: Iterable[tuple[int, int]]) -> str:
    """Return ranges as a Python text, ``4E00-9FA5 9FB4``, in lines that the formatter leaves alone."""
    words = " ".join(f"{first:X}" if first == last else f"{first:X}-{last:X}" for first, last in ranges)
    lines = wrap(words, 100)
    if len(lines) == 1:
        return f'"{words}"'
    return "(\n" + "".join(f'        "{line} "\n' for line in lines) + "    )"


def main() -> int:
    """Write the file."""
    body = "".join(f'    "{face}": {written(ranges_of(characters_of(face)))},\n' for face in Face)
    TARGET.write_text(f"{HEAD}{body}}}\n", encoding="utf-8")
    sys.stdout.write(f"{TARGET}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
