"""The characters that this device drew as boxes, for its status: what is seen by visitors is known to the staff."""

from __future__ import annotations

from hardware.fonts.faces import FONT_FILES
from protocol.text.repertoire import Face, face_of, name_characters
from protocol.vocabulary import Text

_KEPT = 20
"""Number of characters that are noted; a sentence names the first of them."""
_RIGHT_TO_LEFT_LIBRARY = "libfribidi0"

_drawn: dict[str, None] = {}


def note_box(sign: str) -> None:
    """Note that a character was drawn as a box, or would have been drawn wrong."""
    if len(_drawn) < _KEPT:
        _drawn.setdefault(sign)


def box_fault() -> Text | None:
    """Return which characters were drawn as boxes since the start, with what is missing for them; None for none."""
    return fault_of(tuple(_drawn)) if _drawn else None


def fault_of(signs: tuple[str, ...]) -> Text:
    """Return the sentence for characters that are drawn as boxes here."""
    names = name_characters(signs)
    packages = " ".join(sorted({package for sign in signs for package in _packages(face_of(sign))}))
    if not packages:
        return Text(zh=f"这些字符显示为方框：{names}", en=f"these characters are drawn as boxes: {names}")
    return Text(
        zh=f"这些字符显示为方框：{names}；请安装 {packages} 后重新启动本设备",
        en=f"these characters are drawn as boxes: {names}; install {packages}, then restart this device",
    )


def _packages(face: Face | None) -> set[str]:
    """Return the Debian packages that a face needs."""
    if face is None:
        return set()
    return {FONT_FILES[face].package} | ({_RIGHT_TO_LEFT_LIBRARY} if face is Face.ARABIC else set())
