"""What a person at a browser reads at an address that is none, and what a program receives there."""

from __future__ import annotations

import json

import pytest
from real_hall import RealHall
from web_visitor import Visitor

UNKNOWN = ("/", "/nothing", "/t/", "/t/a/b", "/login/nothing", "/index.html?a=<b>")
BEHIND_THE_LOGIN = ("/clerk/nothing", "/manager/nothing", "/_nicegui/nothing", "/manager/figures.csv?day=x&by=hour")


@pytest.mark.parametrize(
    ("locale", "lang", "title"), [("zh-CN", "zh-CN", "没有这个页面"), ("en-GB", "en", "There is no such page")]
)
def test_an_address_that_is_none_has_a_page_of_our_own(visitor: Visitor, locale: str, lang: str, title: str) -> None:
    page = visitor.page
    page.set_extra_http_headers({"Accept-Language": locale})
    for address in UNKNOWN:
        shown = page.goto(visitor.hall.url + address)
        assert shown is not None
        assert (shown.status, page.title(), page.locator("html").get_attribute("lang")) == (404, title, lang), address
        assert {"没有这个页面", "There is no such page"} <= set(page.locator("h1").inner_text().splitlines())
    visitor.picture(f"no-such-page-{lang}")
    page.get_by_role("link").click()
    page.wait_for_url("**/login")


def test_who_is_logged_in_sees_no_page_of_the_framework(visitor: Visitor) -> None:
    visitor.log_in("manager")
    for address in BEHIND_THE_LOGIN:
        shown = visitor.page.goto(visitor.hall.url + address)
        assert shown is not None
        assert shown.status in {404, 422}
        assert "NiceGUI" not in visitor.page.content()
        assert visitor.page.locator("main h1 small").count() == 1, address


@pytest.mark.parametrize("path", ["/v1/nothing", "/nothing"])
def test_a_program_receives_json(hall: RealHall, path: str) -> None:
    for accept in ("application/json", "*/*"):
        answer = hall.request("GET", path, headers={"Accept": accept})
        assert (answer.status, json.loads(answer.data)["error"]) == (404, "not_found")
    assert hall.request("GET", "/v1/nothing", headers={"Accept": "text/html"}).headers["content-type"] == (
        "application/json"
    )
