"""The page behind a ticket's QR, on an old phone without scripts."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import timedelta
from hashlib import sha256

import pytest
from broken_words import broken_words
from plain_hall import PlainHall
from playwright.sync_api import Browser, expect
from real_hall import RealHall, until
from web_visitor import Visitor, press_panel

from protocol.answers import OtherSite, ReferralAnswer, TicketAnswer
from protocol.clients.hub_client import new_request_id
from protocol.requests import CancelTicket
from protocol.vocabulary import Language, Promise, Text, TicketState
from server.domain.forecast.wait_times import WaitFigures
from server.domain.model.catalogue import Catalogue
from server.domain.views import hall_views
from server.web.visitor.ticket_page import place_page, ticket_page, unknown

Issue = Callable[..., TicketAnswer]


def lines(phone: Visitor) -> list[str]:
    """Return the text of the page line by line, without the line of the last refresh."""
    found = [line.strip() for line in phone.page.locator("main").inner_text().splitlines()]
    return [line for line in found if line and "更新" not in line and "refreshes" not in line]


def renews(phone: Visitor) -> bool:
    """Whether the page loads itself again."""
    return phone.page.locator('meta[http-equiv="refresh"]').count() == 1


def test_a_visitor_sees_who_is_ahead_then_the_window_then_the_end(hall: RealHall, phone: Visitor, issue: Issue) -> None:
    press_panel(hall, "window-2", "open")
    until(lambda: hall.client("kiosk-1").services().services[0].promise is not None, what="the first forecast")
    issue("id-card")
    ticket = issue("id-card")
    head = ["小厅", "Small hall", "A002", "居民身份证", "Resident ID card"]
    phone.go(ticket.page)
    assert lines(phone)[:9] == [*head, "等候中", "Waiting", "前面 1 人", "1 person ahead"]
    assert lines(phone)[-6:] == [
        "请在 A区 1楼 等候，留意大屏和广播",
        "Please wait in Area A, 1st floor and watch the screen",
        *("请带齐以下材料", "Please bring all of these", "居民户口簿", "Household register"),
    ]
    assert renews(phone)
    phone.picture("ticket-waiting-zh")

    press_panel(hall, "window-2", "call-next")
    press_panel(hall, "window-2", "finish")
    press_panel(hall, "window-2", "call-next")
    phone.page.reload()
    assert lines(phone) == [*head, "请到 2 号窗口", "Please go to window 2", "A区 1楼", "Area A, 1st floor"]
    assert phone.page.locator(".state.called").is_visible()
    phone.picture("ticket-called-zh")

    press_panel(hall, "window-2", "start")
    phone.page.reload()
    assert lines(phone)[5:7] == ["正在 2 号窗口办理", "Being served at window 2"]

    press_panel(hall, "window-2", "finish")
    phone.page.reload()
    assert lines(phone)[5:] == ["已办结", "Finished", "您的业务已经办完，谢谢。", "Your business is done. Thank you."]
    assert not renews(phone)


def test_who_is_only_assumed_to_be_absent_or_served_reads_so_and_how_it_goes_on(
    hall: RealHall, phone: Visitor, issue: Issue
) -> None:
    press_panel(hall, "window-2", "open")
    absent, served = issue("id-card"), issue("id-card", language="en")
    issue("id-card")
    press_panel(hall, "window-2", "call-next")
    press_panel(hall, "window-2", "call-next")
    phone.go(absent.page)
    assert "叫过您了" in lines(phone)
    assert "叫过 A001，窗口又叫了下一位。还没有办？请到 2 号窗口或告诉工作人员：您的位置保留。" in lines(phone)
    assert renews(phone)
    phone.picture("ticket-assumed-absent-zh")
    press_panel(hall, "window-2", "finish")
    phone.go(served.page)
    assert "Your window has called the next number" in lines(phone)
    assert "Your business is done. Thank you." not in lines(phone)
    assert renews(phone), "it may still be undone"
    phone.picture("ticket-assumed-served-en")


def test_an_english_tickets_page_is_english_first(hall: RealHall, phone: Visitor, issue: Issue) -> None:
    press_panel(hall, "window-1", "open")
    ticket = issue("household", language="en")
    phone.go(ticket.page)
    assert lines(phone)[:8] == [
        "Small hall", "小厅", "B001", "Household registration", "户口登记", "Waiting", "等候中", "Nobody ahead of you",
    ]  # fmt: skip
    assert "Waiting time not known yet" in lines(phone)
    assert phone.page.locator("html").get_attribute("lang") == "en"
    phone.picture("ticket-waiting-en")


def test_who_missed_the_call_reads_how_to_return(hall: RealHall, phone: Visitor, issue: Issue) -> None:
    press_panel(hall, "window-1", "open")
    ticket = issue("id-card")
    press_panel(hall, "window-1", "call-next")
    press_panel(hall, "window-1", "no-show")
    phone.go(ticket.page)
    assert lines(phone)[5:8] == [
        "已过号", "You missed your call", "叫到 A001 时您不在窗口。请告诉工作人员：回队后排在同类事项的 3 人之后。",
    ]  # fmt: skip
    assert renews(phone)
    phone.picture("ticket-missed-zh")


def test_a_cancelled_ticket_shows_its_state(hall: RealHall, phone: Visitor, issue: Issue) -> None:
    ticket = issue("id-card")
    hall.client("kiosk-1").cancel(ticket.id, CancelTicket(request_id=new_request_id("kiosk-1")))
    phone.go(ticket.page)
    assert lines(phone)[5:7] == ["已取消", "Cancelled"]
    assert not renews(phone)


def test_an_address_no_ticket_has_is_a_friendly_page(hall: RealHall, phone: Visitor) -> None:
    for address in ("/t/AAAAAAAAAAAAAAAA", "/t/" + "x" * 500, "/t/<script>alert(1)</script>", "/t/%00%ff"):
        answer = hall.request("GET", address)
        assert answer.status == 404, address
    phone.go("/t/AAAAAAAAAAAAAAAA")
    assert lines(phone)[2] == "请再扫一次票上的二维码，或咨询工作人员。"
    phone.picture("ticket-unknown")


def test_the_page_is_small_private_and_needs_nothing_else(hall: RealHall, phone: Visitor, issue: Issue) -> None:
    ticket = issue("id-card")
    phone.go(ticket.page)
    assert [url for url in phone.requests if not url.endswith("/favicon.ico")] == [hall.url + ticket.page]
    answer = hall.request("GET", ticket.page)
    assert len(answer.data) < 6000
    script = re.findall(rb"<script>(.*?)</script>", answer.data, flags=re.DOTALL)
    allowed = b64encode(sha256(script[0]).digest()).decode()
    assert len(script) == answer.data.count(b"<script") == 1
    assert f"script-src 'sha256-{allowed}';" in answer.headers["content-security-policy"]
    assert {name: answer.headers.get(name) for name in ("cache-control", "x-robots-tag", "set-cookie")} == {
        "cache-control": "no-store",
        "x-robots-tag": "noindex, nofollow",
        "set-cookie": None,
    }


@pytest.mark.parametrize(
    ("language", "away"), [("zh", "联系不上服务器"), ("en", "The server cannot be reached")], ids=["zh", "en"]
)
def test_the_page_stays_on_the_phone_while_the_hub_is_away_and_says_so(
    hall: RealHall, smartphone: Visitor, issue: Issue, language: str, away: str
) -> None:
    press_panel(hall, "window-2", "open")
    ticket = issue("id-card", language=language)
    smartphone.page.clock.install()
    smartphone.go(ticket.page)
    stripe = smartphone.page.locator(".lost")
    expect(stripe).to_be_hidden()
    expect(stripe).to_be_empty()
    smartphone.page.context.set_offline(True)
    smartphone.page.clock.fast_forward("00:11")
    expect(stripe).to_be_visible()
    expect(stripe).to_contain_text(away)
    expect(smartphone.page.locator(".number")).to_have_text("A001")
    smartphone.picture(f"ticket-hub-away-{language}")
    press_panel(hall, "window-2", "call-next")
    smartphone.page.context.set_offline(False)
    smartphone.page.clock.fast_forward("00:11")
    expect(smartphone.page.locator(".state.called")).to_be_visible()
    expect(stripe).to_be_hidden()


def test_a_page_that_renewed_itself_ends_with_the_ticket(hall: RealHall, smartphone: Visitor, issue: Issue) -> None:
    ticket = issue("id-card")
    smartphone.page.clock.install()
    smartphone.go(ticket.page)
    hall.client("kiosk-1").cancel(ticket.id, CancelTicket(request_id=new_request_id("kiosk-1")))
    smartphone.page.clock.fast_forward("00:11")
    expect(smartphone.page.locator(".state")).to_contain_text("已取消")
    loaded = len(smartphone.requests)
    smartphone.page.clock.fast_forward("00:31")
    assert len(smartphone.requests) == loaded, "nothing is asked of the hub any more"
    assert smartphone.page.url == hall.url + ticket.page
    assert not smartphone.errors


@pytest.mark.parametrize("width", [360, 390])
def test_no_word_is_broken_over_lines(chromium: Browser, small_catalogue: Catalogue, width: int) -> None:
    hall = PlainHall(small_catalogue)
    hall.open()
    with chromium.new_context(viewport={"width": width, "height": 844}) as context:
        page = context.new_page()
        for html in pages(hall):
            page.set_content(html)
            assert broken_words(page) == []
            assert page.evaluate("document.documentElement.scrollWidth") == width


def pages(hall: PlainHall) -> Iterator[str]:
    """Yield the page of a ticket in every state and language, and that of a place at another hall."""
    ticket = hall.issue()
    elsewhere = OtherSite(
        site="quick",
        name=Text(zh="城东便民服务中心", en="East Town Service Centre"),
        address=Text(zh="中山路 1 号", en="1 Zhongshan Road"),
        travel_min=6,
        url="http://quick.example",
    )
    for language in Language:
        for state in set(TicketState) - {TicketState.REFERRED}:
            view = hall_views.ticket_view(hall.hall, ticket, wait=WaitFigures(3, Promise(low_min=5, high_min=15)))
            changed = {"state": state, "language": language, "window_label": "2"}
            shown = ticket_page(view.model_copy(update=changed), hall=hall.hall, at=hall.moment.at)
            yield bytes(shown.body).decode()
        place = ReferralAnswer(
            referral="r",
            site=elsewhere,
            area=Text(zh="A区 1楼", en="Area A, 1st floor"),
            ticket="there",
            number="A001",
            service="id-card",
            language=language,
            issued_at=hall.moment.at,
            people_ahead=1,
            kept_until=hall.moment.at + timedelta(minutes=20),
            page="/t/there",
        )
        for at in (place.issued_at, place.kept_until):
            yield bytes(place_page(place, hall=hall.hall, at=at).body).decode()
    yield bytes(unknown().body).decode()
