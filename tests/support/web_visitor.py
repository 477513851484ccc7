"""A person at the hub's pages, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, ViewportSize
from real_hall import RealHall

from protocol.clients.hub_client import new_request_id
from protocol.requests import WindowRequest

PASSCODES = {"clerk": "31415926", "manager": "27182818"}
DESK: ViewportSize = {"width": 1366, "height": 768}
PHONE: ViewportSize = {"width": 390, "height": 844}


def press_panel(hall: RealHall, window: str, key: str) -> None:
    """Press a key of a window's panel; opening, pausing and closing too."""
    client, command = hall.client(window), WindowRequest(request_id=new_request_id(window))
    if key in ("open", "pause", "close"):
        client.set_window(window, key, command)
    else:
        client.command_window(window, key, command)


class Visitor:
    """A person at a browser; every request of the browser and every error on its console is kept."""

    def __init__(self, page: Page, hall: RealHall, album: Callable[[str], Path], *, at: str = "") -> None:
        """``at`` is where the hub serves this person, when that is not ``hall.url``."""
        self.page = page
        self.hall = hall
        self.url = at or hall.url
        self.requests: list[str] = []
        self.errors: list[str] = []
        self._album = album
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("websocket", lambda socket: self.requests.append(re.sub("^ws", "http", socket.url)))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda logged: self.errors.append(logged.text) if logged.type == "error" else None)

    def go(self, path: str) -> None:
        """Open an address of the hub."""
        self.page.goto(self.url + path)

    def log_in(self, role: str, passcode: str | None = None) -> None:
        """Log in with a passcode, the right one unless another is given."""
        self.go(f"/login?role={role}")
        self.page.locator(f"input[value={role}]").check()
        self.page.locator("#passcode").fill(PASSCODES[role] if passcode is None else passcode)
        with self.page.expect_navigation():
            self.page.get_by_role("button").click()

    @contextmanager
    def reloaded(self) -> Iterator[None]:
        """The block takes the hub away from an open page; after it the page loads itself again."""
        self.page.evaluate("window.fromBefore = true")
        yield
        self.page.wait_for_function("!window.fromBefore && window.socket?.connected", timeout=90_000)

    def at_window(self, window: str, *, language: str = "zh") -> None:
        """Log in as a clerk at a window, and wait until the keys work."""
        self.log_in("clerk")
        self.go(f"/language/{language}?to=/clerk")
        self.go(f"/clerk?window={window}")
        self.page.wait_for_function("window.socket?.connected && window.heardAt > 0")

    def press(self, key: str) -> None:
        """Press a key of the staff's pages by its name."""
        self.page.locator(f'[data-key="{key}"]').click()

    @property
    def number(self) -> str:
        """The number shown at the window."""
        return self.page.locator(".box .number").inner_text()

    def picture(self, name: str) -> None:
        """Save a picture of the whole page for people to check."""
        self.page.screenshot(path=self._album(name), full_page=True)

    def foreign_requests(self) -> list[str]:
        """Return the requests to any other server than the hub."""
        return [url for url in self.requests if not url.startswith((self.url + "/", "data:", "blob:"))]
