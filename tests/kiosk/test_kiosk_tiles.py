"""Tiles in pages of nine, the search by first letter, and long names: whole, in the width, with no word broken."""

from __future__ import annotations

import pickle
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from picture_folder import picture_folder

from kiosk.screens.display_list import DisplayList, Rect, ScreenFormat, TextLine
from kiosk.screens.draw_page import draw_page
from kiosk.screens.typesetting import width_of
from kiosk.state.events import ChooseService
from kiosk.state.kiosk_state import KioskState, Selection, Step
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
from protocol.vocabulary import Language, ServiceId, Text

FORMATS = (ScreenFormat(width_px=1920, height_px=1080), ScreenFormat(width_px=1080, height_px=1920))
NAMES = (
    ("居民身份证办理", "Resident ID card"),
    ("不动产转移登记及抵押权首次登记", "First registration of a mortgage and transfer of real estate"),
    (
        "城乡居民基本养老保险待遇申领",
        "Claiming basic old-age insurance benefits for urban and rural residents",
    ),
    (
        "异地就医备案（跨省临时外出人员）",
        "Registration of medical treatment elsewhere (temporary stays in other provinces)",
    ),
    ("企业开办一站式服务", "Starting a business"),
    ("个体工商户设立登记", "Registering a self-employed business"),
    ("出入境证件（护照、港澳通行证）", "Travel documents (passport, permit for Hong Kong and Macao)"),
    (
        "道路运输从业人员从业资格证换证、补证、变更、注销",
        "Renewing, replacing, changing or cancelling the qualification certificate of road transport staff",
    ),
    ("公积金提取", "Housing provident fund withdrawal"),
)
WHOLE_WORDS = ("一站式", "资格证", "养老", "保险", "临时", "身份证", "通行证", "登记", "工商户", "抵押权", "变更")


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


def page_of(menu: ServicesAnswer, form: ScreenFormat, language: Language, *, large: bool, count: int) -> DisplayList:
    services = [
        menu.services[0].model_copy(
            update={"id": ServiceId(f"s-{turn}"), "department": "police", "name": Text(zh=zh, en=en), "offered": True}
        )
        for turn, (zh, en) in enumerate((NAMES * 2)[:count])
    ]
    state = KioskState(
        boot="kiosk-1:test",
        menu=menu.model_copy(update={"services": services}),
        language=language,
        large=large,
        step=Step.SERVICE,
        selection=Selection(department="police"),
    )
    return draw_page(replace(state, help_open=False), form, at=0.0, public_url="")


@pytest.fixture(scope="module")
def pages(menu: ServicesAnswer) -> dict[str, tuple[Language, DisplayList]]:
    return {
        f"{language.value}{'-large' if large else ''}-{count}-{form.width_px}": (
            language,
            page_of(menu, form, language, large=large, count=count),
        )
        for language in Language
        for large in (False, True)
        for count in (9, 18)
        for form in FORMATS
    }


def lines_on(page: DisplayList, tile: Rect) -> list[TextLine]:
    return [item for item in page.items if isinstance(item, TextLine) and tile.contains(item.x, item.y)]


def test_each_name_is_whole_on_its_tile_in_the_visitors_language(
    pages: dict[str, tuple[Language, DisplayList]],
) -> None:
    for key, (language, page) in pages.items():
        tiles = [target for target in page.targets if isinstance(target.touch, ChooseService)]
        assert tiles, key
        for tile in tiles:
            lines = [line for line in lines_on(page, tile.rect) if line.bold]
            between = "" if language is Language.ZH else " "
            assert between.join(line.text for line in lines) == tile.text, key
            assert not [line.text for line in lines_on(page, tile.rect) if line.text.endswith("…")], key


def test_no_known_word_is_broken_and_lines_use_the_width(pages: dict[str, tuple[Language, DisplayList]]) -> None:
    for key, (_, page) in pages.items():
        for tile in [target for target in page.targets if isinstance(target.touch, ChooseService)]:
            lines = [line for line in lines_on(page, tile.rect) if line.bold]
            texts = [line.text for line in lines]
            for word in WHOLE_WORDS:
                assert "".join(texts).count(word) == sum(text.count(word) for text in texts), (key, texts)
            wide = [width_of(line.text, size=line.size, bold=True) for line in lines]
            assert len(wide) == 1 or min(wide) > 0.4 * max(wide), (key, texts)
            assert len(wide) == 1 or sum(wide) > 0.5 * tile.rect.w, (key, texts)


def test_a_name_is_small_only_where_it_has_no_room(pages: dict[str, tuple[Language, DisplayList]]) -> None:
    for language in ("zh", "en"):
        for width in (1920, 1080):
            _, page = pages[f"{language}-9-{width}"]
            sizes = {
                line.size
                for tile in page.targets
                if isinstance(tile.touch, ChooseService)
                for line in lines_on(page, tile.rect)
                if line.bold
            }
            assert min(sizes) >= (36 if language == "zh" else 28), (language, width)


def test_pages_of_long_names_are_painted(pages: dict[str, tuple[Language, DisplayList]], tmp_path: Path) -> None:
    folder = picture_folder("long-names", otherwise=tmp_path)
    program = Path(__file__).with_name("paint_display_lists.py")
    for form in FORMATS:
        lists = {key: page for key, (_, page) in pages.items() if key.endswith(str(form.width_px))}
        (folder / "lists").write_bytes(pickle.dumps(lists))
        size = (str(form.width_px), str(form.height_px))
        subprocess.run([sys.executable, str(program), str(folder / "lists"), str(folder), *size], check=True)
        assert all((folder / f"{key}.png").stat().st_size > 10_000 for key in lists)
