"""The paper of a place held at another site: where to go, the number there, until when, how to check in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from far_site import FAR_SITE
from PIL import Image
from printed_paper import check_margins, check_printed, qr_corner

from hardware.paper.paper_strips import encode_qr
from hardware.paper.paper_text import called_elsewhere_text, check_in_text, kept_until_text
from hardware.paper.paper_width import PaperWidth
from hardware.paper.referral_layout import ReferralPaper, draw_referral
from protocol.vocabulary import Language, Promise, Text

MakeReferral = Callable[..., ReferralPaper]
CASES = {
    "usual": {},
    "far": {
        "site": FAR_SITE.model_copy(update={"directions": Text(zh="", en="")}),
        "number": "TA118",
        "people_ahead": 0,
        "promise": Promise(low_min=45, high_min=60),
    },
    "bare": {"promise": None, "materials": ()},
    "again": {"reprint": True},
}


@pytest.mark.parametrize("width", PaperWidth)
@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("case", CASES)
def test_nothing_runs_off_the_paper_and_it_comes_out_of_the_printer(
    tmp_path: Path, make_referral: MakeReferral, case: str, width: PaperWidth, language: Language
) -> None:
    paper = make_referral(language=language, **CASES[case])
    check_margins(draw_referral(paper, width=width), width=width)
    name = f"referral-{case}-{{paper_mm}}mm-{language}"
    check_printed(lambda on: draw_referral(paper, width=on), tmp_path, width=width, name=name)


@pytest.mark.parametrize("width", PaperWidth)
def test_the_code_of_the_check_in_is_on_the_paper_module_by_module(
    make_referral: MakeReferral, width: PaperWidth
) -> None:
    paper = make_referral()
    modules = encode_qr(paper.qr_address)
    count = len(modules)
    module = -(-200 // count)
    picture = draw_referral(paper, width=width)
    left, top = qr_corner(picture, modules, module)
    side = count * module
    drawn = picture.convert("L").crop((left, top, left + side, top + side)).resize((count, count), Image.Resampling.BOX)
    assert [[drawn.getpixel((x, y)) == 0 for x in range(count)] for y in range(count)] == modules


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
