"""A wait that has grown longer than was promised: the ticket's page shows a better hall, on an old phone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import urllib3
from plain_hall import PlainHall
from playwright.sync_api import Browser, expect
from real_county import RealCounty, until_county_connection
from real_hall import RealHall, until
from web_visitor import DESK, PASSCODES, PHONE, Visitor, press_panel

from protocol.answers import CountyState, Offer, ReferralAnswer, TicketAnswer
from protocol.clients.hub_client import new_request_id
from protocol.county import VisitElsewhere
from protocol.requests import AcceptOffer, CancelTicket, IssueTicket, RequestOffer
from protocol.vocabulary import Language, TicketState
from server.domain.model.catalogue import Catalogue
from server.web.visitor.ticket_page import place_page

pytestmark = pytest.mark.timeout(400)  # on a busy machine two hubs and a county take their time to forecast
SLOW, QUICK = "slow", "quick"
WITHIN_S = 120.0


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealCounty]:
    travel = f"from,to,minutes\n{SLOW},{QUICK},6\n"
    with RealCounty(tmp_path_factory.mktemp("better"), [SLOW, QUICK], travel=travel) as running:
        yield running


@pytest.fixture(scope="module")
def halls(county: RealCounty) -> Iterator[tuple[RealHall, RealHall]]:
    with county.hub(SLOW) as slow, county.hub(QUICK) as quick:
        quick.access.set_passcode("clerk", PASSCODES["clerk"])
        slow.access.set_passcode("manager", PASSCODES["manager"])
        for hall in (slow, quick):
            for window in ("window-1", "window-2"):
                press_panel(hall, window, "open")
        yield slow, quick


def take(hall: RealHall, *, priority: str | None = None, language: str = "zh") -> TicketAnswer:
    command = IssueTicket(
        request_id=new_request_id("kiosk-1"),
        service="id-card",
        priority=priority,
        language=Language(language),
    )
    return hall.client("kiosk-1").issue(command)


def offered(hall: RealHall) -> Offer | None:
    """Return what the kiosk would show a visitor now."""
    return hall.client("kiosk-1").offer(RequestOffer(request_id=new_request_id("kiosk-1"), service="id-card")).offer


@pytest.fixture
def slipping(halls: tuple[RealHall, RealHall]) -> Iterator[Callable[[str], TicketAnswer]]:
    """Take a number before which protected visitors come, so that its promise cannot be kept; then they all leave."""
    kiosk = halls[0].client("kiosk-1")
    others: list[TicketAnswer] = []

    def promised() -> bool:
        promise = kiosk.services().services[0].promise
        return promise is not None and promise.low_min == 0

    def slip(language: str) -> TicketAnswer:
        until(promised, what="nobody waits, and a short wait is promised", within_s=WITHIN_S)
        ticket = take(halls[0], language=language)
        others.extend(take(halls[0], priority="elderly") for _ in range(12))
        return ticket

    yield slip
    for other in others:
        kiosk.cancel(other.id, CancelTicket(request_id=new_request_id("kiosk-1")))


def texts(phone: Visitor) -> list[str]:
    lines = [line.strip() for line in phone.page.locator("main").inner_text().splitlines()]
    return [line for line in lines if line and "更新" not in line and "renews" not in line]


@pytest.fixture
def phone(chromium: Browser, halls: tuple[RealHall, RealHall], album: Callable[[str], Path]) -> Iterator[Visitor]:
    """A person with an old phone: small, and without scripts."""
    with chromium.new_context(viewport=PHONE, java_script_enabled=False) as context:
        context.set_default_timeout(30_000)
        yield Visitor(context.new_page(), halls[0], album)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_visitor_goes_to_the_better_hall_by_one_button(
    halls: tuple[RealHall, RealHall],
    slipping: Callable[[str], TicketAnswer],
    phone: Visitor,
    language: str,
    small_catalogue: Catalogue,
) -> None:
    slow, quick = halls
    ticket = slipping(language)

    until(lambda: shown(phone, ticket), within_s=WITHIN_S, every_s=0.2, what="the page shows the better hall")
    lines = texts(phone)
    assert "另一处更快" in lines
    assert "城东便民服务中心" in lines
    assert "1 Zhongshan Road" in lines
    assert "已算上路上约 6 分钟" in lines
    phone.picture(f"ticket-better-{language}")

    phone.page.locator("button").click()
    assert phone.page.locator("h2").inner_text().splitlines()[0] == {"zh": "请去这里", "en": "Please go here"}[language]
    assert slow.client("monitor-1").ticket(ticket.id).state is TicketState.REFERRED
    referred = slow.client("monitor-1").ticket(ticket.id).referred
    assert referred is not None
    assert phone.page.locator(".number").inner_text() == referred.number
    assert "as of" in phone.page.content().lower()
    phone.picture(f"ticket-sent-{language}")

    phone.go(referred.page)
    assert phone.page.locator(".number").inner_text() == referred.number, "the paper's code shows the same on a phone"
    assert "不去了？什么也不用做：到时没有报到，那边的位置自动取消。想在这里办，请重新取号。" in texts(phone)
    assert phone.page.locator("a, button").count() == 0, "nothing is cancelled where the place is not"
    check_expired_place(phone, referred, language, small_catalogue)
    cancel_there(phone, quick, referred, language)


def check_expired_place(phone: Visitor, place: ReferralAnswer, language: str, catalogue: Catalogue) -> None:
    """Check the page of the paper's code when the place is kept no more: it shows nothing of a kept place."""
    shown = place_page(place, hall=PlainHall(catalogue).hall, at=place.kept_until)
    phone.page.set_content(bytes(shown.body).decode())
    assert (
        phone.page.locator("h2").inner_text().splitlines()[0]
        == {
            "zh": "报到时间已过",
            "en": "The time to check in is over",
        }[language]
    )
    assert not [line for line in texts(phone) if "保留" in line or "kept" in line]
    phone.picture(f"ticket-sent-over-{language}")


