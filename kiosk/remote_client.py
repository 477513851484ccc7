"""The other end of a kiosk's remote control (``kiosk.remote``): looks and touches like a visitor would."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

_BETWEEN_KEYS_S = 0.1


class KioskNotThere(OSError):
    """The kiosk's socket does not answer, or what was waited for did not come."""


class RemoteKiosk:
    """A connection to one running kiosk; waits up to ``within_s`` for the kiosk and for what its pages shall show."""

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
        """Hang up."""
        self._answers.close()
        self._socket.close()

    def state(self) -> dict[str, Any]:
        """Return what the kiosk shows now."""
        return self._ask({"ask": "state"})

    def wait_for(self, shown: Callable[[dict[str, Any]], bool], *, what: str) -> dict[str, Any]:
        """Return the first state of which ``shown`` is true; raises KioskNotThere with ``what`` was waited for."""
        give_up = time.monotonic() + self._within_s
        while True:
            state = self.state()
            if shown(state):
                return state
            if time.monotonic() > give_up:
                raise KioskNotThere(f"the kiosk never showed {what}; it shows {state['page']}: {state['texts']}")
            time.sleep(0.02)

    def page(self, page: str) -> dict[str, Any]:
        """Wait for a page on which a touch is taken."""
        return self.wait_for(lambda state: state["page"] == page and state["takes_touch"], what=f"the page {page}")

    def touch(self, touch: str) -> None:
        """Touch the middle of a button or tile, such as ``start`` or ``choose-service:id-card``, once it is there."""
        state = self.wait_for(
            lambda state: state["takes_touch"] and any(t["touch"] == touch for t in state["targets"]),
            what=f"a place to touch for {touch}",
        )
        target = next(t for t in state["targets"] if t["touch"] == touch)
        self.touch_at(target["x"] + target["w"] / 2, target["y"] + target["h"] / 2)

    def touch_at(self, x: float, y: float) -> None:
        """Touch a point, px from the top left corner."""
        self._ask({"ask": "touch", "x": x, "y": y})

    def scan(self, text: str) -> None:
        """Hold a paper or phone with this QR code before the kiosk's scanner."""
        self._ask({"ask": "scan", "text": text})

    def type_number(self, number: str) -> None:
        """Put in a number, key by key, on the check-in page."""
        while (typed := self.state()["typed"]) != number:
            if not number.startswith(typed):
                raise KioskNotThere(f"the kiosk has {typed}, which does not begin {number}")
            self.touch(f"type-key:{number[len(typed)]}")
            time.sleep(_BETWEEN_KEYS_S)

    def picture(self, path: Path) -> None:
        """Have the kiosk save its screen as a PNG."""
        self._ask({"ask": "picture", "path": str(path)})

    def _ask(self, question: dict[str, Any]) -> dict[str, Any]:
        self._socket.sendall(json.dumps(question).encode() + b"\n")
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
            time.sleep(0.05)
        else:
            connection.settimeout(within_s)
            return connection
