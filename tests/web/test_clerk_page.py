"""A clerk at a real browser: what is pressed happens once, and what happens is seen."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from broken_words import broken_words
from playwright.sync_api import Browser, expect
from real_hall import RealHall
from web_visitor import PHONE, Visitor, press_panel

from protocol import topics
from protocol.answers import TicketAnswer, WindowAnswer
from protocol.clients.mqtt_client import MqttClient
from protocol.retained_messages import Board, DeviceStatus
from protocol.vocabulary import DeviceKind, Language, PaperState, Presence, TicketState

Issue = Callable[..., TicketAnswer]


def never_open(now: datetime) -> str:
    """Return opening hours of one minute on a weekday that is not today anywhere."""
    return f"[[hours]]\ndays = [{(now - timedelta(days=2)).isoweekday()}]\nopen = 08:00:00\nclose = 08:01:00\n\n"


def window(hall: RealHall, name: str) -> WindowAnswer:
    """Return a window as the hub sees it."""
    return next(w for w in hall.client("monitor-1").windows().windows if w.id == name)


def enabled(visitor: Visitor) -> set[str]:
    """Return the large keys that can be pressed."""
    keys = visitor.page.locator(".keys .key:visible:not(.disabled)")
    return {keys.nth(n).get_attribute("data-key") or "" for n in range(keys.count())}


def test_a_visit_from_opening_to_finish_as_screens_see_it(hall: RealHall, visitor: Visitor, issue: Issue) -> None:
    subscriber = hall.subscribe(topics.board(hall.site))
    issue("id-card")
    issue("household", priority="elderly")
    visitor.log_in("clerk")
    visitor.page.wait_for_url("**/clerk")
    visitor.picture("clerk-choose-window-zh")
    visitor.page.get_by_role("link", name="公安综合").click()
    visitor.page.wait_for_function("window.socket?.connected && window.heardAt > 0")
    expect(visitor.page.locator(".lamp")).to_contain_text("窗口已关闭")
    assert enabled(visitor) == {"open", "issue"}

    visitor.press("open")
    expect(visitor.page.locator(".lamp")).to_contain_text("空闲")
    expect(visitor.page.get_by_text("下一位：")).to_have_text("下一位：B001 是优先号：老年人")
    visitor.picture("clerk-open-zh")
    visitor.press("call-next")
    expect(visitor.page.locator(".lamp")).to_contain_text("已叫号")
    assert visitor.number == "B001"
    expect(visitor.page.get_by_text("下一位：")).to_have_text("下一位：A001 在本窗口可叫的号码中排得最早")
    expect(visitor.page.locator(".lamp .chip")).to_have_text("老年人")
    called = subscriber.wait_for(topics.board(hall.site), Board, lambda b: b.calls)
    assert [(c.number, c.window_label, c.recall) for c in called.calls] == [("B001", "1", False)]
    visitor.picture("clerk-called-zh")

    visitor.press("recall")
    subscriber.wait_for(topics.board(hall.site), Board, lambda b: b.calls[0].recall)
    visitor.press("start")
    expect(visitor.page.locator(".lamp")).to_contain_text("办理中")
    assert enabled(visitor) == {
        "call-next", "recall", "finish", "transfer", "pause", "close", "issue",
    }  # fmt: skip
    visitor.press("finish")
    expect(visitor.page.locator(".number.none")).to_have_text("窗口没有号码")
    visitor.press("pause")
    expect(visitor.page.locator(".lamp")).to_contain_text("暂停服务")
    assert (visitor.errors, visitor.foreign_requests()) == ([], [])


def test_a_double_click_calls_one_visitor(hall: RealHall, visitor: Visitor, issue: Issue) -> None:
    for _ in range(3):
        issue("id-card")
    press_panel(hall, "window-2", "open")
    visitor.at_window("window-2")
    visitor.page.locator('[data-key="call-next"]').dblclick()
    expect(visitor.page.locator(".lamp")).to_contain_text("已叫号")
    visitor.press("recall")
    visitor.page.wait_for_timeout(0)
    assert window(hall, "window-2").ticket == "A001"
    assert window(hall, "window-2").waiting == 2


def test_a_change_made_elsewhere_appears_by_itself(hall: RealHall, visitor: Visitor, issue: Issue) -> None:
    press_panel(hall, "window-3", "open")
    visitor.at_window("window-3", language="en")
    issue("invoice")
    expect(visitor.page.locator(".box h2").first).to_have_text("Waiting 1")
    press_panel(hall, "window-3", "call-next")
    expect(visitor.page.locator(".box .number")).to_have_text("C001")
    expect(visitor.page.locator(".lamp")).to_contain_text("Called, not here yet")
    visitor.picture("clerk-called-en")


def test_a_refusal_is_shown_in_the_clerks_language(hall: RealHall, visitor: Visitor) -> None:
    press_panel(hall, "window-1", "open")
    visitor.at_window("window-1")
    visitor.press("call-next")
    expect(visitor.page.get_by_role("alert")).to_have_text("没有人在等候")
    visitor.picture("clerk-nobody-waiting-zh")


def test_a_missed_visitor_comes_back_and_any_number_can_be_called(
    hall: RealHall, visitor: Visitor, issue: Issue
) -> None:
    issue("id-card")
    issue("id-card")
    press_panel(hall, "window-2", "open")
    visitor.at_window("window-2")
    visitor.press("call-next")
    expect(visitor.page.locator(".lamp")).to_contain_text("已叫号")
    visitor.press("no-show")
    expect(visitor.page.locator('[data-key="return-A001"]')).to_be_visible()
    visitor.picture("clerk-missed-zh")
    visitor.press("return-A001")
    expect(visitor.page.locator('[data-key="return-A001"]')).to_have_count(0)
    expect(visitor.page.locator(".box h2").first).to_have_text("等候 2")
    visitor.press("call-A001")
    expect(visitor.page.locator(".box .number")).to_have_text("A001")
    assert window(hall, "window-2").ticket == "A001"


def test_a_transfer_and_a_cancellation_need_a_confirmation(hall: RealHall, visitor: Visitor, issue: Issue) -> None:
    issue("id-card")
    lost = issue("id-card")
    press_panel(hall, "window-2", "open")
    visitor.at_window("window-2")
    visitor.press("call-next")
    expect(visitor.page.locator(".lamp")).to_contain_text("已叫号")
    visitor.press("transfer")
    expect(visitor.page.locator('[data-key="to-invoice"]')).to_be_visible()
    visitor.picture("clerk-transfer-zh")
    visitor.press("to-invoice")
    expect(visitor.page.locator(".number.none")).to_be_visible()
    assert window(hall, "window-3").waiting == 1

    visitor.press("cancel-A002")
    expect(visitor.page.locator(".q-dialog .number")).to_have_text("A002")
    visitor.press("cancel")
    expect(visitor.page.locator(".box h2").first).to_have_text("等候 0")
    assert hall.client("monitor-1").ticket(lost.id).state is TicketState.CANCELLED


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_transfer_list_of_a_large_hall_is_searched_by_typing(
    hall: RealHall, visitor: Visitor, issue: Issue, language: str
) -> None:
    hall.describe(hall.site_file.read_text(encoding="utf-8"), with_more_services(12))
    hall.restart_hub()
    issue("id-card")
    issue("id-card", priority="elderly")
    press_panel(hall, "window-2", "open")
    press_panel(hall, "window-2", "call-next")
    visitor.at_window("window-2", language=language)
    for width in (1024, 390, 1366):
        visitor.page.set_viewport_size({"width": width, "height": 768})
        assert broken_words(visitor.page) == []
    visitor.press("transfer")
    keys = visitor.page.locator('.q-dialog [data-key^="to-"]:visible')
    expect(keys).to_have_count(14)
    search = visitor.page.locator(".q-dialog input")
    expect(search).to_be_focused()
    back_at = visitor.page.locator('[data-key="transfer-back"]').bounding_box()
    visitor.picture(f"clerk-transfer-search-{language}")
    for typed, found in (("税务 事项11", 1), ("TAX extra 11", 1), ("extra", 12), ("身份证", 0)):
        search.fill(typed)
        expect(keys).to_have_count(found)
    assert visitor.page.locator('[data-key="transfer-back"]').bounding_box() == back_at, "no key moves"
    search.fill("extra 11")
    visitor.press("to-extra-11")
    expect(visitor.page.locator(".number.none")).to_be_visible()


def test_the_lists_use_the_height_of_an_office_screen(hall: RealHall, visitor: Visitor, issue: Issue) -> None:
    for _ in range(9):
        issue("id-card")
    press_panel(hall, "window-2", "open")
    visitor.at_window("window-2")
    lines = visitor.page.locator("section .entry.line")
    expect(lines).to_have_count(9)
    for n in range(4):
        expect(lines.nth(n)).to_be_in_viewport(ratio=1)
    typed_at = visitor.page.locator('[data-key="call-typed"]').bounding_box()
    visitor.picture("clerk-many-waiting-zh")
    press_panel(hall, "window-2", "call-next")
    press_panel(hall, "window-2", "no-show")
    expect(visitor.page.locator('[data-key="return-A001"]')).to_be_in_viewport(ratio=1)
    assert visitor.page.locator('[data-key="call-typed"]').bounding_box() == typed_at, "no key moves"
    assert visitor.page.locator('[data-key="call-typed"]').is_visible()


def with_more_services(count: int) -> dict[str, str]:
    """Return the change of a site's description that gives its third window so many services more."""
    names = [f"extra-{n}" for n in range(1, count + 1)]
    services = [
        f'[[services]]\nid = "{name}"\nletter = "{chr(ord("C") + n)}"\n'
        f'name = {{ zh = "事项{n}", en = "Extra {n}" }}\ndepartment = "tax"\narea = "a"\n\n'
        for n, name in enumerate(names, start=1)
    ]
    listed = ", ".join(f'"{name}"' for name in ("invoice", *names))
    return {
        'services = ["invoice"]': f"services = [{listed}]",
        '[[windows]]\nid = "window-1"': "".join(services) + '[[windows]]\nid = "window-1"',
    }


