from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from real_hall import RealHall

from server.domain.model.catalogue import Rules
from server.hub.routes.route_responses import ERRORS

CHINESE = re.compile(r"[\u4e00-\u9fff]")


def test_a_visit_from_touch_to_goodbye(desk: Any) -> None:
    issued = desk.issue("id-card", language="en", priority="elderly")
    assert {k: issued[k] for k in ("number", "service", "state", "language", "priority", "people_ahead", "window")} == {
        "number": issued["number"],
        "service": "id-card",
        "state": "waiting",
        "language": "en",
        "priority": "elderly",
        "people_ahead": 0,
        "window": None,
    }
    assert re.fullmatch(r"A\d{3}", issued["number"])
    assert issued["print_job"]["outcome"] == "pending"
    assert len(issued["id"]) >= 16, "the address behind the QR cannot be guessed"
    assert issued["page"] == f"/t/{issued['id']}"

    assert desk.press("window-1", "open")["state"] == "open"
    seen = [desk.press("window-1", key)["state"] for key in ("call-next", "recall", "start", "finish")]
    assert seen == ["called", "called", "serving", "finished"]
    ended = desk.get(f"/tickets/{issued['id']}")
    assert (ended["state"], ended["window"], ended["number"]) == ("finished", "window-1", issued["number"])


def test_a_missed_visitor_returns_to_the_queue(desk: Any) -> None:
    ticket = desk.issue()
    desk.press("window-1", "open")
    desk.press("window-1", "call-next")
    assert desk.press("window-1", "no-show")["state"] == "no_show"
    back = desk.request(f"/tickets/{ticket['id']}/return-to-queue", device="kiosk-1")
    assert (back.status, back.json()["state"]) == (200, "waiting")
    assert desk.press("window-1", f"call/{ticket['number']}")["number"] == ticket["number"]


def test_a_transfer_goes_to_the_other_windows_queue(desk: Any) -> None:
    ticket = desk.issue()
    desk.press("window-1", "open")
    desk.press("window-3", "open")
    desk.press("window-1", "call-next")
    moved = desk.press("window-1", "transfer", service="invoice")
    assert (moved["state"], moved["service"]) == ("waiting", "invoice")
    assert desk.press("window-3", "call-next")["id"] == ticket["id"]


def test_a_ticket_is_printed_again_once_and_its_outcome_is_reported(desk: Any) -> None:
    ticket = desk.issue()
    job = ticket["print_job"]["job"]
    ended = desk.request(f"/prints/{job}/outcome", device="kiosk-1", outcome="failed", reason="缺纸 paper out")
    assert (ended.json()["outcome"], ended.json()["reason"]) == ("failed", "缺纸 paper out")
    again = desk.request(f"/tickets/{ticket['id']}/prints", device="kiosk-1").json()
    assert (again["reprint"], again["outcome"], again["device"]) == (True, "pending", "kiosk-1")


def test_services_windows_board_devices_and_metrics_show_the_hall(desk: Any) -> None:
    desk.issue("invoice")
    desk.press("window-3", "open")
    services = desk.get("/services")
    assert [(s["id"], s["waiting"], s["people_ahead"]) for s in services["services"]] == [
        ("id-card", 0, 0),
        ("household", 0, 0),
        ("invoice", 1, 1),
    ]
    windows = desk.get("/windows")["windows"]
    assert [(w["label"], w["state"], w["waiting"]) for w in windows] == [
        ("1", "closed", 0),
        ("2", "closed", 0),
        ("3", "open", 1),
    ]
    called = desk.press("window-3", "call-next")
    board = desk.get("/board")
    assert (board["calls"][0]["number"], board["calls"][0]["window_label"]) == (called["number"], "3")
    assert {d["id"]: d["kind"] for d in desk.get("/devices")["devices"]}["kiosk-1"] == "kiosk"
    metrics = desk.hall.request("GET", "/metrics", device="monitor-1")
    assert metrics.status == 200
    assert b'jiaohao_waiting_tickets{service="invoice"} 0.0' in metrics.data


