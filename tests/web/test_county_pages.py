"""A county's manager at a real browser: every site, one site, advice, and what balancing saved.

The county is a real one; its hubs are journals of rules alone, two hours old, every minute worked out by hand.
"""

from __future__ import annotations

import csv
import io
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
import urllib3
from plain_hall import offer_made
from plain_hub import PlainHub
from playwright.sync_api import Browser, Locator, Page, expect
from real_county import RealCounty
from web_visitor import DESK, PASSCODES, PHONE

from protocol.answers import OtherSite
from protocol.county import DigestCheck
from protocol.vocabulary import Promise, Text
from server.county.intake.inbox import CountyInbox
from server.county.intake.known_sites import KnownSites
from server.domain.model.catalogue import Catalogue
from server.domain.referrals import reconcile, referral_destination, referral_origin
from server.runtime.clock import Clock
from server.store.county_database import open_county
from server.store.county_store import CountyStore

SITES = ["main-hall", "police", "township", "tax"]
HERE = Promise(low_min=40, high_min=60, p50_min=44.0, p80_min=57.0, p90_min=66.0)
THERE = Promise(low_min=10, high_min=20, p50_min=12.0, p80_min=18.0, p90_min=23.0)
PAST = "rgb(102, 112, 133)"
NAME = Text(zh="公安分中心", en="Police")
SENT = [20.0, 15.0, 62.0]
"""Minutes after which the referred visitors were called: two were sooner than the 44 minutes of staying."""


@dataclass
class Papers:
    """Two sites' journals. Visitors who were referred arrive at once and are called by number."""

    main: PlainHub
    police: PlainHub

    def wait(self, minutes: float) -> None:
        self.main.wait(minutes * 60)
        self.police.wait(minutes * 60)

    def offer(self, name: str) -> None:
        where = OtherSite(site="police", name=NAME, address=NAME, travel_min=6)
        made = offer_made(name, to_site="police", where=where, here=HERE, there=THERE, travel_min=6.0, saving_min=26.0)
        self.main.do([made])

    def send(self, name: str) -> str:
        """Let a visitor accept an offer, and return the number there."""
        self.offer(name)
        request = referral_origin.accept_offer(
            self.main.hall, offer=name, referral=f"r-{name}", print_device=None, at=self.main.moment
        )
        self.main.do([request])
        ids = (f"p-{name}-{n}" for n in count())
        for hub in (self.police, self.main, self.police):
            states = reconcile.referral_states({"main-hall": self.main.hall, "police": self.police.hall}, hub.site)
            hub.do(reconcile.reconcile(hub.hall, states, at=hub.moment, new_ticket=lambda: next(ids)))
        return self.main.hall.referrals[f"r-{name}"].place.number  # type: ignore[union-attr]

    def call(self, number: str) -> None:
        self.police.do(referral_destination.check_in(self.police.hall, code=number))
        self.police.call_number(number, "window-1")


def written(described: Catalogue) -> Papers:
    """Two hours of this day: three visitors were referred, one stayed, one left; thirty wait at the main hall."""
    now = datetime.now(UTC)
    papers = Papers(*(PlainHub(described, site, at=now - timedelta(minutes=125)) for site in ("main-hall", "police")))
    papers.main.open("window-2", "window-3")
    papers.police.open()
    numbers = [papers.send(f"o{n}") for n in range(len(SENT))]
    papers.offer("stayed")
    papers.main.issue(offer="stayed")
    papers.offer("left")
    for minutes, number in sorted(zip(SENT, numbers, strict=True)):
        papers.wait(minutes - (papers.main.moment.mono_s - 1000) / 60)
        papers.call(number)
    papers.main.call_next("window-2")
    papers.wait(120 - (papers.main.moment.mono_s - 1000) / 60)
    for _ in range(30):
        papers.main.issue()
        papers.wait(0.1)
    for _ in range(12):
        papers.police.issue("invoice")
    return papers


@pytest.fixture(scope="module")
def papers(small_catalogue: Catalogue) -> Papers:
    return written(small_catalogue)


@pytest.fixture(scope="module")
def county(
    papers: Papers, small_catalogue: Catalogue, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RealCounty]:
    """A county that is connected to two of its four sites, lost one an hour ago and never had one."""
    ways = "from,to,minutes\nmain-hall,police,6\n"
    real = RealCounty(tmp_path_factory.mktemp("county"), SITES, travel=ways)
    connect_an_hour_ago(real.database, small_catalogue, "tax")
    with real as running:
        running.access.set_passcode("manager", PASSCODES["manager"])
        push_all(running, papers)
        yield running