def test_a_clerk_issues_a_ticket_to_a_visitor(visitor: Visitor) -> None:
    visitor.at_window("window-1")
    visitor.press("issue")
    visitor.page.get_by_role("combobox", name="优先类别").click()
    visitor.page.get_by_role("option", name="残疾人").click()
    visitor.press("issue-now")
    expect(visitor.page.locator(".q-dialog .number")).to_have_text("A001")
    visitor.picture("clerk-number-taken-zh")
    visitor.page.locator(".q-dialog").get_by_role("button", name="返回").click()
    expect(visitor.page.locator('[data-key="call-A001"]')).to_be_visible()
    expect(visitor.page.locator(".entry .chip")).to_have_text("残疾人")


def test_the_clerk_chooses_the_language_of_the_visitor(hall: RealHall, visitor: Visitor) -> None:
    visitor.at_window("window-1")
    visitor.press("issue")
    visitor.page.get_by_role("combobox", name="来访者的语言").click()
    visitor.page.get_by_role("option", name="English").click()
    visitor.picture("clerk-take-a-number-zh")
    visitor.press("issue-now")
    page = visitor.page.get_by_role("link", name="打开这张票的页面").get_attribute("href") or ""
    assert hall.client("monitor-1").ticket(page.removeprefix("/t/")).language is Language.EN


