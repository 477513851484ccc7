"""The paper of a place held at another site: where to go, the number there, until when, how to check in."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageOps

from hardware.paper.paper_strips import MARGIN, encode_qr
from hardware.paper.paper_text import called_elsewhere_text, check_in_text, kept_until_text
from hardware.paper.paper_width import PaperWidth
from hardware.paper.referral_layout import ReferralPaper, draw_referral
from hardware.printer.open_printer import open_printer
from hardware.printer.printer import PrintResult
from hardware.printer.printer_settings import NetworkPrinter
from hardware.printer.printer_twin import PrinterTwin
from protocol.answers import OtherSite
from protocol.vocabulary import Language, PaperState, PrintOutcome, Promise, Text

MakeReferral = Callable[..., ReferralPaper]
FAR = OtherSite(
    site="township",
    name=Text(
        zh="竹溪县龙王镇人民政府便民服务中心",
        en="Zhuxi County Longwang Township People's Government Convenience Service Centre",
    ),
    address=Text(
        zh="龙王镇解放大道北段 118 号镇政府大院东侧一楼",
        en="118 Jiefang Avenue North, Longwang Town, ground floor at the east side of the government yard",
    ),
    directions=Text(zh="", en=""),
    travel_min=45,
)
CASES = {
    "usual": {},
    "far": {"site": FAR, "number": "TA118", "people_ahead": 0, "promise": Promise(low_min=45, high_min=60)},
    "bare": {"promise": None, "materials": ()},
    "again": {"reprint": True},
}


def ink(picture: Image.Image) -> tuple[int, int, int, int]:
    """The box around all that is printed."""
    box = ImageOps.invert(picture.convert("L")).getbbox()
    assert box is not None
    return box


@pytest.mark.parametrize("width", PaperWidth)
@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("case", CASES)
def test_nothing_runs_off_the_paper_and_it_comes_out_of_the_printer(
    tmp_path: Path, make_referral: MakeReferral, case: str, width: PaperWidth, language: Language
) -> None:
    paper_mm = 80 if width is PaperWidth.MM_80 else 58
    picture = draw_referral(make_referral(language=language, **CASES[case]), width=width)
    left, top, right, bottom = ink(picture)
    assert (picture.mode, picture.width) == ("1", width)
    assert left >= MARGIN
    assert right <= width - MARGIN
    assert top >= 4
    assert bottom <= picture.height - 8
    with PrinterTwin(tmp_path, width=width) as twin:
        printer = open_printer(NetworkPrinter(driver="network", host="127.0.0.1", port=twin.port, paper_mm=paper_mm))
        result = printer.print_ticket(picture)
        (page,) = twin.pages
    assert result == PrintResult(outcome=PrintOutcome.PRINTED, paper=PaperState.OK)
    with Image.open(page) as paper:
        assert paper.tobytes() == picture.tobytes()
        if pictures := os.environ.get("JIAOHAO_PICTURES"):
            folder = Path(pictures)
            folder.mkdir(parents=True, exist_ok=True)
            paper.save(folder / f"referral-{case}-{paper_mm}mm-{language}.png")


@pytest.mark.parametrize("width", PaperWidth)
def test_the_code_of_the_check_in_is_on_the_paper_module_by_module(
    make_referral: MakeReferral, width: PaperWidth
) -> None:
    paper = make_referral()
    modules = encode_qr(paper.qr_address)
    count = len(modules)
    module = -(-200 // count)
    picture = draw_referral(paper, width=width)
    left, top = corner_of_the_code(picture, modules, module)
    side = count * module
    drawn = picture.convert("L").crop((left, top, left + side, top + side)).resize((count, count), Image.Resampling.BOX)
    assert [[drawn.getpixel((x, y)) == 0 for x in range(count)] for y in range(count)] == modules


def corner_of_the_code(picture: Image.Image, modules: list[list[bool]], module: int) -> tuple[int, int]:
    """Where the first row of modules is printed."""
    row = b"".join((b"\x00" if black else b"\xff") * module for black in modules[0])
    dots = picture.convert("L").tobytes()
    for top in range(picture.height):
        at = dots[top * picture.width : (top + 1) * picture.width].find(row)
        if at >= 0:
            return at, top
    raise AssertionError("no QR code on the paper")


def test_each_text_of_the_paper_changes_the_picture(make_referral: MakeReferral) -> None:
    usual = make_referral()
    other = Text(zh="别处", en="elsewhere")
    changes = [
        {},
        {"number": "PA032"},
        *({"site": usual.site.model_copy(update={field: other})} for field in ("name", "address", "directions")),
        {"site": usual.site.model_copy(update={"travel_min": 9})},
        {"service": other},
        {"area": other},
        {"kept_until": usual.issued_at},
        {"people_ahead": 4},
        {"promise": None},
        {"materials": ()},
        {"qr_address": "another"},
        {"language": Language.EN},
        {"time_zone": "Europe/Berlin"},
        {"reprint": True},
    ]
    pictures = {draw_referral(make_referral(**change)).tobytes() for change in changes}
    assert len(pictures) == len(changes)


def test_the_paper_shows_the_accepted_range_and_that_the_number_can_be_typed() -> None:
    accepted = Promise(low_min=6, high_min=20)
    assert called_elsewhere_text(accepted) == Text(zh="从现在起约 6–20 分钟叫号", en="called in about 6–20 min")
    assert called_elsewhere_text(None).en == "Waiting time not known yet"
    text = check_in_text("PA031")
    assert text.zh.endswith("扫码，或输入号码 PA031")
    assert text.en.endswith("scan this, or type PA031")


def test_the_way_is_shown_in_both_languages_on_every_paper(make_referral: MakeReferral) -> None:
    usual = make_referral()
    for language, small in ((Language.ZH, "en"), (Language.EN, "zh")):
        paper = make_referral(language=language)
        one_language = usual.site.directions.model_copy(update={small: ""})
        without = make_referral(language=language, site=usual.site.model_copy(update={"directions": one_language}))
        assert draw_referral(paper).height > draw_referral(without).height


def test_until_when_a_place_is_kept_is_a_time_on_the_clock_of_the_other_site(make_referral: MakeReferral) -> None:
    paper = make_referral()
    assert kept_until_text(paper.kept_until_there) == Text(zh="号码保留到 01:31", en="Kept for you until 01:31")
    there = make_referral(site=paper.site.model_copy(update={"time_zone": "Asia/Urumqi"}))
    assert kept_until_text(there.kept_until_there) == Text(zh="号码保留到 23:31", en="Kept for you until 23:31")
    assert there.local_time == paper.local_time, "the paper is dated by the hall that prints it"
