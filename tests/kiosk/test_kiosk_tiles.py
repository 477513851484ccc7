"""Tiles in pages of nine, and the search by first letter."""

from __future__ import annotations

import pytest

from kiosk.state.menu import (
    Listing,
    TilePage,
    beginning_with,
    departments,
    initial,
    initials,
    services_of,
    tile_page,
    waiting_in,
)
from protocol.answers import ServicesAnswer
from protocol.vocabulary import Language, Text


@pytest.mark.parametrize(
    ("zh", "letter"),
    [
        ("公安", "G"),
        ("税务", "S"),
        ("人社", "R"),
        ("不动产登记", "B"),
        ("二手房转移登记", "E"),
        ("阿姨", "A"),
        ("座位", "Z"),
        ("ETC 办理", "E"),
        ("12345 热线", "#"),
        ("赟", "#"),
        ("𠮷", "#"),
        ("", "#"),
    ],
)
def test_a_chinese_name_is_found_under_its_pinyin_initial(zh: str, letter: str) -> None:
    assert initial(Text(zh=zh, en="x"), language=Language.ZH) == letter


def test_an_english_name_is_found_under_its_first_letter() -> None:
    assert initial(Text(zh="公安", en="public security"), language=Language.EN) == "P"


def test_the_example_county_has_13_departments_on_two_pages() -> None:
    assert tile_page(13, Listing(), large=False, whole=13) == TilePage(
        first=0, last=9, index=0, count=2, searchable=False
    )
    assert tile_page(13, Listing(index=1), large=False, whole=13) == TilePage(
        first=9, last=13, index=1, count=2, searchable=False
    )


def test_large_text_has_six_tiles_a_page() -> None:
    assert tile_page(13, Listing(index=2), large=True, whole=13) == TilePage(
        first=12, last=13, index=2, count=3, searchable=False
    )


def test_a_page_beyond_the_last_is_the_last() -> None:
    assert tile_page(13, Listing(index=7), large=False, whole=13).index == 1


def test_an_empty_list_is_one_empty_page() -> None:
    assert tile_page(0, Listing(), large=False, whole=0) == TilePage(
        first=0, last=0, index=0, count=1, searchable=False
    )


@pytest.mark.parametrize(("count", "searchable"), [(27, False), (28, True)])
def test_the_search_is_offered_only_beyond_three_pages(count: int, searchable: bool) -> None:  # noqa: FBT001 - a table's column
    assert tile_page(count, Listing(), large=False, whole=count).searchable is searchable


def test_departments_are_in_the_hubs_order_with_all_who_wait_for_them(menu: ServicesAnswer) -> None:
    shown = departments(menu)
    assert [d.id for d in shown] == [d.id for d in menu.departments]
    assert sum(waiting_in(menu, d.id) for d in shown) == sum(s.waiting for s in menu.services)


def test_a_department_without_services_has_no_tile(menu: ServicesAnswer) -> None:
    without = menu.model_copy(update={"services": services_of(menu, "police")})
    assert [d.id for d in departments(without)] == ["police"]


def test_each_letter_offered_finds_something_and_together_they_find_all(menu: ServicesAnswer) -> None:
    for language in Language:
        found = [
            s.id
            for letter in initials(menu.services, language=language)
            for s in beginning_with(menu.services, letter, language=language)
        ]
        assert sorted(found) == sorted(s.id for s in menu.services)
