"""Simulated clerks: each polls the lamp of a simulated panel and presses the key for its state."""

from __future__ import annotations

import json
import random
import socket
import threading
import time
from pathlib import Path
from typing import Any

from demo.narration import Narrator
from demo.people.rhythm import Rhythm
from demo.setup.site_setup import SiteSetup
from hardware.panel.buttons import PanelKey
from hardware.panel.lamp import LampState
from protocol.clients.hub_client import HubClient, HubError
from server.domain.model.catalogue import Window

POLL_S = 0.5
"""Interval at which a clerk polls the lamp, seconds."""
SETTLE_S = 0.8
"""Pause after a press until the lamp shows its effect, seconds."""


class PanelAway(OSError):
    """The simulated panel does not answer."""


class PanelClient:
    """Presses keys and reads the lamp of one simulated panel by its socket (``hardware.panel.twin_control``)."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def lamp(self) -> LampState:
        """Return the lamp's state. Raises PanelAway."""
        return LampState(self._command("lamp?")["state"])

    def press(self, key: PanelKey) -> None:
        """Press a key shortly. Raises PanelAway."""
        self._command(f"press {key.value}")

    def recall(self) -> None:
        """Hold the call key. Raises PanelAway."""
        self._command(f"hold {PanelKey.CALL.value}")

    def _command(self, line: str) -> dict[str, Any]:
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
                connection.settimeout(5.0)
                connection.connect(str(self._path))
                connection.sendall(f"{line}\n".encode())
                with connection.makefile("rb") as answers:
                    answer: dict[str, Any] = json.loads(answers.readline() or b"{}")
        except (OSError, ValueError) as error:
            raise PanelAway(f"{self._path}: {error}") from error
        if "error" in answer or not answer:
            raise PanelAway(f"{self._path}: {answer.get('error', 'no answer')}")
        return answer


class Clerk(threading.Thread):
    """One clerk at one window, until ``ended``. ``place``, the window's index, staggers the first calls."""

    def __init__(
        self,
        setup: SiteSetup,
        window: Window,
        *,
        place: int,
        rhythm: Rhythm,
        narrator: Narrator,
        ended: threading.Event,
    ) -> None:
        super().__init__(name=f"clerk at {window.id}", daemon=True)
        self._window = window
        self._panel = PanelClient(setup.panel_socket(window.id))
        self._hub = HubClient(setup.hub_address(window.id))
        self._first_call_at = time.monotonic() + rhythm.first_call_s(place)
        self._rhythm = rhythm
        self._narrator = narrator
        self._ended = ended
        self._rng: random.Random = rhythm.random_source(window.id)

    def run(self) -> None:
        """Work until the demo ends."""
        while not self._ended.is_set():
            try:
                self._work(self._panel.lamp())
            except (PanelAway, HubError):
                self._pause(POLL_S)  # panel and hub come back by themselves; the demo reports a program that ended

    def _work(self, lamp: LampState) -> None:
        match lamp:
            case LampState.CLOSED | LampState.PAUSED:
                self._press(PanelKey.PAUSE)
            case LampState.FREE if time.monotonic() >= self._first_call_at:
                self._press(PanelKey.CALL)
            case LampState.CALLED | LampState.NO_SHOW_POSSIBLE | LampState.IN_DOUBT:
                self._await_visitor()
            case LampState.SERVING:
                self._serve()
            case _:
                self._pause(POLL_S)

    def _await_visitor(self) -> None:
        """Wait for the called visitor: start serving, or recall once and then mark the no-show."""
        number = self._number()
        self._narrator.call(number, label=self._window.label)
        self._pause(self._rhythm.walking_s(self._rng))
        if self._rhythm.shows_up(self._rng):
            self._press(PanelKey.START_FINISH)
            return
        self._panel.recall()
        self._pause(self._rhythm.walking_s(self._rng))
        while self._panel.lamp() is LampState.CALLED and not self._ended.is_set():
            self._pause(POLL_S)  # it is too soon to mark the visitor absent
        if not self._ended.is_set():
            self._press(PanelKey.NO_SHOW)
            self._narrator.no_show(number, label=self._window.label)

    def _serve(self) -> None:
        self._pause(self._rhythm.serving_s(self._rng, self._number()))
        self._press(PanelKey.START_FINISH)

    def _number(self) -> str:
        """Return the number at the window as the hub has it; empty when there is none."""
        windows = self._hub.windows().windows
        return next((window.ticket or "" for window in windows if window.id == self._window.id), "")

    def _press(self, key: PanelKey) -> None:
        if not self._ended.is_set():
            self._panel.press(key)
            self._pause(SETTLE_S)

    def _pause(self, seconds: float) -> None:
        self._ended.wait(seconds)
