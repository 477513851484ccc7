"""From a county manager's click to the clerks of real hubs: a window helps with what everybody waits for, and a clerk
is requested from another hall.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType

import pytest
from plain_hub import PlainHub
from playwright.sync_api import Browser, Page, expect
from real_county import RealCounty, until_pushed
from real_hall import RealHall, until
from web_visitor import DESK, PASSCODES, Visitor, press_panel

from protocol import journal as j
from protocol.answers import WindowAnswer
from protocol.clients.hub_client import new_request_id
from protocol.requests import WindowRequest
from protocol.vocabulary import Text
from server.store.database import open_writer
from server.store.site_store import Store

pytestmark = pytest.mark.timeout(240)  # a county, a hub and a browser start on a small machine

SKILLED = 'services = ["invoice"]\nskills = ["id-card"]'
"""What the clerk of window 3 is certified for, and what no proposal has used so far."""


def noon_zone() -> str:
    """Return a time zone in which the day is neither young nor old."""
    hours = 12 - datetime.now(UTC).hour
    return f"Etc/GMT{-hours:+d}" if hours else "Etc/GMT"


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealCounty]:
    """The tests share it; each has sites of its own."""
    ways = "from,to,minutes\ntax,police,6\n"
    with RealCounty(tmp_path_factory.mktemp("county"), ["main-hall", "police", "tax"], travel=ways) as running:
        running.access.set_passcode("manager", PASSCODES["manager"])
        yield running


def two_hours(past: PlainHub, *opened: str, waiting: int) -> None:
    """Let two hours pass: these windows open, and at last so many wait for an identity card."""
    past.open(*opened)
    past.wait(115 * 60)
    for _ in range(waiting):
        past.issue()


@contextmanager
def two_hours_old(
    county: RealCounty,
    site: str,
    *opened: str,
    waiting: int,
    changes: Mapping[str, str] = MappingProxyType({}),
    agreed: Sequence[j.WindowAgreed] = (),
) -> Iterator[RealHall]:
    """A hub whose day is two hours old, and the county has received all of it."""
    zone = {'time_zone = "Asia/Shanghai"': f'time_zone = "{noon_zone()}"'}
    with county.hub(site, changes={**zone, **changes}, start_hub=False) as hall:
        hall.access.set_passcode("clerk", PASSCODES["clerk"])
        hall.access.set_passcode("manager", PASSCODES["manager"])
        past = PlainHub(hall.catalogue, hall.site, at=datetime.now(UTC) - timedelta(hours=2))
        two_hours(past, *opened, waiting=waiting)
        past.do(agreed)
        store = Store(open_writer(hall.data / "hall.sqlite"), site=hall.site)
        with closing(store), store.transaction() as transaction:
            transaction.write(past.made)
        hall.start_hub()
        until_pushed(hall)
        yield hall


@pytest.fixture
def page(chromium: Browser, county: RealCounty) -> Iterator[Page]:
    """The county's manager before the proposals."""
    with chromium.new_context(viewport=DESK) as context:
        page = context.new_page()
        page.goto(county.url() + "/login")
        page.locator("#passcode").fill(PASSCODES["manager"])
        page.get_by_role("button").click()
        page.wait_for_url("**/county")
        page.goto(county.url() + "/county/proposals")
        yield page


@pytest.fixture
def visitor(chromium: Browser, album: Callable[[str], Path]) -> Iterator[Callable[[RealHall], Visitor]]:
    """A person at an office computer of a hall."""
    with chromium.new_context(viewport=DESK) as context:
        context.set_default_timeout(30_000)
        yield lambda hall: Visitor(context.new_page(), hall, album)


def accept(page: Page, request: str) -> None:
    """Accept the proposal with this request."""
    card = page.locator(".proposal")
    expect(card).to_contain_text(request, timeout=45_000)
    page.wait_for_function("window.socket?.connected && window.heardAt > 0")
    card.locator('[data-key="accept"]').click()
    expect(page.locator("table.stack tbody tr").first).to_contain_text("✓ 已采纳")
    expect(page.locator("table.stack tbody tr").first).to_contain_text(request)


def test_an_accepted_proposal_lets_the_idle_window_call_from_the_long_queue(
    county: RealCounty, page: Page, visitor: Callable[[RealHall], Visitor]
) -> None:
    skilled = {'services = ["invoice"]': SKILLED}
    with two_hours_old(county, "main-hall", "window-2", "window-3", waiting=30, changes=skilled) as hall:
        with pytest.raises(Exception, match="nobody is waiting"):
            press_panel(hall, "window-3", "call-next")
        accept(page, "3 号窗口也办理：居民身份证")
        page.goto(county.url() + "/county")
        expect(page.locator('tr[data-site="main-hall"]')).to_contain_text("✓ 一致（第 ")

        def window() -> WindowAnswer:
            return next(w for w in hall.client("window-3").windows().windows if w.id == "window-3")

        until(lambda: "id-card" in window().services, what="the window helps", within_s=15)
        called = hall.client("window-3").command_window(
            "window-3", "call-next", WindowRequest(request_id=new_request_id("window-3"))
        )
        assert called.number == "A001"
        clerk = visitor(hall)
        for language, text in (("zh", "今天也办理：居民身份证"), ("en", "Also takes today: Resident ID card")):
            clerk.at_window("window-3", language=language)
            expect(clerk.page.locator(".helps")).to_have_text(text)
            clerk.picture(f"clerk-helps-{language}")


def test_clerks_read_what_was_agreed_until_they_have_done_it(
    county: RealCounty, page: Page, visitor: Callable[[RealHall], Visitor]
) -> None:
    """Window 2 of the police is calm and not the only one; window 3 was requested to open before. Window 1 of the tax
    hall is closed and needed.
    """
    request = j.WindowAgreed(window="window-3", proposal="p0", opens=True, services=("invoice",), elsewhere=None)
    with two_hours_old(county, "police", "window-1", "window-2", waiting=0, agreed=[request]) as police:
        tax = PlainHub(police.catalogue, "tax", at=datetime.now(UTC) - timedelta(hours=2))
        two_hours(tax, "window-2", waiting=30)
        county.client("tax").push(tax.push())
        accept(page, "请公安办证中心 2 号窗口的工作人员去办税服务厅 1 号窗口，办理：居民身份证")
        (help_,) = county.view("tax").helps
        assert help_.elsewhere == Text(zh="公安办证中心 2 号窗口", en="window 2, Police Service Centre")

        clerk = visitor(police)
        line = clerk.page.locator(".agreed")
        clerk.at_window("window-2")
        leaving = "经理同意：本窗口请暂停，前往 办税服务厅 1 号窗口，办理：居民身份证"
        expect(line).to_have_text(leaving)
        expect(clerk.page.locator(".lamp")).to_contain_text("空闲")
        clerk.picture("agreed-leave-zh")
        clerk.press("pause")
        expect(line).to_have_count(0)
        clerk.go("/clerk?window=window-3")
        expect(line).to_have_text("经理同意：请打开本窗口，办理：发票领用")
        clerk.picture("agreed-open-zh")
        clerk.go("/language/en?to=/clerk")
        clerk.picture("agreed-open-en")
        clerk.log_in("manager")
        clerk.page.wait_for_url("**/manager")
        expect(clerk.page.locator("td .agreed")).to_have_text(
            "Agreed by the manager: please open this window for Invoices"
        )
        clerk.picture("agreed-manager-en")
