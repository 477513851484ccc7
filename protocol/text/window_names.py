"""How a window is named by its label: "3" is "3 号窗口" and "window 3", "综合" is "综合窗口". Pure.

A label that has such a word itself ("3号窗口", "综合窗口", "Window 3") does not get it twice.
"""

from __future__ import annotations

import re
import unicodedata

from protocol.vocabulary import Text

_BEFORE = re.compile(r"(第|窗口|window\s+|no\.\s*|№\s*)+(?=.)", re.IGNORECASE | re.DOTALL)
_BEHIND = re.compile(r"(?<=.)(号窗口?|号|窗口)\s*$", re.DOTALL)


def bare_label(label: str) -> str:
    """Return a label without the words that stand around it wherever the window is named: "3" of "3号窗口"."""
    found = label.strip()
    found = _BEFORE.sub("", found, count=1) if _BEFORE.match(found) else found
    return _BEHIND.sub("", found).rstrip() or found


def window_word(label: str) -> Text:
    """Return the word that stands beside a bare label: a number or letter is counted (号), a name is not."""
    bare = bare_label(label)
    if bare.endswith(("窗口", "窗")):
        return Text(zh="", en="Window")
    last = unicodedata.normalize("NFKC", bare)[-1:]
    is_counted = (last.isascii() and last.isalnum()) or unicodedata.numeric(last or "x", None) is not None
    return Text(zh="号窗口" if is_counted else "窗口", en="Window")


def window_name(label: str) -> Text:
    """Return a window's name, as it stands within a sentence."""
    bare, word = bare_label(label), window_word(label).zh
    return Text(zh=f"{bare} {word}" if word == "号窗口" else f"{bare}{word}", en=f"window {bare}")
