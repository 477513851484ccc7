"""The client of a kiosk's remote control (``kiosk.remote_control``): reads the screen and touches it."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

_POLL_EVERY_S = 0.02
_CONNECT_EVERY_S = 0.05


class KioskNotThere(OSError):
    """The kiosk's socket does not answer, or the expected state did not come in time."""


class RemoteKiosk:
    """A connection to one running kiosk; ``within_s`` limits every wait, for the kiosk and for its pages."""

    def __init__(self, path: Path, *, within_s: float = 20.0) -> None:
        self._within_s = within_s
        self._socket = _connect(path, within_s=within_s)
        self._answers = self._socket.makefile("rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._answers.close()
        self._socket.close()

    def state(self) -> dict[str, Any]:
        """Return what the kiosk shows now. Raises KioskNotThere, as all methods do."""
        return self.execute({"command": "snapshot"})

    def wait_for(self, shown: Callable[[dict[str, Any]], bool], *, what: str) -> dict[str, Any]:
        """Return the first state for which ``shown`` is true; KioskNotThere names ``what`` when none comes in time."""
        give_up = time.monotonic() + self._within_s
        while True:
            state = self.state()
            if shown(state):
                return state
            if time.monotonic() > give_up:
                raise KioskNotThere(f"the kiosk never showed {what}; it shows {state['page']}: {state['texts']}")
            time.sleep(_POLL_EVERY_S)

    def wait_for_page(self, *pages: str) -> dict[str, Any]:
        """Wait for one of these pages, until it takes touches, and return its state."""
        return self.wait_for(
            lambda state: state["page"] in pages and state["takes_touch"], what=f"the page {' or '.join(pages)}"
        )

    def touch(self, touch: str) -> None:
        """Touch the middle of a button or tile, such as ``start`` or ``choose-service:id-card``, once it is there."""
        state = self.wait_for(
            lambda state: state["takes_touch"] and any(t["touch"] == touch for t in state["targets"]),
            what=f"a place to touch for {touch}",
        )
        target = next(t for t in state["targets"] if t["touch"] == touch)
        self.touch_at(target["x"] + target["w"] / 2, target["y"] + target["h"] / 2)

    def touch_tile(self, touch: str) -> None:
        """Touch a button or tile, after turning to the page of tiles that has it. Raises KioskNotThere."""
        index = 0
        while True:
            state = self.wait_for(lambda state: bool(state["takes_touch"]), what="a page that takes a touch")
            shown = {target["touch"] for target in state["targets"]}
            index += 1
            if touch in shown or f"turn-to:{index}" not in shown:
                self.touch(touch)
                return
            self.touch(f"turn-to:{index}")

    def touch_at(self, x: float, y: float) -> None:
        """Touch a point, px from the top left corner."""
        self.execute({"command": "touch", "x": x, "y": y})

    def save_picture(self, path: Path) -> None:
        """Save a screenshot of the kiosk as a PNG."""
        self.execute({"command": "picture", "path": str(path)})

    def execute(self, command: dict[str, Any]) -> dict[str, Any]:
        """Send a command of the remote control and return its answer."""
        self._socket.sendall(json.dumps(command).encode() + b"\n")
        line = self._answers.readline()
        answer: dict[str, Any] = json.loads(line) if line else {"error": "the kiosk has gone"}
        if "error" in answer:
            raise KioskNotThere(answer["error"])
        return answer


def _connect(path: Path, *, within_s: float) -> socket.socket:
    give_up = time.monotonic() + within_s
    while True:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.connect(str(path))
        except OSError as error:
            connection.close()
            if time.monotonic() > give_up:
                raise KioskNotThere(f"no kiosk answers at {path}: {error}") from error
            time.sleep(_CONNECT_EVERY_S)
        else:
            connection.settimeout(within_s)
            return connection
