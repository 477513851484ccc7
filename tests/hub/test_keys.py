"""Which kind of device may use which route."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from real_hall import RealHall

ALL = {"kiosk", "display", "window", "monitor"}
MAY = {
    "issue_ticket": {"kiosk"},
    "ticket": ALL,
    "cancel_ticket": {"kiosk", "window"},
    "return_to_queue": {"kiosk", "window"},
    "start_print": {"kiosk"},
    "end_print": {"kiosk"},
    "find_offer": {"kiosk"},
    "accept_offer": {"kiosk"},
    "check_in": {"kiosk", "window"},
    "windows": ALL,
    "call_next": {"window"},
    "call_number": {"window"},
    "recall": {"window"},
    "start": {"window"},
    "finish": {"window"},
    "no_show": {"window"},
    "confirm_served": {"window"},
    "confirm_absent": {"window"},
    "transfer": {"window"},
    "open_window": {"window"},
    "pause_window": {"window"},
    "close_window": {"window"},
    "board": ALL,
    "services": ALL,
    "devices": ALL,
    "metrics": ALL,
    "renew": ALL,
}
"""Operation -> kinds of devices that may use it."""
OPEN = {"health", "authority", "enrol"}
"""Operations for everyone; who enrols a device has a code instead of a key."""


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealHall]:
    with RealHall(tmp_path_factory.mktemp("keys"), with_broker=False) as hall:
        yield hall


def operations(hall: RealHall) -> dict[str, tuple[str, str]]:
    described = hall.request("GET", "/openapi.json", device="monitor-1").json()
    return {
        operation["operationId"]: (
            method.upper(),
            path.format(ticket="t1", job="t1.1", window="window-1", number="A001"),
        )
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    }


def status(hall: RealHall, operation: str, **key: Any) -> int:
    method, path = operations(hall)[operation]
    return hall.request(method, path, {} if method == "POST" else None, **key).status


def test_every_route_is_in_this_table(hall: RealHall) -> None:
    assert set(operations(hall)) == set(MAY) | OPEN


@pytest.mark.parametrize("kind", sorted(ALL))
@pytest.mark.parametrize("operation", sorted(MAY))
def test_a_device_may_do_only_what_its_kind_does(hall: RealHall, operation: str, kind: str) -> None:
    answered = status(hall, operation, device=f"{kind}-1")
    assert (answered == 403) == (kind not in MAY[operation])
    assert answered != 401
    assert answered < 500


@pytest.mark.parametrize("operation", sorted(MAY))
def test_without_a_good_key_nothing_is_answered(hall: RealHall, operation: str) -> None:
    good = hall.key("window-1")
    assert status(hall, operation) == 401
    for wrong in ("", " ", "wrong", good[:-1], good + "x", good.swapcase(), "é", "x" * 5000):
        assert status(hall, operation, key=wrong) == 401


def test_health_needs_no_key(hall: RealHall) -> None:
    assert status(hall, "health") == 200


@pytest.mark.parametrize("path", ["/openapi.json", "/docs", "/redoc", "/v1", "/v1/board/", "/v1/tickets/"])
def test_no_other_address_answers_without_a_key(hall: RealHall, path: str) -> None:
    answer = hall.request("GET", path, key=None)
    assert answer.status in (401, 404)
    assert set(answer.json()) == {"error", "message", "field"}


@pytest.mark.parametrize("scheme", ["Basic", "bearerx", "Token"])
def test_a_key_under_another_scheme_is_no_key(hall: RealHall, scheme: str) -> None:
    headers = {"Authorization": f"{scheme} {hall.key('monitor-1')}"}
    answer = hall.request("GET", "/v1/board", headers=headers)
    assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, "Bearer")


def test_a_key_ends_while_the_hub_runs_when_it_is_revoked(hall: RealHall) -> None:
    assert hall.request("GET", "/v1/board", device="display-9").status == 200
    assert hall.access.revoke("display-9")
    assert hall.request("GET", "/v1/board", device="display-9").status == 401
    assert not hall.access.revoke("display-9")


def test_a_new_key_ends_the_old_one(hall: RealHall) -> None:
    old = hall.key("display-8")
    del hall.keys["display-8"]
    new = hall.key("display-8")
    assert [hall.request("GET", "/v1/board", key=key).status for key in (old, new)] == [401, 200]


def test_keys_are_stored_hashed(hall: RealHall) -> None:
    hall.key("kiosk-1")
    kept = b"".join(p.read_bytes() for p in hall.data.iterdir() if p.name not in ("hub.key", "hall.sqlite"))
    assert not [device for device, key in hall.keys.items() if key.encode() in kept]
    assert (hall.data / "access.json").stat().st_mode & 0o077 == 0
    assert (hall.data / "hub.key").stat().st_mode & 0o077 == 0
