"""A manager at a real browser: the hall now, and the waits of a day that were worked out by hand."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from plain_hall import PlainHall
from playwright.sync_api import expect
from real_hall import RealHall
from six_visitors import six_visitors
from web_visitor import PASSCODES, PHONE, Visitor, press_panel

from protocol import topics
from protocol.answers import DevicesAnswer, TicketAnswer
from protocol.clients.mqtt_client import MqttClient
from protocol.retained_messages import DeviceStatus, Notice
from protocol.text.waits import wait_range
from protocol.vocabulary import DeviceKind, Language, PaperState, Presence, Text
from server.store.database import open_writer
from server.store.site_store import Store

Issue = Callable[..., TicketAnswer]
HOSTILE = "<img src=x onerror=document.hacked=1>"

# The sixth visitor was never called: the turn of the day withdrew the number.
BY_SERVICE = [
    [
        "居民身份证",
        "3",
        "4",
        "1",
        "1",
        "0",
        "0",
        "0",
        "3",
        "10.0",
        *["20.0"] * 3,
        "100%",
        "1.0",
        "3",
        "13.3",
        "10.0",
        "20.0",
    ],
    ["户口登记", "1", "0", "0", "0", "0", "1", "0", "0", *["–"] * 6, "0", *["–"] * 3],
    ["发票领用", "2", "0", "0", "0", "0", "1", "0", "1", *["40.0"] * 4, "0%", "0.0", "1", *["6.0"] * 3],
    ["全天", "6", "4", "1", "1", "0", "2", "0", "4", "10.0", *["40.0"] * 3, "75%", "0.0", "4", "11.5", "10.0", "20.0"],
]


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[RealHall]:
    """A hall with a past day of six visitors, in which a service's name is hostile in English."""
    changes = {'en = "Invoices"': f'en = "{HOSTILE}"'}
    with RealHall(tmp_path, changes=changes, start_hub=False) as hall:
        past = PlainHall(hall.catalogue)
        past.open()
        six_visitors(past)
        past.wait(24 * 3600)
        past.turn_day()
        store = Store(open_writer(hall.data / "hall.sqlite"), site=hall.site)
        with closing(store), store.transaction() as transaction:
            transaction.write(past.made)
        hall.access.set_passcode("clerk", PASSCODES["clerk"])
        hall.access.set_passcode("manager", PASSCODES["manager"])
        hall.start_hub()
        yield hall


def log_in(visitor: Visitor, *, language: str = "zh") -> None:
    """Open the manager's page."""
    visitor.log_in("manager")
    visitor.go(f"/language/{language}?to=/manager")
    visitor.page.wait_for_function("window.socket?.connected && window.heardAt > 0")


def choose_day(visitor: Visitor, day: str) -> None:
    """Choose the day of the statistics."""
    visitor.page.get_by_role("combobox").click()
    visitor.page.get_by_role("option", name=day).click()
    expect(visitor.page.locator(".sheet p b", has_text=day)).to_be_visible()


def rows_of(visitor: Visitor, table: str) -> list[list[str]]:
    """Return the cells of a table of figures, row by row."""
    rows = visitor.page.locator(f'table[aria-label="{table}"] tr:has(td)')
    return [row.locator("td").all_inner_texts() for row in rows.all()]


def test_a_past_days_figures_are_under_the_charts_and_in_the_csv(visitor: Visitor) -> None:
    log_in(visitor)
    choose_day(visitor, "2026-03-02")
    assert rows_of(visitor, "按事项") == BY_SERVICE
    assert [row[:5] for row in rows_of(visitor, "按窗口")] == [
        ["1 公安综合", "2", "2", "0", "0"],
        ["2 身份证", "3", "2", "1", "1"],
        ["3 税务", "1", "0", "0", "0"],
        ["全天", "6", "4", "1", "1"],
    ]
    assert [row[:2] for row in rows_of(visitor, "按取号时间（小时）")] == [
        ["09:00", "3"],
        ["10:00", "3"],
        ["全天", "6"],
    ]
    assert rows_of(visitor, "承诺兑现") == [["4", "3", "33%", "33%", "67%", "6.5", "1", "4", "0.5", "0"]]
    expect(visitor.page.locator(".nicegui-echart svg")).to_have_count(3)
    visitor.picture("manager-past-day-zh")

    with visitor.page.expect_download() as download:
        visitor.page.get_by_role("link", name="CSV").first.click()
    raw = download.value.path().read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert download.value.suggested_filename == "2026-03-02-service.csv"
    table = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"))))
    assert table[0][:2] == ["事项", "取号"]
    assert table[1:] == [[cell.replace("–", "") for cell in row] for row in BY_SERVICE]
    for day, status in (("0001-01-01", 422), ("2000-01-01", 200), ("2999-12-31", 200), ("9999-12-31", 422)):
        assert visitor.page.request.get(f"{visitor.hall.url}/manager/figures.csv?day={day}&by=hour").status == status
    assert (visitor.errors, visitor.foreign_requests()) == ([], [])


