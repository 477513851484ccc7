"""Every page in both languages and text sizes, on the screens kiosks have: readable, touchable, and really painted."""

from __future__ import annotations

import itertools
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import mean
from typing import Any

import pytest
from far_site import FAR_SITE
from picture_folder import picture_folder
from PIL import Image, ImageChops

from hardware.printer.printer_faults import PrinterFault
from kiosk import wording
from kiosk.screens.display_list import Box, DisplayList, QrCode, Rect, ScreenFormat, TextLine
from kiosk.screens.draw_page import draw_page
from kiosk.screens.typesetting import width_of
from kiosk.state import events as e
from kiosk.state.kiosk_state import EVERY_PAGE, Overlay, Step
from protocol import theme
from protocol.answers import Offer, ReferralAnswer, ServiceAnswer, ServicesAnswer, TicketAnswer
from protocol.text.waits import PAST_CLOSING
from protocol.vocabulary import PrintOutcome, Promise, Text

FULL_HD = ScreenFormat(width_px=1920, height_px=1080)
SMALL = ScreenFormat(width_px=1280, height_px=800)
UPRIGHT = ScreenFormat(width_px=1080, height_px=1920)
FORMATS = {"1920x1080": FULL_HD, "1280x800": SMALL, "1080x1920": UPRIGHT}
WAYS: dict[str, tuple[e.Touch, ...]] = {
    "zh": (),
    "en": (e.ToggleLanguage(),),
    "zh-large": (e.ToggleTextSize(),),
    "en-large": (e.ToggleLanguage(), e.ToggleTextSize()),
}
Album = Callable[[str], dict[str, Any]]
LATE = Promise(low_min=180, high_min=240, past_closing=True)


@pytest.fixture(scope="module")
def album(newcomer: Any, menu: ServicesAnswer, ticket_of: Callable[..., TicketAnswer], county_album: Album) -> Album:
    """Return a visitor at every page, by name, for a way of reading."""

    def make(way: str) -> dict[str, Any]:
        reader = newcomer.twin().does(*WAYS[way])
        tiles = reader.twin().does(e.Start())
        police = tiles.twin().does(e.ChooseDepartment(department=menu.departments[0].id))
        confirm = police.twin().does(e.ChooseService(service="id-card"))
        issuing = confirm.twin().does(e.Confirm())
        number = issuing.twin().does(
            e.TicketReceived(request_id=issuing.state.request.request_id, ticket=ticket_of(confirm.state.service))
        )
        no_paper = wording.paper_advice(PrinterFault.PAPER_OUT, outcome=PrintOutcome.FAILED, number="A017")
        mute = wording.paper_advice(PrinterFault.MUTE, outcome=PrintOutcome.UNKNOWN, number="A017")
        late = [s.model_copy(update={"promise": LATE}) for s in menu.services]
        confirm_late = police.twin().with_menu(services=late).does(e.ChooseService(service="id-card"))
        first = [s.model_copy(update={"people_ahead": None, "promise": None}) for s in menu.services]
        issuing_late = confirm_late.twin().does(e.Confirm())
        many = [
            menu.services[0].model_copy(update={"id": f"s-{i}", "name": s.name}) for i, s in enumerate(menu.services)
        ]
        return {
            "welcome": reader,
            "departments": tiles,
            "departments-2": tiles.twin().does(e.TurnTo(index=1)),
            "services": police,
            "search": police.twin().with_menu(services=many),
            "letters": police.twin().with_menu(services=many).does(e.OpenLetters()),
            "confirm": confirm,
            "confirm-long": confirm.twin().with_menu(services=_with_many_materials(menu)),
            "materials": confirm.twin().with_menu(services=_with_many_materials(menu)).does(e.ShowMaterials(index=0)),
            "materials-2": confirm.twin()
            .with_menu(services=_with_many_materials(menu))
            .does(e.ShowMaterials(index=0), e.ShowMaterials(index=1)),
            "confirm-ahead": tiles.twin().does(
                e.ChooseDepartment(department="medical-insurance"), e.ChooseService(service="medical-enrolment")
            ),
            "confirm-unknown": tiles.twin().does(
                e.ChooseDepartment(department="social-security"), e.ChooseService(service="pension-enrolment")
            ),
            "services-late": police.twin().with_menu(services=late),
            "confirm-late": confirm_late,
            "services-first": police.twin().with_menu(services=first),
            "confirm-first": police.twin().with_menu(services=first).does(e.ChooseService(service="id-card")),
            "number-late": issuing_late.twin().does(
                e.TicketReceived(
                    request_id=issuing_late.state.request.request_id, ticket=ticket_of(confirm_late.state.service)
                )
            ),
            "priority": confirm.twin().does(e.OpenPriorities()),
            "confirm-priority": confirm.twin().does(e.OpenPriorities(), e.ChoosePriority(priority="elderly")),
            "warning": confirm.twin().waits(47),
            "issuing": issuing,
            "refused": issuing.twin().does(
                e.RequestRefused(request_id=issuing.state.request.request_id, message=wording.NOT_OFFERED)
            ),
            "number-printing": number,
            "number-printed": number.twin().does(e.PrintReported(ticket="t-1", outcome=PrintOutcome.PRINTED)),
            "number-no-paper": number.twin().does(
                e.PrintReported(ticket="t-1", outcome=PrintOutcome.FAILED, advice=no_paper)
            ),
            "number-unsure": number.twin().does(
                e.PrintReported(ticket="t-1", outcome=PrintOutcome.UNKNOWN, advice=mute)
            ),
            "help": confirm.twin().does(e.OpenHelp()),
            "staff": reader.twin().does(e.MenuMissed(), e.MenuMissed()),
            "staff-unanswered": issuing.twin().does(e.RequestUnanswered(request_id=issuing.state.request.request_id)),
            "closed": reader.twin().with_menu(open=False, opens_at="13:30"),
            **county_album(way),
        }

    return make