# ------------------------------------------------------------------------------------------------------- errors


def nobody(desk: Any) -> Any:
    desk.press("window-2", "open")
    return desk.request("/windows/window-2/call-next")


def elsewhere(desk: Any) -> Any:
    ticket = desk.issue()
    desk.press("window-1", "open")
    desk.press("window-2", "open")
    desk.press("window-1", "call-next")
    return desk.request(f"/windows/window-2/call/{ticket['number']}")


def not_served(desk: Any) -> Any:
    ticket = desk.issue("invoice")
    desk.press("window-1", "open")
    return desk.request(f"/windows/window-1/call/{ticket['number']}")


def twice_back(desk: Any) -> Any:
    ticket = desk.issue()
    desk.press("window-1", "open")
    for _ in range(2):
        desk.press("window-1", f"call/{ticket['number']}")
        desk.press("window-1", "no-show")
        answer = desk.request(f"/tickets/{ticket['id']}/return-to-queue")
    return answer


def passed_too_often(desk: Any) -> Any:
    desk.issue()
    desk.press("window-1", "open")
    later = [desk.issue()["number"] for _ in range(Rules().passed_at_most + 1)]
    for number in later[:-1]:
        desk.press("window-1", f"call/{number}")
    return desk.request(f"/windows/window-1/call/{later[-1]}")


def printed_twice(desk: Any) -> Any:
    ticket = desk.issue()
    desk.request(f"/tickets/{ticket['id']}/prints", device="kiosk-1")
    return desk.request(f"/tickets/{ticket['id']}/prints", device="kiosk-1")


def other_outcome(desk: Any) -> Any:
    job = desk.issue()["print_job"]["job"]
    desk.request(f"/prints/{job}/outcome", device="kiosk-1", outcome="printed")
    return desk.request(f"/prints/{job}/outcome", device="kiosk-1", outcome="failed")


def reused(desk: Any) -> Any:
    desk.request("/windows/window-1/open", request_id="reused-request")
    return desk.request("/windows/window-1/pause", request_id="reused-request")


CASES: dict[str, Callable[[Any], Any]] = {
    "unknown_key": lambda desk: desk.hall.request("GET", "/v1/board"),
    "not_allowed": lambda desk: desk.request("/windows/window-1/open", device="kiosk-1"),
    "not_own_window": lambda desk: desk.request("/windows/window-1/open", device="window-2"),
    "unknown_window": lambda desk: desk.request("/windows/window-99/call-next"),
    "unknown_ticket": lambda desk: desk.request("/tickets/no-such-ticket/cancel"),
    "unknown_print": lambda desk: desk.request("/prints/no-such-job.1/outcome", device="kiosk-1", outcome="printed"),
    "nobody_waiting": nobody,
    "window_not_open": lambda desk: desk.request("/windows/window-1/call-next"),
    "no_ticket_at_window": lambda desk: desk.request("/windows/window-1/start"),
    "nobody_in_doubt": lambda desk: desk.request("/windows/window-1/confirm-served"),
    "passed_too_often": passed_too_often,
    "ticket_elsewhere": elsewhere,
    "service_not_served": not_served,
    "wrong_state": lambda desk: desk.request(f"/tickets/{desk.issue()['id']}/return-to-queue"),
    "no_return_left": twice_back,
    "not_referred": lambda desk: desk.request("/check-ins", device="kiosk-1", code=desk.issue()["number"]),
    "reprint_used": printed_twice,
    "offer_gone": lambda desk: desk.request("/referrals", device="kiosk-1", offer="no-such-offer"),
    "print_ended_already": other_outcome,
    "request_id_reused": reused,
    "body_too_large": lambda desk: desk.hall.request("POST", "/v1/tickets", device="kiosk-1", body=b" " * 70_000),
    "invalid_json": lambda desk: desk.hall.request("POST", "/v1/tickets", device="kiosk-1", body=b"{", headers=JSON),
    "invalid_field": lambda desk: desk.request("/tickets", device="kiosk-1"),
    "unknown_service": lambda desk: desk.request("/tickets", device="kiosk-1", service="passports"),
    "unknown_priority": lambda desk: desk.request("/tickets", device="kiosk-1", service="id-card", priority="vip"),
}
JSON = {"Content-Type": "application/json"}
ELSEWHERE = {
    "hall_closed",
    "no_show_too_soon",
    "called_just_now",
    "too_many_commands",
    "too_late",
    "disk_full",
    "store_fault",
    "unreadable",
    "no_answer",
    "place_refused",
    "called_here",
    "place_unconfirmed",
    "not_own_certificate",
    "tls_off",
    "wrong_code",
    "code_used",
    "code_expired",
    "code_tried_too_often",
    "code_for_another",
    "too_many_tries",
    "unusable_request",
}
"""Errors that need a hall of another kind, or in trouble; they have tests of their own."""