def test_the_hall_now_follows_what_happens(hall: RealHall, visitor: Visitor, issue: Issue) -> None:
    log_in(visitor)
    cards = visitor.page.locator(".card b")
    expect(cards).to_have_text(["0", "–", "0 / 3", "0", "0"])
    issue("id-card")
    issue("id-card")
    press_panel(hall, "window-2", "open")
    press_panel(hall, "window-2", "call-next")
    expect(cards.first).to_have_text("1")
    expect(cards).to_have_text(["1", "0", "1 / 3", "2", "0"])
    press_panel(hall, "window-2", "finish")
    expect(cards).to_have_text(["1", "0", "1 / 3", "2", "1"])
    press_panel(hall, "window-2", "call-next")
    expect(visitor.page.locator("tr", has_text="身份证").locator("td.state")).to_contain_text("已叫号")
    visitor.picture("manager-now-zh")


def test_what_visitors_are_promised_now_is_shown_by_service(hall: RealHall, visitor: Visitor, issue: Issue) -> None:
    for window in ("window-1", "window-2"):
        press_panel(hall, window, "open")
    for language, label in (("zh", "事项"), ("en", "Services")):
        log_in(visitor, language=language)
        rows = visitor.page.locator(f'table[aria-label="{label}"] tbody tr')
        expect(rows.first).to_contain_text({"zh": "分钟", "en": "min"}[language])
        services = hall.client("kiosk-1").services().services
        for row, service in zip(rows.all(), services, strict=True):
            expect(row).to_contain_text(wait_range(service.promise).in_language(Language(language)))
        visitor.picture(f"manager-promises-{language}")
    assert {service.promise is None for service in services} == {True, False}
    for _ in range(4):
        issue("id-card")
    expect(rows.first.locator("td").nth(1)).to_have_text("4")


def test_a_printer_without_paper_is_named(hall: RealHall, visitor: Visitor) -> None:
    log_in(visitor)
    expect(visitor.page.get_by_text("还没有登记设备。")).to_be_visible()
    broker = MqttClient(hall.broker.address, username="kiosk-7", password=hall.key("kiosk-7"))
    broker.start()
    status = DeviceStatus(
        device="kiosk-7",
        kind=DeviceKind.KIOSK,
        presence=Presence.ONLINE,
        boot="b",
        version="0",
        as_of=datetime.now(UTC),
        paper=PaperState.OUT,
    )
    broker.publish_retained(topics.device_status(hall.site, "kiosk-7"), status.model_dump_json().encode())
    expect(visitor.page.locator(".entry", has_text="kiosk-7")).to_contain_text("打印机缺纸，请换纸")
    visitor.picture("manager-paper-out-zh")
    well = status.model_copy(update={"paper": PaperState.OK})
    broker.publish_retained(topics.device_status(hall.site, "kiosk-7"), well.model_dump_json().encode())
    expect(visitor.page.get_by_text("设备都正常。 (1)")).to_be_visible()
    broker.stop()


def test_the_page_has_one_main_and_its_links_the_contrast_of_text(visitor: Visitor) -> None:
    log_in(visitor)
    expect(visitor.page.locator("main")).to_have_count(1)
    expect(visitor.page.get_by_role("progressbar")).to_have_count(0)
    colours = visitor.page.locator("a[download]").evaluate_all("links => links.map(a => getComputedStyle(a).color)")
    assert len(colours) == 3
    assert all(contrast_with_white(colour) >= 4.5 for colour in colours)


def contrast_with_white(colour: str) -> float:
    """Return the contrast of a CSS colour with white, by WCAG."""
    shares = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    linear = [s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return 1.05 / (luminance + 0.05)


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("zh", "不连接消息服务，最近一次请求 "), ("en", "does not use the message broker, last request at ")],
)
def test_a_device_that_uses_http_alone_is_no_fault(
    hall: RealHall, visitor: Visitor, language: str, sentence: str
) -> None:
    hall.key("monitor-2")
    press_panel(hall, "window-2", "open")
    answer = DevicesAnswer.model_validate_json(hall.request("GET", "/v1/devices", device="monitor-1").data)
    contacts = {device.id: device.contact_at is not None for device in answer.devices}
    assert contacts == {"monitor-1": True, "monitor-2": False, "window-2": True}
    log_in(visitor, language=language)
    for device in ("monitor-1", "window-2"):
        entry = visitor.page.locator(".entry", has_text=device)
        expect(entry).to_contain_text(sentence)
        expect(entry.locator(".wrong")).to_have_count(0)
    expect(visitor.page.locator(".entry", has_text="monitor-2").locator(".wrong")).to_have_count(0)
    visitor.picture(f"manager-http-alone-{language}")


def test_an_absent_broker_is_a_stripe_over_the_page(hall: RealHall, visitor: Visitor) -> None:
    log_in(visitor)
    expect(visitor.page.locator(".stripe")).to_have_count(0)
    hall.broker.kill()
    expect(visitor.page.locator(".stripe")).to_contain_text("消息服务中断")