def connect_an_hour_ago(database: str, described: Catalogue, site: str) -> None:
    """Have the county know a site in which a visitor waits, with tables that were equal, from long ago."""
    then = datetime.now(UTC) - timedelta(hours=1)
    clock = Clock(wall=lambda: then)
    hub = PlainHub(described, site, at=then)
    hub.issue()
    store = CountyStore(open_county(database))
    store.prepare([site])
    known_sites = KnownSites(store, [site], clock=clock, on_change=lambda *_: None)
    CountyInbox(store, known_sites, clock=clock).accept(site, hub.push())
    with store.transaction(site) as transaction:
        transaction.write_head(replace(transaction.head, tables_equal=True, checked_seq=hub.hall.seq, checked_at=then))
    store.close()


def push_all(county: RealCounty, papers: Papers) -> None:
    """Push both journals, the one of the hall that can help first; in half a minute both are away."""
    for hub in (papers.police, papers.main):
        county.client(hub.site).push(hub.push())


@pytest.fixture
def page(chromium: Browser, county: RealCounty, papers: Papers) -> Iterator[Page]:
    """A manager who has shown the passcode; the browser complains of nothing."""
    push_all(county, papers)
    complaints: list[str] = []
    with chromium.new_context(viewport=DESK) as context:
        context.set_default_timeout(30_000)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(county.url() + "/county")
        assert page.url == county.url() + "/login?role=manager"
        page.locator("#passcode").fill(PASSCODES["manager"])
        page.get_by_role("button").click()
        page.wait_for_url("**/county")
        yield page
    assert complaints == []


def go(page: Page, county: RealCounty, path: str, language: str = "zh") -> None:
    page.goto(f"{county.url()}/language/{language}?to={path}")
    page.wait_for_function("window.socket?.connected && window.heardAt > 0")


def cells(page: Page, site: str) -> list[str]:
    return page.locator(f'tr[data-site="{site}"] td').all_inner_texts()


Album = Callable[[str], Path]


def pictured(page: Page, county: RealCounty, path: str, *, album: Album, name: str) -> None:
    """Take pictures of a page in both languages, on an office screen and on a phone; nothing reaches over its edge."""
    for language in ("zh", "en"):
        for size, view in (("desk", DESK), ("phone", PHONE)):
            page.set_viewport_size(view)
            go(page, county, path, language)
            width = page.evaluate("document.documentElement.scrollWidth")
            page.screenshot(path=album(f"{name}-{size}-{language}"), full_page=True)
            assert width <= view["width"], f"{path} is {width} px wide on a {size}"
    page.set_viewport_size(DESK)


def test_the_overview_shows_the_figures_and_the_link_of_every_site(
    page: Page, county: RealCounty, papers: Papers, album: Album
) -> None:
    push_all(county, papers)
    go(page, county, "/county")
    main, police = cells(page, "main-hall"), cells(page, "police")
    assert main[0] == "政务服务主大厅"
    assert main[1].startswith("● 已连接")
    assert (main[2], main[5]) == ("30", "2 / 3")
    assert int(main[3].split()[0]) >= 2
    assert police[2].startswith("12")
    expect(page.locator('tr[data-site="main-hall"] td').nth(4)).to_contain_text("居民身份证")
    assert cells(page, "township")[1:3] == ["○ 从未连接", "–"]
    expect(page.locator(".cards")).to_contain_text("2 / 4")
    pictured(page, county, "/county", album=album, name="county")
    page.set_viewport_size({"width": 1280, "height": 768})
    push_all(county, papers)
    go(page, county, "/county", "en")
    sign = page.locator('tr[data-site="main-hall"] .sign')
    expect(sign).to_have_text("● connected")
    assert sign.evaluate("sign => sign.getClientRects().length") == 1, "sign and word stand in one line"
    page.screenshot(path=album("county-1280-en"), full_page=True)


def test_a_journal_that_was_changed_by_hand_is_shown_with_words_also_when_it_goes_on(
    page: Page, county: RealCounty, papers: Papers, album: Album
) -> None:
    wrong = papers.police.push(after=3).model_copy(update={"chain": "f" * 64})
    county.request("POST", "/v1/sites/police/journal", wrong.model_dump(mode="json"), site="police")
    go(page, county, "/county")
    row = page.locator('tr[data-site="police"]')
    expect(row).to_contain_text("✕ 流水被拒")
    expect(row).to_contain_text("流水与县里的不一致")
    push_all(county, papers)
    expect(row).to_contain_text("● 已连接")
    expect(row).to_contain_text("拒收过一份流水（流水与县里的不一致")
    page.screenshot(path=album("county-refused-once-zh"), full_page=True)
    go(page, county, "/county", "en")
    expect(row).to_contain_text("another machine may use its key")
    page.screenshot(path=album("county-refused-once-en"), full_page=True)