def check_error(answer: Any, name: str) -> None:
    """An error has its name, its status, and a sentence in each language."""
    error = answer.json()
    assert (error["error"], answer.status) == (name, ERRORS[name].status)
    assert CHINESE.search(error["message"]["zh"])
    assert error["message"]["en"]
    assert not CHINESE.search(error["message"]["en"])
    assert set(error) == {"error", "message", "field"}


@pytest.mark.parametrize("name", sorted(CASES))
def test_an_error_has_its_name_its_status_and_both_languages(desk: Any, name: str) -> None:
    check_error(CASES[name](desk), name)


def test_every_documented_error_is_shown_to_happen() -> None:
    assert set(CASES) | ELSEWHERE == set(ERRORS)


def test_outside_the_hours_no_number_is_issued(tmp_path: Path) -> None:
    other_day = (datetime.now(UTC).astimezone(ZoneInfo("Asia/Shanghai")) + timedelta(days=3)).isoweekday()
    hours = f"[[hours]]\ndays = [{other_day}]\nopen = 09:00:00\nclose = 10:00:00\n\n[rules]"
    with RealHall(tmp_path, with_broker=False, changes={"[rules]": hours}) as hall:
        command = {"request_id": "closed-hall-1", "service": "id-card"}
        check_error(hall.request("POST", "/v1/tickets", command, device="kiosk-1"), "hall_closed")
        services = hall.request("GET", "/v1/services", device="kiosk-1").json()
        assert services["open"] is False
        assert services["opens_at"].endswith("09:00")


def test_nobody_is_absent_before_the_rule_of_the_site_allows(tmp_path: Path) -> None:
    with RealHall(tmp_path, with_broker=False, changes={"no_show_after_s = 0": "no_show_after_s = 600"}) as hall:
        hall.request("POST", "/v1/tickets", {"request_id": "visitor-1", "service": "id-card"}, device="kiosk-1")
        for key in ("open", "call-next"):
            hall.request("POST", f"/v1/windows/window-1/{key}", {"request_id": f"press-{key}"}, device="window-1")
        command = {"request_id": "press-no-show"}
        pressed = hall.request("POST", "/v1/windows/window-1/no-show", command, device="window-1")
        check_error(pressed, "no_show_too_soon")


def test_a_double_press_calls_one_visitor(tmp_path: Path) -> None:
    with RealHall(tmp_path, with_broker=False, changes={"call_guard_s = 0": "call_guard_s = 60"}) as hall:
        for count in range(2):
            command = {"request_id": f"visitor-{count}", "service": "id-card"}
            assert hall.request("POST", "/v1/tickets", command, device="kiosk-1").status == 200
        press = [
            hall.request("POST", f"/v1/windows/window-1/{key}", {"request_id": f"press-{key}-{n}"}, device="window-1")
            for n, key in enumerate(("open", "call-next", "call-next"))
        ]
        assert [p.status for p in press] == [200, 200, 409]
        check_error(press[2], "called_just_now")


