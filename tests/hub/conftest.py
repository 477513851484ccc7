from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
import urllib3
from real_hall import RealHall

WINDOWS = ("window-1", "window-2", "window-3")


class Desk:
    """The devices of a shared hall; ``leave`` empties the hall."""

    def __init__(self, hall: RealHall) -> None:
        self.hall = hall
        self.tickets: list[str] = []

    def request(
        self, path: str, *, device: str | None = None, request_id: str | None = None, **fields: Any
    ) -> urllib3.BaseHTTPResponse:
        """Send a command under ``/v1``; what is about a window by its own panel, everything else by the kiosk."""
        own = path.split("/")[2] if path.startswith("/windows/") else "kiosk-1"
        body = {"request_id": request_id or fresh_id(), **fields}
        return self.hall.request("POST", f"/v1{path}", body, device=device or own)

    def get(self, path: str, *, device: str = "monitor-1") -> Any:
        """Return the answer of a URL under ``/v1``."""
        answer = self.hall.request("GET", f"/v1{path}", device=device)
        assert answer.status == 200, answer.data
        return answer.json()

    def issue(self, service: str = "id-card", **fields: Any) -> dict[str, Any]:
        """Issue a ticket."""
        answer = self.request("/tickets", device="kiosk-1", service=service, **fields)
        assert answer.status == 200, answer.data
        ticket: dict[str, Any] = answer.json()
        self.tickets.append(ticket["id"])
        return ticket

    def press(self, window: str, action: str, **fields: Any) -> dict[str, Any]:
        """Press a key that must succeed."""
        answer = self.request(f"/windows/{window}/{action}", **fields)
        assert answer.status == 200, answer.data
        pressed: dict[str, Any] = answer.json()
        return pressed

    def leave(self) -> None:
        """Cancel every ticket, close every window."""
        for ticket in self.tickets:
            self.request(f"/tickets/{ticket}/cancel")
        for window in WINDOWS:
            self.request(f"/windows/{window}/close")


_count = itertools.count(1)


def fresh_id() -> str:
    return f"test-request-{next(_count)}"


@pytest.fixture
def desk(shared_hall: RealHall) -> Iterator[Desk]:
    """The file's shared hall, empty and closed before and after each test."""
    desk = Desk(shared_hall)
    yield desk
    desk.leave()