def test_the_figures_of_a_site_that_is_away_are_grey_and_marked_as_old(
    page: Page, county: RealCounty, papers: Papers
) -> None:
    push_all(county, papers)
    go(page, county, "/county")
    away, there = (page.locator(f'tr[data-site="{site}"]') for site in ("tax", "main-hall"))
    expect(away).to_contain_text("▲ 断开")
    expect(away).to_contain_text("✓ 一致（第 ")
    assert [colour == PAST for colour in colours(away)] == [False] * 2 + [True] * 5, "all but name and link"
    assert PAST not in colours(there)
    expect(page.locator(".card").first).to_contain_text("其中 1 人按旧数据")


def colours(row: Locator) -> list[str]:
    """Return the colour of the innermost first word of each cell."""
    inner = (
        "cell => { while (cell.firstElementChild) cell = cell.firstElementChild; return getComputedStyle(cell).color }"
    )
    return [cell.evaluate(inner) for cell in row.locator("td").all()]


def test_a_comparison_of_journal_and_tables_is_shown_with_its_number(
    page: Page, county: RealCounty, papers: Papers
) -> None:
    hub, day = papers.police, papers.police.hall.day
    assert day is not None
    check = DigestCheck(seq=hub.hall.seq, day=day, tables="0" * 64)
    assert county.client("police").push(hub.push(after=hub.hall.seq, check=check)).tables_equal is False
    go(page, county, "/county")
    expect(page.locator('tr[data-site="police"]')).to_contain_text(f"✕ 不一致（第 {hub.hall.seq} 条")


def test_one_site_is_shown_as_its_own_managers_see_it(page: Page, county: RealCounty, album: Album) -> None:
    go(page, county, "/county")
    page.get_by_role("link", name="政务服务主大厅").click()
    page.wait_for_url("**/county/site/main-hall")
    expect(page.locator(".cards").first).to_contain_text("30")
    expect(page.locator("table.words").first).to_contain_text("身份证")
    expect(page.get_by_text("站点程序版本 0.1.0")).to_be_visible()
    with page.expect_download() as downloading:
        page.get_by_role("link", name="下载 CSV").first.click()
    assert downloading.value.suggested_filename.endswith("-service.csv")
    pictured(page, county, "/county/site/main-hall", album=album, name="county-site")


def test_a_proposal_is_accepted_with_one_click_and_published_to_its_sites(
    page: Page, county: RealCounty, album: Album
) -> None:
    request = "请公安办证中心 2 号窗口的工作人员去政务服务主大厅 1 号窗口，办理：居民身份证"
    go(page, county, "/county/proposals")
    card = page.locator(".proposal", has_text="政务服务主大厅")
    expect(card).to_contain_text(request)
    expect(card).to_contain_text("两处合计，现在等候的和两小时内来的人，共少等约")
    expect(card).to_contain_text("路上约 6 分钟")
    beneath = card.locator(".key .other").first
    assert float(beneath.evaluate("word => parseFloat(getComputedStyle(word).fontSize)")) >= 13
    pictured(page, county, "/county/proposals", album=album, name="county-proposals")
    go(page, county, "/county/proposals")
    card.locator('[data-key="accept"]').click()
    expect(page.locator("table.stack")).to_contain_text(request)
    expect(page.locator("table.stack")).to_contain_text("✓ 已采纳")
    expect(card).to_have_count(0)
    (help_,) = county.view("main-hall").helps
    assert (help_.window, help_.opens, help_.services) == ("window-1", True, ("id-card",))
    assert help_.elsewhere == Text(zh="公安办证中心 2 号窗口", en="window 2, Police Service Centre")
    (leave,) = county.view("police").leaves
    assert (leave.window, leave.services, leave.proposal) == ("window-2", ("id-card",), help_.proposal)
    assert leave.elsewhere == Text(zh="政务服务主大厅 1 号窗口", en="window 1, Main Service Hall")
    assert county.view("police").helps == county.view("main-hall").leaves == []
    pictured(page, county, "/county/proposals", album=album, name="county-proposal-accepted")