@pytest.mark.parametrize(
    ("language", "names"),
    [
        ("zh", {"issue": "代取号", "transfer": "转到哪个事项？", "cancel-A002": "取消这个号码？取消后不能恢复。"}),
        (
            "en",
            {
                "issue": "Take a number",
                "transfer": "Transfer to which service?",
                "cancel-A002": "Cancel this number? This cannot be undone.",
            },
        ),
    ],
)
def test_every_dialog_has_its_title_as_accessible_name(
    hall: RealHall, visitor: Visitor, issue: Issue, language: str, names: dict[str, str]
) -> None:
    issue("id-card")
    issue("id-card")
    press_panel(hall, "window-2", "open")
    press_panel(hall, "window-2", "call-next")
    visitor.at_window("window-2", language=language)
    for key, name in names.items():
        visitor.press(key)
        dialog = visitor.page.get_by_role("dialog", name=name, exact=True)
        expect(dialog).to_be_visible()
        dialog.locator('[data-key$="-back"]').click()
        expect(dialog).to_be_hidden()


def test_a_refused_issue_is_shown_in_its_dialog(hall: RealHall, visitor: Visitor) -> None:
    hall.describe(hall.site_file.read_text(encoding="utf-8"), {"[rules]": never_open(datetime.now(UTC)) + "[rules]"})
    hall.restart_hub()
    visitor.at_window("window-1")
    visitor.press("issue")
    visitor.press("issue-now")
    expect(visitor.page.locator(".q-dialog .wrong")).to_contain_text("现在不在服务时间内")
    visitor.picture("clerk-number-refused-zh")


def test_the_page_fits_a_phone(hall: RealHall, visitor: Visitor, issue: Issue) -> None:
    issue("id-card", priority="elderly")
    press_panel(hall, "window-1", "open")
    visitor.page.set_viewport_size(PHONE)
    visitor.at_window("window-1")
    assert visitor.page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    visitor.picture("clerk-phone-zh")


