"""The hub with its pages on a small machine: memory, start, and the API that it serves too."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser
from real_hall import RealHall, until
from web_visitor import PASSCODES, Visitor

LARGEST = 120 * 2**20
"""Bytes, of a hub that did not have to make its tables first."""


def test_several_open_pages_and_logins_leave_the_hub_small(hall: RealHall, chromium: Browser, tmp_path: Path) -> None:
    hall.restart_hub()
    hub = psutil.Process(hall.hub.pid)
    for number in range(6):
        with chromium.new_context() as context:
            page = Visitor(context.new_page(), hall, lambda name: tmp_path / name)
            page.log_in("manager")
            page.page.wait_for_function("window.socket?.connected && window.heardAt > 0")
            page.go(f"/clerk?window=window-{number % 3 + 1}")
            page.page.wait_for_function("window.socket?.connected && window.heardAt > 0")
    assert hub.memory_info().rss < LARGEST


def test_the_hub_answers_before_its_pages_are_loaded_and_then_serves_them(real_hall: RealHall) -> None:
    real_hall.hub.stop()
    real_hall.start_hub()
    until(lambda: real_hall.request("GET", "/login").status == 200, what="the login page")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/v1/nothing", 404), ("GET", "/", 404), ("GET", "/managers", 404), ("POST", "/v1/board", 405)],
)
def test_what_is_not_a_page_stays_the_interfaces_own_answer(
    shared_hall: RealHall, method: str, path: str, status: int
) -> None:
    answer = shared_hall.request(method, path)
    assert answer.status == status
    assert set(answer.json()) == {"error", "message", "field"}


def test_a_passcode_is_needed_to_have_been_made(real_hall: RealHall) -> None:
    form = f"role=clerk&passcode={PASSCODES['clerk']}"
    answer = real_hall.request(
        "POST", "/login", body=form, headers={"Content-Type": "application/x-www-form-urlencoded"}
    )
    assert answer.status == 403
    assert "还没有设置口令" in answer.data.decode()