def test_the_savings_report_counts_those_who_were_worse_off(page: Page, county: RealCounty, album: Album) -> None:
    go(page, county, "/county/savings")
    saved, hurt, missed, offers, stayed = page.locator(".card").all_inner_texts()
    assert saved.split("\n")[1:] == [str(3 * 44 - 20 - 15 - 62), "3 人已叫到"]
    assert hurt.split("\n")[1:] == ["1", "共多等 18 分钟"]
    assert missed.split("\n")[1:] == ["1", "共 3 人"]
    assert offers.split("\n")[1:] == ["5", "3 人前往，1 人留下"]
    assert stayed.split("\n")[1:] == ["62", "平均"]
    hurt_row = page.get_by_label("前往后反而等得更久的人").locator("tbody tr td").all_inner_texts()
    assert hurt_row[6:10] == ["44", "10–20", "62", "-18"]
    assert "▼ 反而更久" in hurt_row[10]
    with page.expect_download() as downloading:
        page.get_by_role("link", name="下载 CSV").click()
    rows = list(csv.reader(io.StringIO(downloading.value.path().read_text(encoding="utf-8-sig"))))
    assert [row[5] for row in rows[1:]] == ["前往", "前往", "前往", "留下"]
    assert sum(float(row[9]) for row in rows[1:4]) == 35
    pictured(page, county, "/county/savings", album=album, name="county-savings")
    last = date(2026, 6, 1)
    for days, status in ((-1, 422), (0, 200), (91, 200), (92, 422), (9000, 422)):
        query = f"first={last - timedelta(days=days)}&last={last}"
        assert page.request.get(f"{county.url()}/county/savings.csv?{query}").status == status, days
    refused = page.request.get(f"{county.url()}/county/savings.csv?first=2000-01-01&last=2999-12-31").json()
    assert refused["error"] == "invalid_period"
    assert page.request.get(f"{county.url()}/county/savings.csv?first=0001-01-01&last=0001-01-02").status == 422
    for day, status in (("9999-12-31", 422), ("2999-12-31", 200)):
        assert page.request.get(f"{county.url()}/county/site/police/figures.csv?day={day}&by=hour").status == status


def test_a_report_that_cannot_be_read_shows_an_error_and_no_other_week(
    page: Page, county: RealCounty, album: Album
) -> None:
    go(page, county, "/county/savings")
    expect(page.locator(".card").first).to_be_visible()
    database = county.folder / "data" / "county.sqlite"
    rename(database, "days", "away")
    try:
        choose_week(page, 1)
        expect(page.get_by_role("alert")).to_contain_text("报告暂时读不出来")
        expect(page.locator(".card")).to_have_count(0)
        page.screenshot(path=album("county-savings-unreadable-zh"), full_page=True)
    finally:
        rename(database, "away", "days")
    choose_week(page, 0)
    expect(page.locator(".card").first).to_be_visible()
    expect(page.get_by_text("报告暂时读不出来")).to_have_count(0)


def rename(database: Path, table: str, name: str) -> None:
    """Take a table from the county, or give it back."""
    with closing(sqlite3.connect(database, timeout=30)) as connection:
        connection.execute(f"ALTER TABLE {table} RENAME TO {name}")


def choose_week(page: Page, back: int) -> None:
    page.locator(".day .q-field__native").first.click()
    page.locator(".q-menu .q-item").nth(back).click()


def test_a_file_of_figures_that_cannot_be_read_is_a_named_error(tmp_path: Path, small_catalogue: Catalogue) -> None:
    hub = PlainHub(small_catalogue, "police")
    with RealCounty(tmp_path, ["police"]) as county:
        county.access.set_passcode("manager", PASSCODES["manager"])
        county.client("police").push(hub.push())
        shown = f"role=manager&passcode={PASSCODES['manager']}".encode()
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        entered = urllib3.request("POST", county.url() + "/login", body=shown, headers=form, redirect=False)
        cookie = {"Cookie": entered.headers["set-cookie"].partition(";")[0]}
        for table in ("calls", "journal"):
            engine = open_county(county.database).writer
            with engine.begin() as connection:
                connection.exec_driver_sql(f"ALTER TABLE {table} RENAME TO {table}_gone")
            engine.dispose()
        for path in ("site/police/figures.csv?day=2026-03-02&by=hour", "savings.csv?first=2026-03-01&last=2026-03-03"):
            answer = urllib3.request("GET", f"{county.url()}/county/{path}", headers=cookie, redirect=False)
            assert (answer.status, answer.json()["error"]) == (503, "unreadable"), path
            assert "读不出来" in answer.json()["message"]["zh"]
        assert "Traceback" not in county.processes[0].output()


def test_an_address_that_the_county_does_not_have_is_a_page_for_people(county: RealCounty) -> None:
    answer = urllib3.request("GET", f"{county.url()}/nothing", headers={"Accept": "text/html"})
    assert (answer.status, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "没有这个页面" in answer.data.decode()


def test_no_page_of_the_county_is_shown_without_the_passcode(county: RealCounty) -> None:
    for path in ("", "/proposals", "/savings", "/site/police", "/savings.csv?first=2026-01-01&last=2026-01-07"):
        answer = urllib3.request("GET", county.url() + "/county" + path, redirect=False)
        assert (answer.status, answer.headers["location"]) == (303, "/login?role=manager"), path
