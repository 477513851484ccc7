"""What stands over a window can be read aloud, or what cannot is named."""

from __future__ import annotations

import pytest

from protocol.text.spoken_label import spoken_parts, unspeakable


@pytest.mark.parametrize(
    ("label", "parts"),
    [
        ("3", ["3"]),
        ("12", ["12"]),
        ("100", ["1", "0", "0"]),
        ("03", ["0", "3"]),
        ("A1", ["A", "1"]),
        ("a-12", ["A", "12"]),
        ("B 3", ["B", "3"]),
        ("1/2", ["1", "2"]),
        ("三", ["3"]),
        ("十二", ["12"]),
        ("二十五", ["25"]),
        ("3号", ["3"]),
        ("3号窗口", ["3"]),
        ("１２", ["12"]),
        ("③", ["3"]),
        ("Ⅻ", ["12"]),
        ("VIP", ["V", "I", "P"]),
        ("综合1", ["综", "合", "1"]),
    ],
)
def test_a_label_is_read_in_parts(label: str, parts: list[str]) -> None:
    assert list(spoken_parts(label)) == parts


@pytest.mark.parametrize(
    ("label", "signs"), [("3", ""), ("A-12", ""), ("十二", ""), ("综合1", "综合"), ("㐂", "㐂"), ("★1", "★")]
)
def test_what_cannot_be_read_in_both_languages_is_named(label: str, signs: str) -> None:
    assert "".join(unspeakable(label)) == signs
