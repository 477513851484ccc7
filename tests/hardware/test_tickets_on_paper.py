"""Tickets as they come out of the printer, saved for people to check when ``JIAOHAO_PICTURES`` names a folder."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from hardware.paper.paper_width import PaperWidth
from hardware.paper.ticket_layout import TicketPaper, draw_ticket
from hardware.printer.open_printer import open_printer
from hardware.printer.printer import PrintResult
from hardware.printer.printer_settings import NetworkPrinter
from hardware.printer.printer_twin import PrinterTwin
from protocol.vocabulary import Language, PaperState, PrintOutcome, Text

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
    paper_mm = 80 if width is PaperWidth.MM_80 else 58
    with PrinterTwin(tmp_path, width=width) as twin:
        printer = open_printer(NetworkPrinter(driver="network", host="127.0.0.1", port=twin.port, paper_mm=paper_mm))
        picture = draw_ticket(make_ticket(language=language, **CASES[case]), width=printer.paper_width)
        result = printer.print_ticket(picture)
        (page,) = twin.pages
    assert result == PrintResult(outcome=PrintOutcome.PRINTED, paper=PaperState.OK)
    with Image.open(page) as paper:
        assert paper.tobytes() == picture.tobytes()
        if pictures := os.environ.get("JIAOHAO_PICTURES"):
            folder = Path(pictures)
            folder.mkdir(parents=True, exist_ok=True)
            paper.save(folder / f"ticket-{case}-{paper_mm}mm-{language}.png")