def shown(phone: Visitor, ticket: TicketAnswer) -> bool:
    """Whether the page of a ticket shows another hall."""
    phone.go(ticket.page)
    return phone.page.locator(".offer").count() == 1


def cancel_there(phone: Visitor, quick: RealHall, place: ReferralAnswer, language: str) -> None:
    """Look at the page of the place at the hall that owns it, think twice, and cancel."""

    def owned() -> bool:
        phone.page.goto(quick.url + place.page)
        return phone.page.locator(".key").count() == 1

    until(owned, what="the quick hall knows that the place was taken")
    assert {"在途", "On the way"} <= set(texts(phone))
    phone.picture(f"ticket-travelling-{language}")
    phone.page.locator(".key").click()
    assert texts(phone)[0] == place.number
    phone.picture(f"ticket-cancel-{language}")
    phone.page.locator(".key").click()
    assert quick.client("monitor-1").ticket(place.ticket).state is TicketState.TRAVELLING
    phone.page.locator(".key").click()
    phone.page.locator("button").click()
    assert {"已取消", "Cancelled"} <= set(texts(phone))
    assert quick.client("monitor-1").ticket(place.ticket).state is TicketState.CANCELLED
    again = quick.request("POST", f"{place.page}/cancel")
    assert (again.status, again.headers["location"]) == (303, place.page), "a second press shows the same"


def test_a_cancelled_ticket_shows_its_state_when_a_known_offer_is_accepted_late(
    halls: tuple[RealHall, RealHall], slipping: Callable[[str], TicketAnswer], phone: Visitor
) -> None:
    ticket = slipping("zh")
    until(lambda: shown(phone, ticket), within_s=WITHIN_S, every_s=0.2, what="the page shows the better hall")
    offer = phone.page.locator("input[name=offer]").get_attribute("value")
    assert offer is not None
    halls[0].client("kiosk-1").cancel(ticket.id, CancelTicket(request_id=new_request_id("kiosk-1")))
    answer = press(halls[0], ticket.id, offer)
    assert (answer.status, answer.headers["location"]) == (303, ticket.page)


@pytest.fixture
def clerk(chromium: Browser, halls: tuple[RealHall, RealHall], album: Callable[[str], Path]) -> Iterator[Visitor]:
    """A clerk of the quick hall."""
    with chromium.new_context(viewport=DESK) as context:
        context.set_default_timeout(30_000)
        yield Visitor(context.new_page(), halls[1], album)


def test_a_clerk_checks_in_who_comes_from_another_hall(
    halls: tuple[RealHall, RealHall],
    slipping: Callable[[str], TicketAnswer],
    clerk: Visitor,
    phone: Visitor,
    small_catalogue: Catalogue,
) -> None:
    slow, quick = halls
    slipping("zh")
    offer = until(lambda: offered(slow), within_s=60, what="the slow hall offers the quick one")
    accept = AcceptOffer(request_id=new_request_id("kiosk-1"), offer=offer.id)
    place = slow.client("kiosk-1").accept_offer(accept)
    clerk.at_window("window-1")
    box = clerk.page.locator("section", has_text="在途（其他大厅转来）")
    entry = box.locator(".entry", has_text=place.number)
    entry.get_by_role("button").wait_for()
    clerk.picture("clerk-on-the-way-zh")
    entry.get_by_role("button").click()
    entry.wait_for(state="detached")
    assert quick.client("monitor-1").ticket(place.ticket).state is TicketState.WAITING
    assert clerk.errors == []

    def shown_there() -> bool:
        phone.go(place.page)
        return "已报到，等候中" in texts(phone)

    until(shown_there, within_s=60, every_s=0.2, what="the page at the first hall follows the visitor")
    assert {place.number, f"{place.number} 是您在那里的号码", "城东便民服务中心"} <= set(texts(phone))
    assert phone.page.locator(".key").get_attribute("href") == f"http://{QUICK}.example{place.page}"
    assert "报到，位置保留" not in phone.page.content()
    phone.picture("ticket-arrived-zh")
    follow_the_visit(phone, place, small_catalogue)