def test_a_notice_reaches_the_screens_and_outlives_the_hub(hall: RealHall, visitor: Visitor) -> None:
    subscriber = hall.subscribe(topics.notice(hall.site))
    log_in(visitor)
    visitor.page.get_by_label("中文").fill("今天 16:30 提前下班 " + HOSTILE)
    visitor.page.get_by_label("英文").fill("Closing early at 16:30")
    visitor.press("show-notice")
    expect(visitor.page.get_by_role("status").last).to_have_text("大屏现在显示这条通知。")
    notice = Text(zh="今天 16:30 提前下班 " + HOSTILE, en="Closing early at 16:30")
    subscriber.wait_for(topics.notice(hall.site), Notice, lambda n: n.text == notice)

    with visitor.reloaded():
        hall.hub.stop()
        hall.broker.kill()
        hall.broker.start()
        subscriber.newest.clear()
        hall.start_hub()
    subscriber.wait_for(topics.notice(hall.site), Notice, lambda n: n.text == notice)
    assert visitor.page.get_by_label("中文").input_value() == notice.zh
    visitor.press("remove-notice")
    subscriber.wait_for(topics.notice(hall.site), Notice, lambda n: n.text == Text(zh="", en=""))


def test_a_notice_that_the_screens_cannot_show_is_refused_and_the_character_named(visitor: Visitor) -> None:
    log_in(visitor)
    visitor.page.get_by_label("中文").fill("今天停电 བོད་")
    visitor.press("show-notice")
    expect(visitor.page.get_by_role("status").last).to_have_text(
        "大屏显示不了这些字符：བ (U+0F56), U+0F7C, ད (U+0F51), ་ (U+0F0B)，请换一种写法"
    )


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("zh", "通知太长：有 121 个字，最多 120 个"), ("en", "too long: 121 characters of at most 120")],
)
def test_a_notice_that_is_too_long_is_refused_and_not_cut(visitor: Visitor, language: str, sentence: str) -> None:
    log_in(visitor, language=language)
    field = visitor.page.get_by_label("中文" if language == "zh" else "Chinese")
    field.fill("中" * 121)
    expect(visitor.page.get_by_role("alert").filter(has_text=sentence)).to_be_visible()
    visitor.press("show-notice")
    expect(visitor.page.get_by_role("status")).to_contain_text(sentence)
    visitor.picture(f"manager-notice-too-long-{language}")
    assert field.input_value() == "中" * 121
    field.fill("中" * 120)
    expect(visitor.page.get_by_role("alert").filter(has_text=sentence)).to_have_count(0)


def test_names_and_notices_are_words_and_never_markup(hall: RealHall, visitor: Visitor, issue: Issue) -> None:
    ticket = issue("invoice", language="en")
    press_panel(hall, "window-3", "open")
    log_in(visitor, language="en")
    choose_day(visitor, "2026-03-02")
    assert rows_of(visitor, "By service")[2][0] == HOSTILE
    visitor.page.locator(".nicegui-echart svg").first.hover()
    visitor.picture("manager-past-day-en")
    visitor.go("/clerk?window=window-3")
    expect(visitor.page.locator(".tally .what")).to_have_text(HOSTILE)
    visitor.page.wait_for_function("window.socket?.connected")
    visitor.press("call-next")
    expect(visitor.page.locator(".lamp .of")).to_contain_text(HOSTILE)
    visitor.press("issue")
    visitor.go(ticket.page)
    expect(visitor.page.get_by_text(HOSTILE)).to_be_visible()
    assert visitor.page.evaluate("document.hacked === undefined")
    assert not [url for url in visitor.requests if url.endswith("/x")]


def test_the_page_fits_a_phone_and_prints(visitor: Visitor) -> None:
    visitor.page.set_viewport_size(PHONE)
    log_in(visitor)
    choose_day(visitor, "2026-03-02")
    assert visitor.page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    visitor.picture("manager-phone-zh")
    visitor.page.set_viewport_size({"width": 800, "height": 1100})
    visitor.page.emulate_media(media="print")
    expect(visitor.page.locator(".bar a").first).to_be_hidden()
    expect(visitor.page.get_by_role("link", name="CSV").first).to_be_hidden()
    visitor.picture("manager-print-zh")


def test_the_pages_write_nothing_outside_the_hubs_data(hall: RealHall, visitor: Visitor) -> None:
    before = set(Path.cwd().iterdir())
    log_in(visitor)
    visitor.go("/clerk?window=window-1")
    visitor.page.wait_for_function("window.socket?.connected && window.heardAt > 0")
    assert set(Path.cwd().iterdir()) == before
    assert {path.name for path in hall.folder.iterdir()} <= {
        "clock.json", "data", "hub.toml", "site.toml", "hub.log", "mosquitto.conf", "mosquitto.log", "pictures",
    }  # fmt: skip
