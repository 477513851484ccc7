"""Simulated clerks: each looks at the lamp of the simulated panel and presses the key that it asks for."""

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
from protocol.hub_client import HubClient, HubError
from server.domain.model.catalogue import Window

GLANCE_S = 0.5
"""How often a clerk looks at the lamp."""
SETTLE_S = 0.8
"""How long a clerk waits for the lamp after a press."""


class PanelAway(OSError):
    """The simulated panel does not answer."""


class PanelClient:
    """A finger and an eye at one simulated panel (``hardware.panel.twin_control``)."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def lamp(self) -> LampState:
        """Return what the lamp says. Raises PanelAway."""
        return LampState(self._ask("lamp?")["state"])

    def press(self, key: PanelKey) -> None:
        """Press a key shortly. Raises PanelAway."""
        self._ask(f"press {key.value}")

    def recall(self) -> None:
        """Hold the call key. Raises PanelAway."""
        self._ask(f"hold {PanelKey.CALL.value}")

    def _ask(self, line: str) -> dict[str, Any]:
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
    """One clerk at one window, until ``ended``. ``place`` is the window's in the list, to begin in turn."""

    def __init__(
        self,
        stage: SiteSetup,
        window: Window,
        *,
        place: int,
        rhythm: Rhythm,
        narrator: Narrator,
        ended: threading.Event,
    ) -> None:
        super().__init__(name=f"clerk at {window.id}", daemon=True)
        self._window = window
        self._panel = PanelClient(stage.panel_socket(window.id))
        self._hub = HubClient(stage.hub_address(window.id))
        self._first_call_at = time.monotonic() + rhythm.first_call_s(place)
        self._rhythm = rhythm
        self._narrator = narrator
        self._ended = ended
        self._chance: random.Random = rhythm.person(window.id)

    def run(self) -> None:
        """Go on until the demo ends."""
        while not self._ended.is_set():
            try:
                self._work(self._panel.lamp())
            except (PanelAway, HubError):
                self._pause(GLANCE_S)  # the lamp or the hub will be back; the demo tells when a program has ended

    def _work(self, lamp: LampState) -> None:
        match lamp:
            case LampState.CLOSED | LampState.PAUSED:
                self._press(PanelKey.PAUSE)
            case LampState.FREE if time.monotonic() >= self._first_call_at:
                self._press(PanelKey.CALL)
            case LampState.CALLED:
                self._expect()
            case LampState.SERVING:
                self._serve()
            case _:
                self._pause(GLANCE_S)

    def _expect(self) -> None:
        """Wait for the visitor who was called; call once more before giving up."""
        number = self._number()
        self._narrator.call(number, label=self._window.label)
        self._pause(self._rhythm.walking_s(self._chance))
        if self._rhythm.comes(self._chance):
            self._press(PanelKey.START_FINISH)
            return
        self._panel.recall()
        self._pause(self._rhythm.walking_s(self._chance))
        if not self._ended.is_set():
            self._press(PanelKey.NO_SHOW)
            self._narrator.no_show(number, label=self._window.label)

    def _serve(self) -> None:
        self._pause(self._rhythm.serving_s(self._chance, self._number()))
        self._press(PanelKey.START_FINISH)

    def _number(self) -> str:
        """Return who is at the window, as the hub knows it."""
        windows = self._hub.windows().windows
        return next((window.ticket or "" for window in windows if window.id == self._window.id), "")

    def _press(self, key: PanelKey) -> None:
        if not self._ended.is_set():
            self._panel.press(key)
            self._pause(SETTLE_S)

    def _pause(self, seconds: float) -> None:
        self._ended.wait(seconds)
