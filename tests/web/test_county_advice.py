"""From a county manager's click to a clerk's call: a window of a real hub helps with what everybody waits for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from paper_hub import PaperHub
from playwright.sync_api import Browser, expect
from real_county import RealCounty
from real_hall import RealHall, until
from web_visitor import DESK, PASSCODES, press_panel

from protocol import messages as m
from protocol.hub_client import new_request_id
from server.store.database import open_writer
from server.store.journal import Store

SKILLED = 'services = ["invoice"]\nskills = ["id-card"]'
"""What the clerk of window 3 is certified for, and nobody has asked for so far."""


def noon_zone() -> str:
    """Return a time zone in which the day is neither young nor old."""
    hours = 12 - datetime.now(UTC).hour
    return f"Etc/GMT{-hours:+d}" if hours else "Etc/GMT"


@pytest.fixture
def county(tmp_path: Path) -> Iterator[RealCounty]:
    with RealCounty(tmp_path / "county", ["main-hall"]) as running:
        running.access.set_passcode("manager", PASSCODES["manager"])
        yield running


@pytest.fixture
def hall(county: RealCounty) -> Iterator[RealHall]:
    """A hub whose day is two hours old: thirty wait for window 2, nobody for window 3."""
    changes = {'services = ["invoice"]': SKILLED, 'time_zone = "Asia/Shanghai"': f'time_zone = "{noon_zone()}"'}
    with county.hub("main-hall", changes=changes, start_hub=False) as hall:
        past = PaperHub(hall.catalogue, hall.site, at=datetime.now(UTC) - timedelta(hours=2))
        past.open("window-2", "window-3")
        past.wait(115 * 60)
        for _ in range(30):
            past.issue()
        store = Store(open_writer(hall.data / "hall.sqlite"), site=hall.site)
        with closing(store), store.transaction() as transaction:
            transaction.write(past.made)
        hall.start_hub()
        yield hall


def test_an_accepted_proposal_lets_the_idle_window_call_from_the_long_queue(
    chromium: Browser, county: RealCounty, hall: RealHall
) -> None:
    with chromium.new_context(viewport=DESK) as context:
        page = context.new_page()
        page.goto(county.url() + "/login")
        page.locator("#passcode").fill(PASSCODES["manager"])
        page.get_by_role("button").click()
        page.wait_for_url("**/county")
        page.goto(county.url() + "/county/proposals")
        card = page.locator(".proposal")
        expect(card).to_contain_text("3 窗口也办理：居民身份证", timeout=45_000)
        page.wait_for_function("window.socket?.connected && window.heardAt > 0")
        with pytest.raises(Exception, match="nobody is waiting"):
            press_panel(hall, "window-3", "call-next")
        card.locator('[data-key="accept"]').click()
        expect(page.locator("table.stack")).to_contain_text("✓ 已采纳")
        page.goto(county.url() + "/county")
        expect(page.locator('tr[data-site="main-hall"]')).to_contain_text("✓ 一致（第 ", timeout=30_000)

    def window() -> m.WindowAnswer:
        return next(w for w in hall.client("window-3").windows().windows if w.id == "window-3")

    until(lambda: "id-card" in window().services, what="the window helps", within_s=15)
    called = hall.client("window-3").window(
        "window-3", "call-next", m.WindowCommand(request_id=new_request_id("window-3"))
    )
    assert called.number == "A001"
