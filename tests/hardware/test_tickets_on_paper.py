"""Tickets as they come out of the printer, saved for people to check when ``JIAOHAO_PICTURES`` names a folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from printed_paper import check_printed

from hardware.paper.paper_width import PaperWidth
from hardware.paper.ticket_layout import TicketPaper, draw_ticket
from protocol.vocabulary import Language, Text

CASES = {
    "usual": {},
    "reprint-wait-unknown": {"reprint": True, "promise": None},
    "nobody-ahead-nothing-to-bring": {"people_ahead": 0, "materials": ()},
    "long": {
        "number": "AB123",
        "hall": Text(
            zh="竹溪县人民政府政务服务和大数据管理局综合政务服务中心",
            en="Zhuxi County People's Government Comprehensive Administrative Service Centre",
        ),
        "service": Text(
            zh="企业职工基本养老保险关系转移接续申请",
            en="Transfer of basic pension insurance for enterprise employees",
        ),
        "area": Text(zh="二楼东侧社会保险服务专区", en="Floor 2, east side, social insurance zone"),
        "people_ahead": 128,
        "materials": tuple(
            Text(zh=f"第{n}项：近期免冠照片回执（照相馆出具）", en=f"Item {n}: photograph receipt of a studio")
            for n in range(1, 21)
        ),
    },
}


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("width", PaperWidth)
@pytest.mark.parametrize("case", CASES)
def test_a_ticket_comes_out_of_the_printer(
    tmp_path: Path, make_ticket: Callable[..., TicketPaper], case: str, width: PaperWidth, language: Language
) -> None:
    ticket = make_ticket(language=language, **CASES[case])
    name = f"ticket-{case}-{{paper_mm}}mm-{language}"
    check_printed(lambda on: draw_ticket(ticket, width=on), tmp_path, width=width, name=name)
