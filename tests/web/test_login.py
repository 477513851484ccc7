"""Who may open which page, and what becomes of guessing."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import urllib3
from real_county import RealCounty
from real_hall import RealHall
from web_visitor import PASSCODES, Visitor

from server.auth.throttle import WITHIN_S, WRONG_TRIES, WRONG_TRIES_OF_ALL, LoginThrottle

STAFF_PAGES = ("/clerk", "/clerk?window=window-1", "/manager", "/manager/figures.csv?day=2026-01-05&by=service")


def show(hall: RealHall, role: str, passcode: str, *, whom: str | None = None) -> urllib3.BaseHTTPResponse:
    """Send the form as a browser does, or as a proxy does for ``whom``."""
    forwarded = {} if whom is None else {"X-Forwarded-For": whom}
    return urllib3.request(
        "POST",
        hall.url + "/login",
        body=f"role={role}&passcode={passcode}".encode(),
        headers={"Content-Type": "application/x-www-form-urlencoded", **forwarded},
        redirect=False,
    )


def test_the_right_passcode_opens_the_roles_own_page(hall: RealHall, visitor: Visitor) -> None:
    visitor.go("/manager")
    assert visitor.page.url == hall.url + "/login?role=manager"
    visitor.picture("login")
    visitor.log_in("manager", "00000000")
    assert visitor.page.get_by_role("alert").inner_text().splitlines()[0] == "口令不对，请再试一次。"
    visitor.picture("login-wrong")
    visitor.log_in("manager")
    visitor.page.wait_for_url("**/manager")
    visitor.go("/clerk")
    assert visitor.page.url == hall.url + "/clerk"
    visitor.go("/logout")
    visitor.go("/manager")
    assert visitor.page.url == hall.url + "/login?role=manager"


def test_a_passcode_is_the_same_in_full_width_digits_and_with_blanks_around_it(hall: RealHall) -> None:
    full_width = "".join(chr(ord(digit) + 0xFEE0) for digit in PASSCODES["clerk"])
    for typed in (quote(full_width), f"+{PASSCODES['clerk']}%0A"):
        assert show(hall, "clerk", typed).headers["location"] == "/clerk"


def test_a_clerk_is_no_manager(hall: RealHall, visitor: Visitor) -> None:
    visitor.log_in("clerk")
    visitor.page.wait_for_url("**/clerk")
    visitor.go("/manager")
    assert visitor.page.url == hall.url + "/login?role=manager"
    visitor.go("/manager/figures.csv?day=2026-01-05&by=hour")
    assert visitor.page.url == hall.url + "/login?role=manager"


def test_without_a_passcode_or_with_a_forged_cookie_every_page_leads_to_the_login(hall: RealHall) -> None:
    for cookie in ("", "jiaohao_small-hall=eyJyb2xlIjogIm1hbmFnZXIifQ==.aaaa.bbbb"):
        for path in STAFF_PAGES:
            answer = urllib3.request("GET", hall.url + path, redirect=False, headers={"Cookie": cookie})
            assert (answer.status, answer.headers["location"].split("?")[0]) == (303, "/login"), path


def test_a_session_cookie_is_out_of_reach_of_scripts_and_other_sites(hall: RealHall) -> None:
    cookie = show(hall, "clerk", PASSCODES["clerk"]).headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie


def test_a_browser_stays_in_at_the_hub_and_at_the_county_on_one_machine(
    hall: RealHall, visitor: Visitor, tmp_path: Path
) -> None:
    with RealCounty(tmp_path, ["small-hall"]) as county:
        county.access.set_passcode("manager", PASSCODES["manager"])
        visitor.log_in("manager")
        visitor.page.goto(county.url() + "/login?role=manager")
        visitor.page.locator("#passcode").fill(PASSCODES["manager"])
        visitor.page.get_by_role("button").click()
        visitor.page.wait_for_url("**/county")
        visitor.go("/manager")
        assert visitor.page.url == hall.url + "/manager"
        visitor.page.goto(county.url() + "/county")
        assert visitor.page.url == county.url() + "/county"


def test_a_new_passcode_ends_the_sessions_of_the_old_one(hall: RealHall, visitor: Visitor) -> None:
    visitor.at_window("window-1")
    hall.access.set_passcode("clerk", "99999999")
    visitor.page.wait_for_url("**/login?role=clerk")
    visitor.go("/clerk")
    assert visitor.page.url == hall.url + "/login?role=clerk"


def test_guessing_is_slowed_down_in_words_also_for_who_invents_addresses(hall: RealHall) -> None:
    wrong = [show(hall, "manager", f"0000000{n}", whom=f"10.0.0.{n}").status for n in range(WRONG_TRIES)]
    refused = show(hall, "manager", PASSCODES["manager"])
    assert wrong == [403] * WRONG_TRIES
    assert refused.status == 429
    assert "错误次数太多，请" in refused.data.decode()


def test_a_configured_proxy_names_the_address_that_logs_in(tmp_path: Path) -> None:
    hall = RealHall(tmp_path, with_broker=False)
    settings = hall.settings.read_text(encoding="utf-8")
    hall.settings.write_text(f'proxies = ["127.0.0.0/8"]\n{settings}', encoding="utf-8")
    with hall:
        hall.access.set_passcode("manager", PASSCODES["manager"])
        tried = [show(hall, "manager", "1", whom="10.0.0.1").status for _ in range(WRONG_TRIES + 1)]
        assert tried == [403] * WRONG_TRIES + [429]
        assert show(hall, "manager", PASSCODES["manager"], whom="10.0.0.2").status == 303


def test_an_impossible_form_is_only_a_form_again(hall: RealHall) -> None:
    assert show(hall, "owner", "1").status == 400
    assert show(hall, "clerk", "1" * 100_000).status == 400
    assert show(hall, "clerk", "%ff%fe&role=%00").status == 403


def test_many_addresses_together_are_slowed_down_too() -> None:
    tries = LoginThrottle()
    for n in range(WRONG_TRIES_OF_ALL):
        assert tries.wait_s(f"10.0.0.{n}", at=float(n)) == 0
        tries.count(f"10.0.0.{n}", at=float(n))
    assert tries.wait_s("10.0.1.1", at=40.0) == WITHIN_S - 40
    tries.forgive("10.0.0.0")
    assert tries.wait_s("10.0.1.1", at=40.0) == 0


def test_tries_are_forgotten_with_time_or_with_the_right_passcode() -> None:
    tries = LoginThrottle()
    for second in range(WRONG_TRIES):
        assert tries.wait_s("10.0.0.8", at=100.0 + second) == 0
        tries.count("10.0.0.8", at=100.0 + second)
    assert tries.wait_s("10.0.0.8", at=110.0) == WITHIN_S - 10
    assert tries.wait_s("10.0.0.9", at=110.0) == 0
    assert tries.wait_s("10.0.0.8", at=100.0 + WITHIN_S) == 0
    tries.forgive("10.0.0.8")
    assert tries.wait_s("10.0.0.8", at=110.0) == 0
