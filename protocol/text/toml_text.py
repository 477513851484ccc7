"""Reads TOML as people save it: in the wrong encoding, or with punctuation of a Chinese keyboard."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from protocol.faults import WrongValue

_ASCII: Mapping[str, str] = MappingProxyType(
    {
        **{chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)},
        "\u3000": "a space",
        "\u201c": '"',
        "\u201d": '"',
        "\u2018": "'",
        "\u2019": "'",
        "\u3001": ",",
        "\u3002": ".",
        "\u3010": "[",
        "\u3011": "]",
    }
)
"""What is meant by a character of a Chinese keyboard."""
_QUOTES = "\u201c\u201d\u2018\u2019\uff02\uff07"
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"|' + r"'[^']*'")


def parse_toml(encoded: bytes) -> dict[str, Any]:
    """Return the values of a TOML file. Raises WrongValue with a sentence that names what to do."""
    text = _decoded(encoded)
    if not text.strip():  # what a power cut leaves of a file that was just saved
        raise WrongValue(
            "是空的：请放回原来的内容；全用默认值时写一行注释",
            "is empty: put its content back, or a comment for defaults",
        )
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        for line, column, character in _full_width(text):
            meant = _ASCII[character]
            raise WrongValue(
                f"第 {line} 行第 {column} 列的 {character} 是全角符号，请改为 {meant}",
                f"line {line}, column {column}: {character} is full-width, write {meant}",
            ) from error
        raise WrongValue(f"不是正确的 TOML：{error}", f"is not valid TOML: {error}") from error


def _decoded(encoded: bytes) -> str:
    try:
        text = encoded.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _not_utf8() from error
    if "\0" in text:  # UTF-16 without its mark
        raise _not_utf8()
    return text


def _not_utf8() -> WrongValue:
    return WrongValue("不是 UTF-8 编码，请在编辑器里另存为 UTF-8", "is not UTF-8: save as UTF-8 in the editor")


def _full_width(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield line, column and character of punctuation outside texts and comments, where TOML has none."""
    for number, line in enumerate(text.splitlines(), start=1):
        code = _STRING.sub(lambda found: " " * len(found[0]), line).partition("#")[0]
        opened = re.search("[\"']", code)  # a text that a full-width quote was to end
        for column, character in enumerate(code, start=1):
            inside = opened is not None and column > opened.start()
            if character in _ASCII and (not inside or character in _QUOTES):
                yield number, column, character
