"""What is wrong with the names in a description, although it can be used.

A language or a name is missing, a name has a line break, or it has signs that devices cannot draw or speak.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pydantic import BaseModel

from protocol.text.repertoire import name_characters, undrawable
from protocol.text.spoken_label import spoken_parts, unspeakable
from protocol.text.window_names import bare_label
from protocol.vocabulary import Text


def text_remarks(model: BaseModel) -> list[str]:
    """Return one sentence, Chinese and English, for each text that paper, kiosk, screen or voice cannot give right."""
    nodes = list(_nodes(model, ""))
    texts = [(place, value.zh + value.en) for place, value in nodes if isinstance(value, Text)]
    labels = [(place, value) for place, value in nodes if isinstance(value, str) and place.endswith(".label")]
    names = [(place, text) for place, text in texts if place.endswith("name")]
    halves = [(place, value) for place, value in nodes if isinstance(value, Text)]
    return [
        *_missing_languages(halves),
        *_line_breaks([*names, *labels]),
        *_drawing_remarks([*texts, *labels]),
        *_speaking_remarks(labels),
        *_doubled_words(labels),
    ]


def _missing_languages(texts: Iterable[tuple[str, Text]]) -> Iterator[str]:
    for place, text in texts:
        is_needed = place.endswith("name") or bool(text.zh.strip() + text.en.strip())
        if is_needed and not text.zh.strip():
            yield f"{place}: 缺少中文 / the Chinese is missing"
        if is_needed and not text.en.strip():
            yield f"{place}: 缺少英文 / the English is missing"


def _line_breaks(names: Iterable[tuple[str, str]]) -> Iterator[str]:
    for place, name in names:
        if len(name.splitlines()) > 1 or name.endswith("\n"):
            yield f"{place}: 应写在一行里 / must stand on one line"


def _drawing_remarks(texts: Iterable[tuple[str, str]]) -> Iterator[str]:
    for place, text in texts:
        if characters := undrawable(text):
            names = name_characters(characters)
            yield (
                f"{place}: 票、取号机和大屏画不出 {names}，会显示为方框 / "
                f"paper, kiosk and screen cannot draw {names} and show a box"
            )


def _speaking_remarks(labels: Iterable[tuple[str, str]]) -> Iterator[str]:
    for place, label in labels:
        names = name_characters(unspeakable(label))
        if names or not spoken_parts(label):
            yield (
                f"{place}: 广播读不出 {names or repr(label)}，请用数字和字母 / "
                f"the voice cannot read {names or repr(label)} in both languages: use digits and letters"
            )


def _doubled_words(labels: Iterable[tuple[str, str]]) -> Iterator[str]:
    for place, label in labels:
        if bare_label(label) != label.strip():
            yield (
                f"{place}: “号窗口”会自动加上，只写前面的部分，例如 3 / "
                f'"号窗口" is added by itself: write only what stands before it, such as 3, not {label!r}'
            )


def _nodes(value: object, place: str) -> Iterator[tuple[str, object]]:
    """Yield every value of a description with its place in the file: ``windows[window-3].label``."""
    yield place, value
    if isinstance(value, BaseModel) and not isinstance(value, Text):
        for name, part in value:
            yield from _nodes(part, f"{place}.{name}" if place else name)
    elif isinstance(value, tuple):
        for index, part in enumerate(value):
            yield from _nodes(part, f"{place}[{getattr(part, 'id', index)}]")