def test_a_press_while_the_hub_was_frozen_does_not_fire_late(hall: RealHall, visitor: Visitor, issue: Issue) -> None:
    issue("id-card")
    press_panel(hall, "window-2", "open")
    visitor.at_window("window-2")
    hall.hub.freeze()
    visitor.press("call-next")
    visitor.page.wait_for_timeout(5000)  # the time for which the hub is frozen, not a wait for something
    hall.hub.resume()
    visitor.page.wait_for_function("(before) => window.heardAt > before", arg=visitor.page.evaluate("window.heardAt"))
    assert window(hall, "window-2").ticket is None


def test_the_page_is_there_again_after_the_hub_was_away(hall: RealHall, visitor: Visitor, issue: Issue) -> None:
    issue("id-card")
    press_panel(hall, "window-2", "open")
    visitor.at_window("window-2")
    with visitor.reloaded():
        hall.restart_hub()
    visitor.press("call-next")
    expect(visitor.page.locator(".box .number")).to_have_text("A001")


def test_a_quick_next_call_asks_in_place_whether_the_visitor_before_came(
    hall: RealHall, visitor: Visitor, issue: Issue
) -> None:
    for _ in range(3):
        issue("id-card")
    press_panel(hall, "window-2", "open")
    visitor.at_window("window-2")
    visitor.press("call-next")
    expect(visitor.page.locator(".lamp")).to_contain_text("已叫号")
    keys_at = visitor.page.locator('[data-key="recall"]').bounding_box()
    assert "finish" not in enabled(visitor), "nothing can be finished that nobody saw begin"
    press_panel(hall, "window-2", "call-next")
    expect(visitor.page.locator(".box .number")).to_have_text("A002")
    expect(visitor.page.get_by_text("A001 来过吗？")).to_be_visible()
    expect(visitor.page.locator(".entry.line", has_text="A001").locator(".chip")).to_have_text("推定")
    assert visitor.page.locator('[data-key="recall"]').bounding_box() == keys_at, "no key moves under the finger"
    visitor.picture("clerk-in-doubt-zh")
    visitor.press("confirm-served")
    expect(visitor.page.get_by_text("A001 来过吗？")).to_be_hidden()
    expect(visitor.page.locator('[data-key="return-A001"]')).to_have_count(0)
    assert window(hall, "window-2").ticket == "A002"


def test_a_number_that_is_typed_is_called(hall: RealHall, visitor: Visitor, issue: Issue) -> None:
    issue("id-card")
    issue("id-card")
    press_panel(hall, "window-2", "open")
    visitor.at_window("window-2")
    typed = visitor.page.get_by_label("号码，例如 A017")
    typed.fill("a002")
    visitor.press("call-typed")
    expect(visitor.page.locator(".box .number")).to_have_text("A002")
    expect(typed).to_have_value("")
    visitor.press("start")
    visitor.press("finish")
    typed.fill("A001")
    typed.press("Enter")
    expect(visitor.page.locator(".box .number")).to_have_text("A001")


def test_a_typed_number_that_nobody_has_is_refused_in_words(hall: RealHall, visitor: Visitor) -> None:
    press_panel(hall, "window-2", "open")
    visitor.at_window("window-2")
    visitor.page.get_by_label("号码，例如 A017").fill("a009")
    visitor.press("call-typed")
    expect(visitor.page.get_by_role("alert")).to_contain_text("A009")


@pytest.mark.parametrize(("language", "fault"), [("zh", "打印机缺纸，请换纸"), ("en", "out of paper")])
def test_a_clerk_reads_that_the_kiosk_has_no_paper(
    hall: RealHall, visitor: Visitor, issue: Issue, language: str, fault: str
) -> None:
    issue("id-card")
    visitor.at_window("window-2", language=language)
    stripe = visitor.page.locator(".faults")
    expect(stripe).to_be_hidden()
    keys_at = visitor.page.locator('[data-key="issue"]').bounding_box()
    with paper_of(hall, "kiosk-7", PaperState.OUT):
        expect(stripe).to_contain_text("kiosk-7")
        expect(stripe).to_contain_text(fault)
        expect(stripe).to_be_in_viewport(ratio=1)
        assert visitor.page.locator('[data-key="issue"]').bounding_box() == keys_at, "no key moves"
        visitor.picture(f"clerk-paper-out-{language}")
    expect(stripe).to_be_hidden()


