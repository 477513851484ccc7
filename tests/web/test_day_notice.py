"""The question about clock and day on the staff's pages: where they work, in their language, answered by one press."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest
from playwright.sync_api import expect
from real_hall import RealHall
from web_visitor import Visitor

from protocol.answers import TicketAnswer

Issue = Callable[..., TicketAnswer]


@pytest.fixture
def morning_after(hall: RealHall, issue: Issue) -> RealHall:
    """Three took a number yesterday; the machine was off at night, and two came this morning."""
    for _ in range(3):
        issue("id-card")
    hall.hub.kill()
    hall.clock.change(boot="next-morning", ahead_s=24 * 3600.0)
    hall.start_hub()
    for _ in range(2):
        issue("id-card")
    return hall


def actors(hall: RealHall, kind: str) -> list[tuple[str, dict[str, object]]]:
    """Return who wrote the facts of a kind, and the facts."""
    with closing(sqlite3.connect(hall.data / "hall.sqlite")) as database:
        found = database.execute("SELECT actor, fact FROM journal WHERE kind = ?", (kind,)).fetchall()
    return [(actor, json.loads(fact)) for actor, fact in found]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_clerk_ends_the_day_of_those_who_are_gone(visitor: Visitor, morning_after: RealHall, language: str) -> None:
    visitor.at_window("window-1", language=language)
    notice = visitor.page.locator(".day-notice")
    expect(notice).to_contain_text("A001")
    visitor.picture(f"clerk-left-over-{language}")
    visitor.press("day-gone")
    expect(visitor.page.locator(".q-dialog .concerned")).to_contain_text("3 ")
    visitor.picture(f"clerk-left-over-question-{language}")
    assert actors(morning_after, "ticket_cancelled") == [], "one press cancels nobody"
    visitor.press("day-gone-confirm")
    expect(notice).to_be_hidden()
    cancelled = actors(morning_after, "ticket_cancelled")
    assert [(actor, fact["reason"]) for actor, fact in cancelled] == [("clerk", "day_ended")] * 3
    assert [actor for actor, _ in actors(morning_after, "day_moved")] == ["clerk"]
    assert visitor.errors == []


def test_a_manager_keeps_those_who_are_here(visitor: Visitor, morning_after: RealHall, issue: Issue) -> None:
    visitor.log_in("manager")
    for language in ("en", "zh"):
        visitor.go(f"/language/{language}?to=/manager")
        visitor.page.wait_for_function("window.socket?.connected && window.heardAt > 0")
        expect(visitor.page.locator(".day-notice")).to_contain_text("A003")
        visitor.picture(f"manager-left-over-{language}")
    visitor.press("day-gone")
    expect(visitor.page.get_by_role("dialog", name="确认他们都走了？取消后不能恢复。", exact=True)).to_be_visible()
    visitor.press("day-gone-back")
    expect(visitor.page.locator(".q-dialog")).to_be_hidden()
    visitor.press("day-here")
    expect(visitor.page.locator(".day-notice")).to_be_hidden()
    assert actors(morning_after, "ticket_cancelled") == []
    assert [actor for actor, _ in actors(morning_after, "day_moved")] == ["manager"]
    assert issue("id-card").number == "A006"


def test_the_staff_confirm_a_time_that_nothing_confirms(visitor: Visitor, hall: RealHall) -> None:
    hall.clock.change(source="none", boot="without-a-clock")
    hall.restart_hub()
    visitor.at_window("window-1", language="en")
    notice = visitor.page.locator(".day-notice")
    expect(notice).to_contain_text("not confirmed")
    visitor.picture("clerk-clock-en")
    visitor.log_in("manager")
    visitor.go("/language/zh?to=/manager")
    visitor.page.wait_for_function("window.socket?.connected && window.heardAt > 0")
    expect(notice).to_contain_text("没有得到确认")
    visitor.picture("manager-clock-zh")
    assert not hall.health().clock_trusted
    visitor.press("time-right")
    expect(notice).to_be_hidden()
    assert hall.health().clock_trusted
    assert [actor for actor, _ in actors(hall, "clock_confirmed")] == ["manager"]


def test_a_hall_whose_clock_and_day_are_right_shows_no_question(visitor: Visitor, hall: RealHall, issue: Issue) -> None:
    issue("id-card")
    visitor.at_window("window-1")
    expect(visitor.page.locator(".day-notice")).to_be_hidden()
    assert hall.health().parts["clock"].state == "ok"