def test_a_visitor_called_just_now_is_not_marked_absent(tmp_path: Path) -> None:
    with RealHall(tmp_path, with_broker=False, changes={"no_show_after_s = 0": "no_show_after_s = 500"}) as hall:
        issue = {"request_id": "visitor-0", "service": "id-card"}
        assert hall.request("POST", "/v1/tickets", issue, device="kiosk-1").status == 200
        press = [
            hall.request("POST", f"/v1/windows/window-1/{key}", {"request_id": f"press-{key}"}, device="window-1")
            for key in ("open", "call-next", "no-show")
        ]
        assert [p.status for p in press] == [200, 200, 409]
        check_error(press[2], "no_show_too_soon")


# ------------------------------------------------------------------------------------------------------ repeats


@pytest.mark.parametrize("name", ["window_not_open", "no_ticket_at_window", "unknown_window", "nobody_waiting"])
def test_a_repeated_refusal_is_the_identical_answer_whatever_happened_since(desk: Any, name: str) -> None:
    paths = {"unknown_window": "/windows/window-99/call-next", "no_ticket_at_window": "/windows/window-1/start"}
    path = paths.get(name, "/windows/window-1/call-next")
    if name == "nobody_waiting":
        desk.press("window-1", "open")
    first = desk.request(path, request_id=f"refused-{name}")
    assert first.json()["error"] == name
    desk.issue()
    desk.press("window-1", "open")
    desk.press("window-1", "call-next")
    again = desk.request(path, request_id=f"refused-{name}")
    assert (again.status, again.data) == (first.status, first.data)


def test_a_number_called_before_it_was_issued_is_not_called_by_a_repeat(desk: Any) -> None:
    issued = desk.issue()["number"]
    next_number = f"A{int(issued[1:]) + 1:03d}"
    desk.press("window-1", "open")
    first = desk.request(f"/windows/window-1/call/{next_number}", request_id="early-call-1")
    assert first.json()["error"] == "unknown_ticket"
    assert desk.issue()["number"] == next_number
    again = desk.request(f"/windows/window-1/call/{next_number}", request_id="early-call-1")
    assert (again.status, again.data) == (first.status, first.data)


def test_a_repeated_touch_is_one_ticket_also_after_a_restart(desk: Any) -> None:
    command = {"service": "id-card", "request_id": "double-touch-1", "device": "kiosk-1"}
    first = desk.request("/tickets", **command)
    desk.tickets.append(first.json()["id"])
    before = desk.get("/board")["seq"]
    assert desk.request("/tickets", **command).data == first.data
    desk.hall.restart_hub()
    again = desk.request("/tickets", **command)
    assert (again.status, again.data) == (200, first.data)
    assert desk.get("/board")["seq"] == before


def test_a_report_on_a_print_is_answered_the_same_after_the_ticket_ended(desk: Any) -> None:
    ticket = desk.issue()
    path = f"/prints/{ticket['print_job']['job']}/outcome"
    first = desk.request(path, device="kiosk-1", request_id="print-report-1", outcome="printed")
    desk.request(f"/tickets/{ticket['id']}/cancel")
    again = desk.request(path, device="kiosk-1", request_id="print-report-1", outcome="printed")
    assert (first.status, again.status, again.data) == (200, 200, first.data)


def test_the_same_id_with_other_fields_is_another_request(desk: Any) -> None:
    first = desk.request("/tickets", device="kiosk-1", request_id="same-id-0001", service="id-card")
    desk.tickets.append(first.json()["id"])
    for fields in ({"service": "invoice"}, {"service": "id-card", "language": "en"}):
        other = desk.request("/tickets", device="kiosk-1", request_id="same-id-0001", **fields)
        check_error(other, "request_id_reused")