@pytest.fixture(scope="module")
def county_album(
    villager: Any, offer: Offer, referral: ReferralAnswer, ticket_of: Callable[..., TicketAnswer]
) -> Album:
    """The pages only a site of a county has: an offer and what follows it, and the check-in."""

    def make(way: str) -> dict[str, Any]:
        reader = villager.twin().does(*WAYS[way])
        confirm = reader.twin().does(
            e.Start(), e.ChooseDepartment(department="police"), e.ChooseService(service="id-card")
        )
        offered = confirm.twin().does(e.OfferReceived(request_id=confirm.state.offer_request.request_id, offer=offer))
        reserving = offered.twin().does(e.ChooseOffer())
        request_id = reserving.state.request.request_id
        referred = reserving.twin().does(e.ReferralReceived(request_id=request_id, referral=referral))
        keys = reader.twin().does(e.OpenCheckIn())
        typed = keys.twin().does(*(e.TypeKey(key=key) for key in "B031"))
        checking_in = typed.twin().does(e.CheckInByNumber())
        arrival = checking_in.state.request.request_id
        ticket = ticket_of(confirm.state.service, number="B031")
        no_paper = wording.paper_advice(PrinterFault.PAPER_OUT, outcome=PrintOutcome.FAILED, number="PA031")
        mute = wording.paper_advice(PrinterFault.MUTE, outcome=PrintOutcome.UNKNOWN, number="PA031")
        failed = e.PrintReported(ticket=referral.ticket, outcome=PrintOutcome.FAILED, advice=no_paper)
        unsure = e.PrintReported(ticket=referral.ticket, outcome=PrintOutcome.UNKNOWN, advice=mute)
        return {
            "county-welcome": reader,
            "county-closed": reader.twin().with_menu(open=False, opens_at="13:30"),
            "offer": offered,
            "offer-priority": offered.twin().does(
                e.OpenPriorities(),
                e.ChoosePriority(priority="elderly"),
                e.OfferReceived(request_id=f"kiosk-1:test:{confirm.state.request_count}", offer=offer),
            ),
            "offer-bare": confirm.twin().does(
                e.OfferReceived(request_id=confirm.state.offer_request.request_id, offer=_without_directions(offer))
            ),
            "offer-long": confirm.twin()
            .with_menu(services=_with_many_materials(confirm.state.menu))
            .does(e.OfferReceived(request_id=confirm.state.offer_request.request_id, offer=offer)),
            "offer-far": confirm.twin().does(
                e.OfferReceived(request_id=confirm.state.offer_request.request_id, offer=_far_away(offer))
            ),
            "reserving": reserving,
            "no-place": reserving.twin().does(e.RequestUnanswered(request_id=request_id)),
            "referred-printing": referred,
            "referred-printed": referred.twin().does(
                e.PrintReported(ticket=referral.ticket, outcome=PrintOutcome.PRINTED)
            ),
            "referred-no-paper": referred.twin().does(failed),
            "referred-unsure": referred.twin().does(unsure),
            "referred-far": reserving.twin().does(
                e.ReferralReceived(request_id=request_id, referral=referral.model_copy(update={"site": FAR_SITE}))
            ),
            "check-in": keys,
            "check-in-typed": typed,
            "check-in-unanswered": checking_in.twin().does(e.RequestUnanswered(request_id=arrival)),
            "checking-in": checking_in,
            "not-found": checking_in.twin().does(
                e.RequestRefused(request_id=arrival, message=wording.NOT_OFFERED, error="unknown_ticket")
            ),
            "checked-in": checking_in.twin().does(e.CheckInReceived(request_id=arrival, ticket=ticket)),
        }

    return make


