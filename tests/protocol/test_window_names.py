"""A window is named once, whatever its label already says."""

from __future__ import annotations

import pytest

from protocol.text.window_names import window_name
from protocol.vocabulary import Text


@pytest.mark.parametrize(
    ("label", "zh", "en"),
    [
        ("3", "3 号窗口", "window 3"),
        ("A-12", "A-12 号窗口", "window A-12"),
        ("三", "三 号窗口", "window 三"),
        ("③", "③ 号窗口", "window ③"),
        ("3号窗口", "3 号窗口", "window 3"),
        (" 3 号窗口 ", "3 号窗口", "window 3"),
        ("3号", "3 号窗口", "window 3"),
        ("第3号", "3 号窗口", "window 3"),
        ("窗口3", "3 号窗口", "window 3"),
        ("Window 3", "3 号窗口", "window 3"),
        ("B楼3", "B楼3 号窗口", "window B楼3"),
        ("综合", "综合窗口", "window 综合"),
        ("综合窗口", "综合窗口", "window 综合"),
        ("社保专窗", "社保专窗", "window 社保专窗"),
        ("窗口", "窗口", "window 窗口"),
        ("window-7", "window-7 号窗口", "window window-7"),
    ],
)
def test_the_word_for_a_window_is_added_once(label: str, zh: str, en: str) -> None:
    assert window_name(label) == Text(zh=zh, en=en)
