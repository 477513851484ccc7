"""A ticket as it is drawn for the printer."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from PIL import Image
from printed_paper import check_margins, ink, qr_corner

from hardware.paper.paper_blocks import NUMBER_HEIGHT
from hardware.paper.paper_strips import MARGIN, draw_number, encode_qr
from hardware.paper.paper_text import date_text, people_ahead_text, promise_text, where_text
from hardware.paper.paper_width import PaperWidth
from hardware.paper.ticket_layout import TicketPaper, draw_ticket
from protocol.vocabulary import Language, Promise, Text

MakeTicket = Callable[..., TicketPaper]
LONG = {
    "number": "AB123",
    "reprint": True,
    "hall": Text(
        zh="竹溪县人民政府政务服务和大数据管理局综合政务服务中心",
        en="Zhuxi County People's Government Comprehensive Administrative Service Centre",
    ),
    "service": Text(
        zh="企业职工基本养老保险关系转移接续申请", en="Transfer of basic pension insurance for enterprise employees"
    ),
    "area": Text(zh="二楼东侧社会保险服务专区", en="Floor 2, east side, social insurance service zone"),
    "people_ahead": 1234,
    "promise": Promise(low_min=125, high_min=245, past_closing=True),
    "materials": tuple(
        Text(zh=f"第{n}项：近期免冠照片回执（照相馆出具）", en=f"Item {n}: photograph receipt of a recognised studio")
        for n in range(20)
    ),
}
BARE = {"materials": (), "promise": None, "people_ahead": None, "qr_address": ""}


@pytest.mark.parametrize("width", PaperWidth)
@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("changes", [{}, LONG, BARE], ids=["usual", "long", "bare"])
def test_nothing_runs_off_the_paper(
    make_ticket: MakeTicket, width: PaperWidth, language: Language, changes: dict[str, object]
) -> None:
    check_margins(draw_ticket(make_ticket(language=language, **changes), width=width), width=width)


@pytest.mark.parametrize("number", ["A017", "T999", "W000", "B1"])
@pytest.mark.parametrize("width", PaperWidth)
def test_the_number_has_its_height_and_fits(number: str, width: PaperWidth) -> None:
    left, top, right, bottom = ink(draw_number(number, width=width, height=NUMBER_HEIGHT))
    assert bottom - top >= 180
    assert left >= MARGIN
    assert right <= width - MARGIN


@pytest.mark.parametrize(("width", "tall"), [(PaperWidth.MM_80, 180), (PaperWidth.MM_58, 140)])
def test_a_long_number_is_squeezed_and_then_made_smaller_but_never_cut(width: PaperWidth, tall: int) -> None:
    left, top, right, bottom = ink(draw_number("AB123", width=width, height=NUMBER_HEIGHT))
    assert bottom - top >= tall
    assert left >= MARGIN
    assert right <= width - MARGIN


@pytest.mark.parametrize("width", PaperWidth)
def test_the_qr_code_is_on_the_ticket_module_by_module_with_its_quiet_zone(
    make_ticket: MakeTicket, width: PaperWidth
) -> None:
    ticket = make_ticket()
    modules = encode_qr(ticket.qr_address)
    with_code = draw_ticket(ticket, width=width).convert("L")
    rows = with_code.height - draw_ticket(replace(ticket, qr_address=""), width=width).height
    count = len(modules)
    module = -(-200 // count)
    assert count * module >= 200
    assert rows >= (count + 8) * module

    left, top = qr_corner(with_code, modules, module)
    quiet = 4 * module
    framed = with_code.crop((left - quiet, top - quiet, left + count * module + quiet, top + count * module + quiet))
    drawn = framed.resize((count + 8, count + 8), Image.Resampling.BOX)
    expected = [[0 if black else 255 for black in row] for row in _with_quiet_zone(modules)]
    assert [[drawn.getpixel((x, y)) for x in range(count + 8)] for y in range(count + 8)] == expected


def _with_quiet_zone(modules: list[list[bool]]) -> list[list[bool]]:
    empty = [[False] * (len(modules) + 8) for _ in range(4)]
    return [*empty, *([False] * 4 + row + [False] * 4 for row in modules), *empty]


def test_each_text_of_the_ticket_changes_the_picture(make_ticket: MakeTicket) -> None:
    changes = [
        {},
        {"number": "A018"},
        {"hall": Text(zh="大厅", en="Hall")},
        {"service": Text(zh="发票", en="Invoice")},
        {"area": Text(zh="二楼", en="Floor 2")},
        {"people_ahead": 8},
        {"people_ahead": None},
        {"promise": None},
        {"promise": Promise(low_min=125, high_min=245)},
        {"promise": Promise(low_min=125, high_min=245, past_closing=True)},
        {"materials": ()},
        {"qr_address": "http://192.168.1.10:8080/t/other"},
        {"reprint": True},
        {"language": Language.EN},
    ]
    pictures = {draw_ticket(make_ticket(**change)).tobytes() for change in changes}
    assert len(pictures) == len(changes)


def test_a_reprint_is_the_same_ticket_under_a_black_bar(make_ticket: MakeTicket) -> None:
    first, again = draw_ticket(make_ticket()), draw_ticket(make_ticket(reprint=True))
    added = again.height - first.height
    assert (
        again.crop((0, added + 8, again.width, again.height)).tobytes()
        == first.crop((0, 8, first.width, first.height)).tobytes()
    )
    bar = again.crop((MARGIN, 0, again.width - MARGIN, added)).convert("L")
    assert sum(bar.histogram()[:128]) > 0.5 * bar.width * bar.height


def test_twenty_things_to_bring_have_twenty_boxes(make_ticket: MakeTicket) -> None:
    item = Text(zh="照片", en="Photograph")
    heights = [draw_ticket(make_ticket(materials=(item,) * n)).height for n in (1, 2, 20)]
    step = heights[1] - heights[0]
    assert heights[2] - heights[0] == 19 * step
    assert step >= 40


def test_a_usual_ticket_is_drawn_fast_enough_for_a_raspberry_pi(make_ticket: MakeTicket) -> None:
    ticket = make_ticket()
    draw_ticket(ticket)
    times = []
    for _ in range(5):
        begin = time.thread_time()
        draw_ticket(ticket)
        times.append(time.thread_time() - begin)
    assert min(times) < 0.06


def test_people_ahead_and_wait_are_whole_sentences() -> None:
    assert [people_ahead_text(n) for n in (None, 0, 1, 7)] == [
        None,
        Text(zh="前面没有人", en="Nobody ahead of you"),
        Text(zh="前面 1 人", en="1 person ahead"),
        Text(zh="前面 7 人", en="7 people ahead"),
    ]
    assert promise_text(None) == Text(zh="等候时间暂时说不准", en="Waiting time not known yet")
    assert promise_text(Promise(low_min=20, high_min=35)) == Text(zh="预计 20–35 分钟", en="about 20–35 min")
    assert promise_text(Promise(low_min=5, high_min=5)) == Text(zh="预计 5 分钟", en="about 5 min")
    assert where_text(Text(zh="一楼 A 区", en="Floor 1, area A")) == Text(
        zh="请到 一楼 A 区 等候", en="Please wait: Floor 1, area A"
    )


def test_the_time_on_the_ticket_is_the_hall_s_own(make_ticket: MakeTicket) -> None:
    ticket = make_ticket()  # 17:05 UTC is past midnight in China
    same_moment_elsewhere = make_ticket(time_zone="Europe/Berlin")
    assert draw_ticket(ticket).tobytes() != draw_ticket(same_moment_elsewhere).tobytes()
    assert date_text(ticket.local_time) == Text(zh="2026年11月23日 星期一 01:05", en="Mon 23 Nov 2026, 01:05")
