"""The announcement of a call in both languages."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from hardware.voice.phrases import Phrase, phrase_for
from protocol.retained_messages import Call
from protocol.vocabulary import Language, Text


def call(number: str = "A017", window_label: str = "3") -> Call:
    return Call(
        number=number,
        window="window-3",
        window_label=window_label,
        area=Text(zh="一楼", en="Floor 1"),
        call_seq=1,
        called_at=datetime(2026, 11, 23, tzinfo=UTC),
    )


def phrase(language: Language, *, window_label: str = "3", brief: bool = False) -> Phrase:
    return phrase_for(call(window_label=window_label), language, brief=brief)


def test_a_call_in_mandarin() -> None:
    assert phrase(Language.ZH) == Phrase(
        language=Language.ZH,
        text="请 A 零 幺 七 号，到 三 号窗口。",
        clips=(("qing", "letter-a", "digit-0", "digit-yao", "digit-7", "hao"), ("dao", "digit-3", "hao-chuangkou")),
    )
    assert phrase(Language.ZH, brief=True) == Phrase(
        language=Language.ZH,
        text="A 零 幺 七，三 号窗口。",
        clips=(("letter-a", "digit-0", "digit-yao", "digit-7"), ("digit-3", "hao-chuangkou")),
        brief=True,
    )


def test_a_call_in_english() -> None:
    assert phrase(Language.EN) == Phrase(
        language=Language.EN,
        text="Number A, 0, 1, 7, please go to window 3.",
        clips=(("number", "letter-a", "digit-0", "digit-1", "digit-7"), ("please-go-to-window", "digit-3")),
    )
    assert phrase(Language.EN, brief=True) == Phrase(
        language=Language.EN,
        text="A 0 1 7, window 3.",
        clips=(("letter-a", "digit-0", "digit-1", "digit-7"), ("window", "digit-3")),
        brief=True,
    )


@pytest.mark.parametrize(
    ("label", "counted", "chinese", "english"),
    [
        ("1", "一", ("digit-1",), ("digit-1",)),
        ("10", "十", ("digit-10",), ("digit-10",)),
        ("12", "十二", ("digit-10", "digit-2"), ("digit-12",)),
        ("20", "二十", ("digit-2", "digit-10"), ("digit-20",)),
        ("25", "二十五", ("digit-2", "digit-10", "digit-5"), ("digit-20", "digit-5")),
        ("110", "一 一 零", ("digit-1", "digit-1", "digit-0"), ("digit-1", "digit-1", "digit-0")),
        ("B3", "B 三", ("letter-b", "digit-3"), ("letter-b", "digit-3")),
        ("A-12", "A 十二", ("letter-a", "digit-10", "digit-2"), ("letter-a", "digit-12")),
        ("三", "三", ("digit-3",), ("digit-3",)),
        ("3号窗口", "三", ("digit-3",), ("digit-3",)),
        ("１２", "十二", ("digit-10", "digit-2"), ("digit-12",)),
        ("07", "零 七", ("digit-0", "digit-7"), ("digit-0", "digit-7")),
        ("综合1", "综 合 一", ("sign-综", "sign-合", "digit-1"), ("digit-1",)),
    ],
)
def test_a_window_is_counted_not_spelled(
    label: str, counted: str, chinese: tuple[str, ...], english: tuple[str, ...]
) -> None:
    mandarin = phrase(Language.ZH, window_label=label)
    assert mandarin.text.endswith(f"到 {counted} 号窗口。")
    assert mandarin.clips[1] == ("dao", *chinese, "hao-chuangkou")
    assert phrase(Language.EN, window_label=label).clips[1] == ("please-go-to-window", *english)


def test_a_label_with_a_hyphen_or_a_chinese_number_is_no_different_from_its_plain_form() -> None:
    for label, plain in (("B-3", "B3"), ("十二", "12"), ("③", "3")):
        for language in Language:
            assert phrase(language, window_label=label) == phrase(language, window_label=plain)