def _with_many_materials(menu: ServicesAnswer) -> list[ServiceAnswer]:
    """The menu's services, each with sixteen things to bring, some of them long."""
    long = Text(
        zh="婚姻关系证明（结婚证、离婚证、离婚协议书或法院判决书）",
        en="Proof of marital status (marriage or divorce certificate, divorce agreement or court judgment)",
    )
    many = [Text(zh=f"第 {i} 份合同原件", en=f"Original contract number {i}") for i in range(1, 9)]
    materials = [text for i in range(8) for text in (many[i], long)]
    return [service.model_copy(update={"materials": materials}) for service in menu.services]


def _without_directions(offer: Offer) -> Offer:
    return offer.model_copy(update={"site": offer.site.model_copy(update={"directions": Text(zh="", en="")})})


def _far_away(offer: Offer) -> Offer:
    waits = {"here": Promise(low_min=90, high_min=120), "there": Promise(low_min=45, high_min=60)}
    return offer.model_copy(update={"site": FAR_SITE, **waits})


def display_list_of(reader: Any, form: ScreenFormat) -> DisplayList:
    return draw_page(reader.state, form, at=reader.now, public_url="http://192.168.1.10:8080")


@pytest.fixture(scope="module")
def display_lists(album: Album) -> list[tuple[str, ScreenFormat, DisplayList]]:
    """Every page in every way on every screen, with a name to find it by."""
    return [
        (f"{name}.{way} {form}", form, display_list_of(reader, form))
        for way in WAYS
        for name, reader in album(way).items()
        for form in FORMATS.values()
    ]


def test_the_album_shows_every_page(album: Album) -> None:
    assert {display_list_of(reader, FULL_HD).page for reader in album("zh").values()} == EVERY_PAGE


def test_text_has_the_six_sizes_stays_on_the_page_and_is_never_cut(
    display_lists: list[tuple[str, ScreenFormat, DisplayList]],
) -> None:
    dotted = [
        text
        for each in (wording.ISSUING, wording.PRINTING, wording.RESERVING, wording.CHECKING_IN)
        for text in (each.zh, each.en)
    ]
    for name, form, display_list in display_lists:
        for line in [item for item in display_list.items if isinstance(item, TextLine)]:
            width = width_of(line.text, size=line.size, bold=line.bold)
            left = line.x - {"left": 0.0, "centre": width / 2, "right": width}[line.align]
            assert line.size in theme.KIOSK_SIZES, name
            assert left >= 0, (name, line)
            assert left + width <= form.width, (name, line)
            assert 0 <= line.y - line.size / 2 < line.y + line.size / 2 <= form.height, (name, line)
            assert not line.text.endswith("…") or any(text.endswith(line.text) for text in dotted), (name, line)


