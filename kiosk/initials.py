"""The letter a name is looked up under: the pinyin initial of a Chinese name, the first letter of an English one."""

from __future__ import annotations

from bisect import bisect_right

from protocol.vocabulary import Language, Text

OTHER = "#"
"""For names that begin with a digit, a sign or a rare character."""

_LETTERS = "ABCDEFGHJKLMNOPQRSTWXYZ"
_FIRST_CHARACTERS = "啊芭擦搭蛾发噶哈击喀垃妈拿哦啪期然撒塌挖昔压匝"
"""GB 2312 orders its 3,755 common characters by pinyin: the first character of each letter."""
_END_OF_COMMON = b"\xd7\xf9"


def initial(name: Text, *, language: Language) -> str:
    """Return the letter ``A``-``Z`` a name is found under, or ``#``."""
    words = name.in_language(language).strip()
    if not words:
        return OTHER
    first = words[0].upper()
    if "A" <= first <= "Z":
        return first
    return _pinyin_initial(first)


def _pinyin_initial(character: str) -> str:
    try:
        code = character.encode("gb2312")
    except UnicodeEncodeError:
        return OTHER
    starts = [c.encode("gb2312") for c in _FIRST_CHARACTERS]
    if not starts[0] <= code <= _END_OF_COMMON:
        return OTHER
    return _LETTERS[bisect_right(starts, code) - 1]
