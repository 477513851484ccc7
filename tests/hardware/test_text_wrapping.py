"""Lines broken the way readers of Chinese and English expect."""

from __future__ import annotations

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.fonts.lettering import text_length
from hardware.paper.text_wrapping import wrap_balanced, wrap_text

HALL_TEXT = st.text(alphabet="请带齐居民户口簿，。（）《》、Resident card-ID 0123456789·–  \n\tﬀé", max_size=80)
ANY_TEXT = st.text(st.characters(blacklist_categories=("Cs",)), max_size=60)
WIDTHS = st.integers(min_value=60, max_value=600)


def half_width(text: str) -> float:
    """Ten px for a Latin letter, twenty for a Chinese one."""
    return sum(10 if ord(c) < 0x2E80 else 20 for c in text)


def without_space(text: str) -> str:
    return "".join(text.split())


@given(text=HALL_TEXT | ANY_TEXT, width=WIDTHS)
def test_no_character_is_lost_and_no_line_is_too_wide_in_the_hall_s_typeface(text: str, width: int) -> None:
    measure = partial(text_length, size=30, weight="regular")
    for wrap in (wrap_text, wrap_balanced):
        lines = wrap(text, measure=measure, width=width)
        assert without_space("".join(lines)) == without_space(text)
        assert all(measure(line) <= width or len(line) == 1 for line in lines)
        assert all(line == line.strip() for line in lines)


@given(text=HALL_TEXT, width=WIDTHS)
def test_a_balanced_heading_has_no_more_lines(text: str, width: int) -> None:
    plain = wrap_text(text, measure=half_width, width=width)
    balanced = wrap_balanced(text, measure=half_width, width=width)
    assert len(balanced) <= len(plain)
    assert max(map(half_width, balanced)) <= max(map(half_width, plain))


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", [""]),
        ("   ", [""]),
        ("居民身份证", ["居民身份证"]),
        ("请带齐以下材料再来", ["请带齐以下", "材料再来"]),
        ("户口簿原件，照片", ["户口簿", "原件，照片"]),
        ("请带上本《户口簿》", ["请带上本", "《户口簿》"]),
        ("bring all of these", ["bring all", "of these"]),
        ("请到 A 区等候", ["请到 A 区", "等候"]),
        ("Donaudampfschifffahrt", ["Donaudampf", "schifffahr", "t"]),
        ("（公安机关）", ["（公安机", "关）"]),
        ("请您快来扫码查看", ["请您快来", "扫码查看"]),
        ("到了先在扫码报到", ["到了先在", "扫码报到"]),
        ("我换领新身份证", ["我换领新", "身份证"]),
        ("社会保障卡", ["社会保障卡"]),
    ],
)
def test_lines_of_ten_letters_or_five_characters_break_where_readers_expect_it(text: str, lines: list[str]) -> None:
    assert wrap_text(text, measure=half_width, width=100) == lines


def test_a_heading_is_broken_into_equal_lines_and_never_inside_a_word() -> None:
    assert wrap_balanced("企业职工基本养老保险", measure=half_width, width=160) == ["企业职工基本", "养老保险"]
    assert wrap_balanced("Resident ID card", measure=half_width, width=120) == ["Resident", "ID card"]
    assert wrap_balanced("企业开办一站式服务", measure=half_width, width=160) == ["企业开办", "一站式服务"]
    assert wrap_balanced("异地就医备案（跨省临时外出人员）", measure=half_width, width=220) == [
        "异地就医备案（跨省",
        "临时外出人员）",
    ]