@pytest.mark.parametrize("way", WAYS)
def test_all_that_is_to_be_brought_can_be_read(album: Album, menu: ServicesAnswer, way: str) -> None:
    reader = album(way)["confirm-long"]
    services = _with_many_materials(menu)
    for form in FORMATS.values():
        page = display_list_of(reader, form)
        assert e.ShowMaterials(index=0) in [target.touch for target in page.targets]
        read, visitor, index = "", reader, 0
        while True:
            visitor = visitor.twin().does(e.ShowMaterials(index=index))
            page = display_list_of(visitor, form)
            assert page.page is Overlay.MATERIALS
            read += "".join("".join(text.split()) for text in page.texts if text != "□")
            index += 1
            if e.ShowMaterials(index=index) not in [target.touch for target in page.targets]:
                break
        for material in services[0].materials:
            wanted = material.in_language(visitor.state.language)
            assert read.count("".join(wanted.split())) == [m.en for m in services[0].materials].count(material.en)
        assert visitor.does(e.Back()).page is Step.CONFIRM


def test_a_short_list_is_whole_on_the_confirm_page(album: Album) -> None:
    for way in WAYS:
        reader = album(way)["confirm"]
        for form in FORMATS.values():
            page = display_list_of(reader, form)
            offered = e.ShowMaterials(index=0) in [target.touch for target in page.targets]
            read = "".join("".join(text.split()) for text in page.texts)
            whole = all(
                "".join(m.in_language(reader.state.language).split()) in read for m in reader.state.service.materials
            )
            assert whole or offered, (way, form)


def test_no_two_lines_of_text_lie_over_each_other(display_lists: list[tuple[str, ScreenFormat, DisplayList]]) -> None:
    for name, _, display_list in display_lists:
        last_cover = max(i for i, item in enumerate(display_list.items) if isinstance(item, Box) and item.corner == 0)
        lines = [extent(item) for item in display_list.items[last_cover:] if isinstance(item, TextLine)]
        for one, other in itertools.combinations(lines, 2):
            assert apart(one, other) >= 0, (name, one, other)


def extent(line: TextLine) -> Rect:
    """Where the letters of a line are, without the leading above and below."""
    width = width_of(line.text, size=line.size, bold=line.bold)
    left = line.x - {"left": 0.0, "centre": width / 2, "right": width}[line.align]
    return Rect(left, line.y - line.size / 2, width, line.size)


def apart(one: Rect, other: Rect) -> float:
    """How far two places are from each other, sideways or upright; negative when they overlap."""
    sideways = max(other.x - one.right, one.x - other.right)
    upright = max(other.y - one.bottom, one.y - other.bottom)
    return max(sideways, upright)


def test_what_a_finger_chooses_is_96_px_high_16_px_from_the_next_and_on_the_page(
    display_lists: list[tuple[str, ScreenFormat, DisplayList]],
) -> None:
    for name, form, display_list in display_lists:
        assert display_list.targets, name
        for target in display_list.targets:
            rect = target.rect
            assert min(rect.w, rect.h) >= theme.TOUCH_TARGET, (name, target)
            assert rect.x >= 0, (name, target)
            assert rect.y >= 0, (name, target)
            assert rect.right <= form.width + 0.01, (name, target)
            assert rect.bottom <= form.height, (name, target)
            assert display_list.touch_at(rect.x + rect.w / 2, rect.y + rect.h / 2) == target.touch
        for one, other in itertools.combinations(display_list.targets, 2):
            assert apart(one.rect, other.rect) >= 16 - 0.01, (name, one, other)


