"""Text from a code scanner, which types what it reads like a keyboard and ends with Enter."""

from __future__ import annotations

from collections.abc import Collection

_ENTER = frozenset({13, 271})
"""Kivy's numbers of Enter, and of Enter on the number pad."""
_BETWEEN_KEYS_S = 1.0
"""Longest interval between two keys of one text, seconds; a scanner types much faster."""
_LONGEST = 400
"""Length at which a text is cut, characters, so that a stuck key cannot fill the memory."""
_PLAIN, _SHIFTED = "`1234567890-=[]\\;',./", '~!@#$%^&*()_+{}|:"<>?'


class ScannedKeys:
    """The keys since the last Enter, of a keyboard with the American layout, as scanners are delivered."""

    def __init__(self) -> None:
        self._text = ""
        self._last_at = 0.0

    def press(self, key: int, modifiers: Collection[str], *, at: float) -> str | None:
        """Take a key (Kivy's number) at a time in seconds; return the text when the key is Enter and there is one."""
        text = self._text if at - self._last_at <= _BETWEEN_KEYS_S else ""
        self._last_at = at
        if key in _ENTER:
            self._text = ""
            return text or None
        self._text = (text + character_of(key, modifiers))[:_LONGEST]
        return None


def character_of(key: int, modifiers: Collection[str]) -> str:
    """Return the character that a key types; empty for a key that types none, such as Shift."""
    if not 32 <= key < 127:
        return ""
    plain = chr(key)
    if plain.isalpha():
        return plain.upper() if ("shift" in modifiers) != ("capslock" in modifiers) else plain
    return _SHIFTED[_PLAIN.index(plain)] if "shift" in modifiers and plain in _PLAIN else plain


def keys_of(text: str) -> list[tuple[int, list[str]]]:
    """Return the keys and modifiers with which a scanner types a text and Enter; the inverse of ScannedKeys."""
    return [*(_key_of(letter) for letter in text if 32 <= ord(letter) < 127), (13, [])]


def _key_of(letter: str) -> tuple[int, list[str]]:
    if letter.isupper():
        return ord(letter.lower()), ["shift"]
    if letter in _SHIFTED:
        return ord(_PLAIN[_SHIFTED.index(letter)]), ["shift"]
    return ord(letter), []
