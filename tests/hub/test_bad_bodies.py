from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

GOOD = b'{"request_id": "good-body-1", "service": "id-card"}'
JSON = {"Content-Type": "application/json"}


def in_pieces() -> Iterator[bytes]:
    """A body that announces no length and does not end in time."""
    yield b'{"request_id": "'
    for _ in range(100):
        yield b"x" * 10_000


def announced_short() -> bytes:
    return b" " * 65_537


BODIES: dict[str, tuple[Any, str, str | None]] = {
    "nothing": (b"", "invalid_field", "body"),
    "not JSON": (b"{]", "invalid_json", None),
    "cut off": (GOOD[:-1], "invalid_json", None),
    "not UTF-8": (b'{"request_id": "\xff\xfe\xfd"}', "invalid_json", None),
    "UTF-16": (GOOD.decode().encode("utf-16-be")[1:], "invalid_json", None),
    "nested 20,000 deep": (b"[" * 20_000 + b"]" * 20_000, "invalid_json", None),
    "a number of 5,000 digits": (b'{"request_id": ' + b"9" * 5_000 + b"}", "invalid_json", None),
    "a list": (b"[]", "invalid_field", "body"),
    "null": (b"null", "invalid_field", "body"),
    "NaN": (b'{"request_id": NaN, "service": "id-card"}', "invalid_field", "request_id"),
    "infinity": (b'{"request_id": Infinity, "service": "id-card"}', "invalid_field", "request_id"),
    "half a character": (b'{"request_id": "good-body-2", "service": "\\ud800"}', "invalid_field", "service"),
    "no request id": (b'{"service": "id-card"}', "invalid_field", "request_id"),
    "a short request id": (b'{"request_id": "1", "service": "id-card"}', "invalid_field", "request_id"),
    "a field unknown": (GOOD[:-1] + b', "colour": "red"}', "invalid_field", "colour"),
    "an unknown language": (GOOD[:-1] + b', "language": "fr"}', "invalid_field", "language"),
    "a service that is no name": (
        b'{"request_id": "good-body-3", "service": "id card; DROP TABLE"}',
        "invalid_field",
        "service",
    ),
    "huge": (announced_short(), "body_too_large", None),
    "huge in pieces": (in_pieces, "body_too_large", None),
}


@pytest.mark.parametrize("name", sorted(BODIES))
def test_a_bad_body_is_refused_by_name_and_changes_nothing(desk: Any, name: str) -> None:
    body, error, field = BODIES[name]
    before = desk.get("/board")["seq"]
    sent = body() if callable(body) else body
    answer = desk.hall.request("POST", "/v1/tickets", device="kiosk-1", headers=JSON, body=sent)
    refusal = answer.json()
    assert (refusal["error"], refusal["field"]) == (error, field)
    assert answer.status == (413 if error == "body_too_large" else 422)
    assert re.search(r"[\u4e00-\u9fff]", refusal["message"]["zh"])
    assert desk.get("/board")["seq"] == before


HALF = b'"\\ud800"'


@pytest.mark.parametrize(
    ("path", "field", "more"),
    [
        ("/referrals", "offer", b""),
        ("/tickets", "offer", b', "service": "id-card"'),
        ("/check-ins", "code", b""),
        ("/check-ins", "request_id", b', "code": "A001"'),
        ("/tickets", "priority", b', "service": "id-card"'),
        ("/prints/job/outcome", "reason", b', "outcome": "failed"'),
    ],
)
def test_half_a_character_is_refused_by_name_in_every_free_field(desk: Any, path: str, field: str, more: bytes) -> None:
    others = b', "request_id": "good-body-4"' if field != "request_id" else b""
    body = b'{"' + field.encode() + b'": ' + HALF + others + more + b"}"
    answer = desk.hall.request("POST", f"/v1{path}", device="kiosk-1", headers=JSON, body=body)
    refusal = answer.json()
    assert (answer.status, refusal["error"], refusal["field"]) == (422, "invalid_field", field)


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "", "nonsense"])
def test_a_body_of_another_kind_is_refused(desk: Any, kind: str) -> None:
    answer = desk.hall.request("POST", "/v1/tickets", device="kiosk-1", headers={"Content-Type": kind}, body=GOOD)
    assert (answer.status, answer.json()["error"]) == (422, "invalid_field")


def test_a_good_body_is_taken_whatever_parameters_its_type_has(desk: Any) -> None:
    headers = {"Content-Type": "application/json; charset=utf-8"}
    answer = desk.hall.request("POST", "/v1/tickets", device="kiosk-1", headers=headers, body=GOOD)
    assert answer.status == 200
    desk.tickets.append(answer.json()["id"])


@pytest.mark.parametrize(("method", "path"), [("PUT", "/v1/tickets"), ("DELETE", "/v1/board"), ("GET", "/v1/tickets")])
def test_another_method_is_refused_by_name(desk: Any, method: str, path: str) -> None:
    answer = desk.hall.request(method, path, device="kiosk-1")
    assert (answer.status, answer.json()["error"]) == (405, "method_not_allowed")
    assert answer.headers["Allow"]


@pytest.mark.parametrize(
    "path",
    [
        "/v1/nothing",
        "/v1/windows/window-1/dance",
        "/v1/tickets//cancel",
        "/v1/windows/%2e%2e/open/x",
        "/%00",
        "/v1/windows/window-1/call/%F0%9F%98%80/x",
    ],
)
def test_an_address_that_does_not_exist_is_named(desk: Any, path: str) -> None:
    answer = desk.hall.request("POST", path, {}, device="window-1")
    assert (answer.status, answer.json()["error"]) == (404, "not_found")


def test_a_body_is_not_read_without_a_key(desk: Any) -> None:
    answer = desk.hall.request("POST", "/v1/tickets", headers=JSON, body=b"{]")
    assert (answer.status, answer.json()["error"]) == (401, "unknown_key")