def test_back_help_language_and_size_are_always_in_the_same_place(
    display_lists: list[tuple[str, ScreenFormat, DisplayList]],
) -> None:
    for form in FORMATS.values():
        places: dict[type[e.Touch], set[Rect]] = {}
        for target in [
            target for _, shown, display_list in display_lists if shown == form for target in display_list.targets
        ]:
            places.setdefault(type(target.touch), set()).add(target.rect)
        assert {touch: len(places[touch]) for touch in (e.Back, e.OpenHelp, e.ToggleLanguage, e.ToggleTextSize)} == {
            e.Back: 1,
            e.OpenHelp: 1,
            e.ToggleLanguage: 1,
            e.ToggleTextSize: 1,
        }


def test_there_are_never_more_than_nine_tiles(display_lists: list[tuple[str, ScreenFormat, DisplayList]]) -> None:
    for name, _, display_list in display_lists:
        tiles = [t for t in display_list.targets if isinstance(t.touch, e.ChooseDepartment | e.ChooseService)]
        assert len(tiles) <= 9, name


def test_large_text_is_larger(album: Album) -> None:
    for way in ("zh", "en"):
        normal, large = album(way), album(f"{way}-large")
        for name in ("departments", "services", "confirm", "help", "staff", "closed", "refused"):
            assert usual_size(large[name]) > usual_size(normal[name]), (name, way)