VISITS = {
    TicketState.WAITING: ("已报到，等候中", "Checked in, waiting"),
    TicketState.CALLED: ("请到 2 号窗口", "Please go to window 2"),
    TicketState.SERVING: ("正在 2 号窗口办理", "Being served at window 2"),
    TicketState.NO_SHOW: ("已过号", "You missed your call"),
    None: ("在那里已结束", "Ended there"),
}


def follow_the_visit(phone: Visitor, place: ReferralAnswer, catalogue: Catalogue) -> None:
    """Look at every state of a visit at the other hall, in both languages."""
    hall = PlainHall(catalogue).hall
    for state, titles in VISITS.items():
        for language, title in zip(Language, titles, strict=True):
            visit = VisitElsewhere(ticket=place.ticket, state=state, window_label="2")
            own = place.model_copy(update={"language": language})
            shown = place_page(own, hall=hall, at=place.kept_until, visit=visit)
            phone.page.set_content(bytes(shown.body).decode())
            assert phone.page.locator("h2").inner_text().splitlines()[0] == title
            assert (state is None) == ("data-refresh-s" not in phone.page.content())
            phone.picture(f"ticket-there-{state or 'ended'}-{language}")


@pytest.fixture
def manager(chromium: Browser, halls: tuple[RealHall, RealHall], album: Callable[[str], Path]) -> Iterator[Visitor]:
    """A manager of the slow hall."""
    with chromium.new_context(viewport=DESK) as context:
        context.set_default_timeout(30_000)
        visitor = Visitor(context.new_page(), halls[0], album)
        visitor.log_in("manager")
        yield visitor


def test_while_the_county_is_away_no_hall_is_offered_and_the_manager_reads_since_when(
    county: RealCounty,
    halls: tuple[RealHall, RealHall],
    slipping: Callable[[str], TicketAnswer],
    phone: Visitor,
    manager: Visitor,
) -> None:
    slow = halls[0]
    ticket = slipping("zh")
    stripe = manager.page.locator(".stripe", has_text="县平台")
    is_offered = lambda: offered(slow) and shown(phone, ticket)
    until(is_offered, within_s=WITHIN_S, every_s=0.2, what="the quick hall is offered")
    expect(stripe).to_have_count(0)
    county.processes[0].kill()
    until_county_connection(slow, lambda s: s.state is CountyState.AWAY, what="the county is away", within_s=WITHIN_S)
    assert offered(slow) is None, "although the last plan of the county is not a minute old"
    assert not shown(phone, ticket)
    expect(stripe).to_contain_text("县平台离线，自 ")
    expect(stripe).to_contain_text("暂不推荐其他大厅")
    manager.picture("manager-county-away-zh")
    manager.go("/language/en?to=/manager")
    stripe = manager.page.locator(".stripe", has_text="County")
    expect(stripe).to_contain_text("other halls are not offered")
    manager.picture("manager-county-away-en")
    county.start()
    until(is_offered, within_s=WITHIN_S, every_s=0.2, what="the county is back, and so are offers")
    expect(stripe).to_have_count(0)


def test_only_a_visitor_on_the_way_can_cancel_on_the_page(halls: tuple[RealHall, RealHall]) -> None:
    ticket = take(halls[0])
    for method in ("GET", "POST"):
        for address in (f"{ticket.page}/cancel", "/t/AAAAAAAAAAAAAAAA/cancel"):
            halls[0].request(method, address)
    assert halls[0].client("monitor-1").ticket(ticket.id).state is TicketState.WAITING


def test_an_offer_that_is_gone_changes_nothing_and_shows_why(halls: tuple[RealHall, RealHall]) -> None:
    for language, title in (("zh", "您的位置没有变"), ("en", "Your place has not changed")):
        ticket = take(halls[0], language=language)
        answer = press_forgotten(halls[0], ticket.id)
        html = answer.data.decode()
        assert answer.status == 200
        assert f"<title>{title}" in html
        assert f"url=/t/{ticket.id}" in html
        assert halls[0].client("monitor-1").ticket(ticket.id).state is TicketState.WAITING


def test_nor_by_a_late_second_press_on_an_offer_that_is_forgotten(halls: tuple[RealHall, RealHall]) -> None:
    ticket = take(halls[0])
    halls[0].client("kiosk-1").cancel(ticket.id, CancelTicket(request_id=new_request_id("kiosk-1")))
    answer = press_forgotten(halls[0], ticket.id)
    assert (answer.status, answer.headers["location"]) == (303, ticket.page)


def press_forgotten(hall: RealHall, ticket: str) -> urllib3.BaseHTTPResponse:
    """Take up an offer that the hub does not know any more."""
    return press(hall, ticket, "no-such-offer")


def press(hall: RealHall, ticket: str, offer: str) -> urllib3.BaseHTTPResponse:
    """Press the button of an offer on a ticket's page."""
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    return hall.request("POST", f"/t/{ticket}/accept-offer", body=f"offer={offer}", headers=form)