@contextmanager
def paper_of(hall: RealHall, kiosk: str, paper: PaperState) -> Iterator[None]:
    """A kiosk reports its paper while the block lasts, and that all is well afterwards."""
    broker = MqttClient(hall.broker.address, username=kiosk, password=hall.key(kiosk))
    broker.start()

    def report(now: PaperState) -> None:
        status = DeviceStatus(
            device=kiosk,
            kind=DeviceKind.KIOSK,
            presence=Presence.ONLINE,
            boot="b",
            version="0",
            as_of=datetime.now(UTC),
            paper=now,
        )
        broker.publish_retained(topics.device_status(hall.site, kiosk), status.model_dump_json().encode())

    report(paper)
    yield
    report(PaperState.OK)
    broker.stop()


@pytest.mark.parametrize(
    ("language", "away", "not_taken"),
    [
        ("zh", "联系不上服务器，按键暂时无效", "刚才的按键没有生效。"),
        ("en", "The server cannot be reached and the keys do nothing", "Your key was not taken."),
    ],
)
def test_without_the_network_the_page_says_so_as_a_whole_and_of_each_press(
    hall: RealHall, visitor: Visitor, issue: Issue, language: str, away: str, not_taken: str
) -> None:
    issue("id-card")
    press_panel(hall, "window-2", "open")
    visitor.at_window("window-2", language=language)
    stripe = visitor.page.locator("#away")
    expect(stripe).to_be_hidden()
    visitor.page.context.set_offline(True)
    visitor.press("call-next")
    expect(stripe).to_be_visible()
    expect(stripe).to_contain_text(away)
    expect(stripe).to_contain_text(not_taken)
    expect(visitor.page.locator("body")).to_have_class(re.compile(r"\baway\b"))
    visitor.picture(f"clerk-away-{language}")
    visitor.page.context.set_offline(False)
    expect(stripe).to_be_hidden()
    assert window(hall, "window-2").ticket is None, "the press does not fire late"


def test_since_when_the_hub_is_away_is_shown_in_the_time_of_the_site(
    hall: RealHall, chromium: Browser, album: Callable[[str], Path]
) -> None:
    with chromium.new_context(timezone_id="America/New_York") as context:
        clerk = Visitor(context.new_page(), hall, album)
        clerk.at_window("window-2")
        context.set_offline(True)
        before = datetime.now(ZoneInfo("Asia/Shanghai"))
        since = clerk.page.locator("#away-since")
        expect(since).to_have_text(re.compile(r"\d\d:\d\d:\d\d"))
        shown = re.search(r"\d\d:\d\d:\d\d", since.inner_text())
    assert shown is not None
    ago_s = (before - datetime.combine(before, time.fromisoformat(shown[0]), before.tzinfo)).total_seconds()
    assert min(ago_s % 86400, -ago_s % 86400) < 1800, f"{shown[0]} is not about {before:%H:%M:%S}"


def test_a_frozen_hub_is_away_and_a_press_without_an_answer_is_named(
    hall: RealHall, visitor: Visitor, issue: Issue
) -> None:
    issue("id-card")
    press_panel(hall, "window-2", "open")
    visitor.at_window("window-2")
    hall.hub.freeze()
    visitor.press("call-next")
    expect(visitor.page.locator("#away")).to_contain_text("刚才的按键没有回音")
    hall.hub.resume()
    expect(visitor.page.locator("#away")).to_be_hidden()


def test_the_focus_stays_on_the_key_that_was_pressed(visitor: Visitor, issue: Issue) -> None:
    issue("id-card")
    visitor.at_window("window-2")
    visitor.page.locator('[data-key="open"]').focus()
    visitor.page.keyboard.press("Enter")
    expect(visitor.page.locator('[data-key="call-next"]')).to_be_focused()
    visitor.page.keyboard.press("Enter")
    expect(visitor.page.locator(".lamp")).to_contain_text("已叫号")
    expect(visitor.page.locator('[data-key="call-next"]')).to_be_focused()
    visitor.page.locator('[data-key="start"]').focus()
    visitor.page.keyboard.press("Enter")
    expect(visitor.page.locator(".lamp")).to_contain_text("办理中")
    expect(visitor.page.locator('[data-key="start"]')).to_be_focused()


def test_every_key_of_a_list_names_its_number_and_shows_the_focus(visitor: Visitor, issue: Issue) -> None:
    number = issue("id-card").number
    visitor.at_window("window-1")
    call = visitor.page.get_by_role("button", name=f"呼叫 {number}")
    expect(call).to_have_count(1)
    expect(visitor.page.get_by_role("button", name=f"取消 {number}")).to_have_count(1)
    visitor.page.keyboard.press("Tab")
    call.focus()
    visitor.picture("clerk-focus")
    assert " 0px 0px 0px 6px" in call.evaluate("key => getComputedStyle(key).boxShadow"), "a ring, as links have"