@pytest.mark.parametrize("form", FORMATS.values(), ids=FORMATS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_large_text_enlarges_where_to_go_and_what_to_do_there(album: Album, form: ScreenFormat, language: str) -> None:
    samples = {
        "zh": ("就在本大厅", "竹溪县公安办证分中心", "人民路 12 号", "请到 竹溪县", "输入号码"),
        "en": ("Here in this hall", "Zhuxi County Police", "12 Renmin Road", "Please go to", "No ticket?"),
    }[language]
    here, there, address, go, check_in = samples
    normal, large = (
        {name: sizes(display_list_of(album(way)[name], form)) for name in ("offer", "referred-no-paper")}
        for way in (language, f"{language}-large")
    )
    for offer in (normal["offer"], large["offer"]):
        assert size_of(here, offer) == size_of(there, offer)
    assert size_of(there, large["offer"]) >= size_of(there, normal["offer"]) >= 48
    assert size_of(address, large["offer"]) > size_of(address, normal["offer"])
    for sample in (address, check_in):
        assert size_of(sample, large["referred-no-paper"]) > size_of(sample, normal["referred-no-paper"])
    assert size_of(go, large["referred-no-paper"]) >= size_of(go, normal["referred-no-paper"])


def sizes(display_list: DisplayList) -> list[tuple[str, int]]:
    return [(item.text, item.size) for item in display_list.items if isinstance(item, TextLine)]


def size_of(sample: str, lines: list[tuple[str, int]]) -> int:
    return max(size for text, size in lines if sample in text)


def test_a_visitor_who_may_have_no_paper_reads_that_the_number_can_be_typed(album: Album) -> None:
    for way, form in itertools.product(("zh", "zh-large"), FORMATS.values()):
        pages = (display_list_of(album(way)[name], form).texts for name in ("referred-printed", "referred-no-paper"))
        printed, no_paper = ("".join(texts).replace(" ", "") for texts in pages)
        assert "扫码，或输入号码PA031" in printed
        assert "没有小票？到了在取号机上输入号码PA031报到，或扫您拍下的这个码" in no_paper


def usual_size(reader: Any) -> float:
    return mean(item.size for item in display_list_of(reader, FULL_HD).items if isinstance(item, TextLine))


def test_both_languages_are_read_first_in_turn(album: Album) -> None:
    chinese, english = (display_list_of(album(way)["departments"], FULL_HD).texts for way in ("zh", "en"))
    assert chinese.index("您要找哪个部门？") < chinese.index("Which department do you need?")
    assert english.index("Which department do you need?") < english.index("您要找哪个部门？")


def test_the_confirm_page_shows_people_ahead_wait_place_and_materials(album: Album) -> None:
    texts = display_list_of(album("zh")["confirm-ahead"], FULL_HD).texts
    assert {"居民医保参保登记", "7 人", "6–17 分钟", "在这里取号"} <= set(texts)
    assert any(text.startswith("请到 ") for text in texts)


def test_a_tile_and_its_confirm_page_name_the_same_people_ahead(newcomer: Any, menu: ServicesAnswer) -> None:
    shared = menu.services[0].model_copy(update={"waiting": 0, "people_ahead": 11})
    tiles = newcomer.twin().with_menu(services=[shared, *menu.services[1:]]).does(e.Start())
    services = tiles.twin().does(e.ChooseDepartment(department=shared.department))
    confirm = services.twin().does(e.ChooseService(service=shared.id))
    assert "前面 11 人" in display_list_of(services, FULL_HD).texts
    assert "11 人" in display_list_of(confirm, FULL_HD).texts


def test_who_may_not_be_reached_today_reads_so_before_the_number_and_with_it(album: Album) -> None:
    for way, note in (("zh", PAST_CLOSING.zh), ("en", PAST_CLOSING.en)):
        pages = album(way)
        for name in ("services-late", "confirm-late", "number-late"):
            assert note in display_list_of(pages[name], FULL_HD).texts, name
        for name in ("services", "confirm", "number-printed"):
            assert note not in display_list_of(pages[name], FULL_HD).texts, name


def test_before_the_first_forecast_no_number_of_people_is_shown(album: Album) -> None:
    texts = display_list_of(album("zh")["services-first"], FULL_HD).texts
    assert "等候时间暂时说不准" in texts
    assert not any(text.startswith("前面") for text in texts)
    assert display_list_of(album("zh")["confirm-first"], FULL_HD).texts.count("暂时说不准") == 2


def test_an_unknown_wait_is_shown_as_unknown(album: Album) -> None:
    assert "暂时说不准" in display_list_of(album("zh")["confirm-unknown"], FULL_HD).texts


def test_a_priority_visitor_is_not_shown_the_wait_of_others(album: Album) -> None:
    texts = display_list_of(album("zh")["confirm-priority"], FULL_HD).texts
    assert {"提前叫号", "暂时说不准"} <= set(texts)
    assert not any("分钟" in text for text in texts)


def test_the_number_is_180_px_high_with_its_page_as_a_code(album: Album) -> None:
    display_list = display_list_of(album("zh")["number-no-paper"], FULL_HD)
    number = next(item for item in display_list.items if isinstance(item, TextLine) and item.text == "A017")
    code = next(item for item in display_list.items if isinstance(item, QrCode))
    assert (number.size, code.content) == (180, "http://192.168.1.10:8080/t/3q2-7wXf0Jk1Zb9p")
    assert "打印机缺纸，您的号码是 A017，请记下或拍照，并告诉工作人员。" in "".join(display_list.texts)


def test_the_number_at_the_other_site_is_180_px_high_with_its_page_as_a_code(album: Album) -> None:
    for form in FORMATS.values():
        display_list = display_list_of(album("zh")["referred-printed"], form)
        number = next(item for item in display_list.items if isinstance(item, TextLine) and item.text == "PA031")
        code = next(item for item in display_list.items if isinstance(item, QrCode))
        assert (number.size, code.content) == (180, "http://192.168.1.10:8080/t/b3T5xY0q9LmZ2w1k")
        assert {"12:26", "请到 竹溪县公安办证分中心", "人民路 12 号", "路上约 6 分钟"} <= set(display_list.texts)


def test_a_reprint_is_offered_where_the_paper_may_be_missing_and_nowhere_else(album: Album) -> None:
    for way, form in itertools.product(WAYS, FORMATS.values()):
        pages = {name: display_list_of(reader, form) for name, reader in album(way).items()}
        offered = {
            n
            for n, display_list in pages.items()
            if e.PrintAgain() in {target.touch for target in display_list.targets}
        }
        assert offered == {"number-no-paper", "number-unsure", "referred-no-paper", "referred-unsure"}


def test_an_offer_shows_both_places_in_the_same_sizes_and_its_two_buttons_are_equal(album: Album) -> None:
    for form in FORMATS.values():
        display_list = display_list_of(album("zh")["offer"], form)
        lines = {item.text: item for item in display_list.items if isinstance(item, TextLine)}
        for here, there in (
            ("就在本大厅", "竹溪县公安办证分中心"),
            ("40–65 分钟", "10–20 分钟"),
            ("前面 12 人", "人民路 12 号"),
            ("在这里取号", "去竹溪县公安办证分中心取号"),
        ):
            assert (lines[here].size, lines[here].colour) == (lines[there].size, lines[there].colour)
        assert "从现在到叫号，含路上 6 分钟" in lines
        assert lines["40–65 分钟"].y == lines["10–20 分钟"].y or form.height > form.width
        buttons = [t.rect for t in display_list.targets if isinstance(t.touch, e.Confirm | e.ChooseOffer)]
        assert len({(rect.w, rect.h) for rect in buttons}) == 1


def test_a_site_of_no_county_shows_no_check_in(album: Album) -> None:
    for name, shown in (("welcome", False), ("closed", False), ("county-welcome", True), ("county-closed", True)):
        touches = {type(target.touch) for target in display_list_of(album("zh")[name], FULL_HD).targets}
        assert (e.OpenCheckIn in touches) is shown


PAINTED = {"1920x1080": ("zh",), "1280x800": ("en",), "1080x1920": ("zh-large", "en-large")}


@pytest.mark.parametrize("screen", FORMATS)
def test_every_page_is_painted_as_it_was_laid_out(album: Album, tmp_path: Path, screen: str) -> None:
    """With JIAOHAO_PICTURES set, every page in every way is painted and kept there."""
    folder = picture_folder(f"kiosk/{screen}", otherwise=tmp_path)
    form = FORMATS[screen]
    display_lists = {
        f"{name}.{way}": display_list_of(reader, form)
        for way in (WAYS if folder != tmp_path else PAINTED[screen])
        for name, reader in album(way).items()
    }
    paint(display_lists, form, folder=folder, pickled=tmp_path / "display_lists.pickle")
    for name, display_list in display_lists.items():
        with Image.open(folder / f"{name}.png") as picture:
            assert picture.size == (form.width_px, form.height_px)
            unseen = [item for item in visible_lines(display_list) if not is_painted(item, picture, form.scale)]
        assert unseen == [], name


def paint(display_lists: dict[str, DisplayList], form: ScreenFormat, *, folder: Path, pickled: Path) -> None:
    here = Path(__file__)
    pickled.write_bytes(pickle.dumps(display_lists))
    command = [here.with_name("paint_display_lists.py"), pickled, folder, form.width_px, form.height_px]
    environment = {**os.environ, "PYTHONPATH": str(here.parents[2])}
    subprocess.run([sys.executable, *map(str, command)], check=True, env=environment, timeout=100)


def visible_lines(display_list: DisplayList) -> list[TextLine]:
    """Return the lines that nothing covers."""
    cover = max(
        (i for i, item in enumerate(display_list.items) if isinstance(item, Box) and item.opacity < 1), default=0
    )
    return [item for item in display_list.items[cover:] if isinstance(item, TextLine)]


def is_painted(line: TextLine, picture: Image.Image, scale: float) -> bool:
    """Whether letters of the line's colour are where the line belongs."""
    place = extent(line)
    box = (place.x * scale, place.y * scale, place.right * scale, place.bottom * scale)
    crop = picture.crop(tuple(round(edge) for edge in box))
    difference = ImageChops.difference(crop, Image.new("RGB", crop.size, line.colour)).convert("L")
    return difference.getextrema()[0] <= 100
