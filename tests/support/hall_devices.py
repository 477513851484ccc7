"""The devices of a hall as real processes, each with remote control instead of a person before it.

A kiosk and a screen paint real windows that nobody needs a monitor for; a panel has simulated pins. Settings are
TOML, as a technician would write them.
"""

from __future__ import annotations

import json
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from real_hall import Process, until

from hardware.panel.lamp import LampState
from kiosk.remote_kiosk import RemoteKiosk

STARTS_WITHIN_S = 90.0
"""Longest time from start to the first painted frame on a busy machine, seconds."""
SHOWS_WITHIN_S = 60.0


def command(name: str) -> str:
    """Return an installed command of ours, such as ``jiaohao-kiosk``."""
    return str(Path(sys.executable).parent / name)


def request_of_panel(path: Path, line: str) -> dict[str, Any]:
    """Send a line to a simulated panel (``hardware.panel.twin_control``); return the answer."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(10)
        connection.connect(str(path))
        connection.sendall(f"{line}\n".encode())
        with connection.makefile("rb") as answers:
            answer: dict[str, Any] = json.loads(answers.readline())
    assert "error" not in answer, answer
    return answer


class KioskProcess(Process):
    """A running ``jiaohao-kiosk`` and a visitor before it."""

    def __init__(self, folder: Path, settings: str) -> None:
        folder.mkdir()
        self._socket = folder / "k.sock"
        file = folder / "kiosk.toml"
        file.write_text(f'remote_control = "{self._socket}"\n{settings}', encoding="utf-8")
        super().__init__([command("jiaohao-kiosk"), "--settings", str(file), "--offscreen"], log=folder / "kiosk.log")

    def start(self) -> None:
        """Start it and connect its remote control."""
        super().start()
        self.finger = RemoteKiosk(self._socket, within_s=STARTS_WITHIN_S)

    def touch(self, *touches: str) -> None:
        """Touch one after the other; a tile on a later page of tiles is reached by paging."""
        for touch in touches:
            self.finger.touch_tile(touch)

    def walk_to_confirm(self, department: str, service: str, *, english: bool = False) -> dict[str, Any]:
        """Go from the welcome page to the confirm page; return its state."""
        self.finger.wait_for_page("welcome")
        self.touch(*(["toggle-language"] if english else []), "start", f"choose-department:{department}")
        at = self.finger.wait_for(
            lambda state: state["page"] in {"service", "confirm"} and state["takes_touch"], what="the services"
        )
        if at["page"] == "service":
            self.touch(f"choose-service:{service}")
        return self.finger.wait_for_page("confirm")

    def issue_ticket(self, department: str, service: str, *, english: bool = False) -> dict[str, Any]:
        """Issue a ticket and wait until the outcome of its paper is shown; return the page's state."""
        self.walk_to_confirm(department, service, english=english)
        self.touch("confirm")
        return self.finger.wait_for(
            lambda state: state["page"] == "number" and state["paper"] != "printing", what="the number and its paper"
        )

    def leave(self) -> None:
        """Return to the welcome page in Chinese from any page."""
        while (state := self.finger.state())["page"] != "welcome":
            self.touch("done" if state["page"] == "number" else "back")
        if state["language"] == "en":
            self.touch("toggle-language")
        self.finger.wait_for(
            lambda state: state["language"] == "zh" and state["takes_touch"], what="welcome in Chinese"
        )


class ScreenProcess(Process):
    """A running ``jiaohao-display`` that records all that it painted."""

    def __init__(self, folder: Path, settings: str) -> None:
        folder.mkdir()
        self._pictures = folder / "pictures"
        file = folder / "display.toml"
        file.write_text(f'{settings}\n[pictures]\nfolder = "{self._pictures}"\n', encoding="utf-8")
        super().__init__(
            [command("jiaohao-display"), "--settings", str(file), "--offscreen"], log=folder / "display.log"
        )

    def lines(self) -> list[dict[str, Any]]:
        """Return all that was painted since it was started, oldest first."""
        record = self._pictures / "painted.jsonl"
        if not record.exists():
            assert self.running, f"the screen ended:\n{self.output()}"
            return []
        whole = record.read_bytes().rpartition(b"\n")[0]
        return [json.loads(line) for line in whole.splitlines()]

    def views(self, *, after: int = 0) -> list[dict[str, Any]]:
        """Return the views painted after so many."""
        return [line["view"] for line in self.lines()[after:]]

    def painted(
        self,
        wanted: Callable[[dict[str, Any]], object],
        *,
        what: str,
        after: int = 0,
        within_s: float = SHOWS_WITHIN_S,
    ) -> dict[str, Any]:
        """Return the first line after number ``after`` whose view is the wanted one."""
        found: list[dict[str, Any]] = []

        def is_there() -> bool:
            found[:] = [line for line in self.lines()[after:] if wanted(line["view"])][:1]
            return bool(found)

        try:
            until(is_there, within_s=within_s, what=f"the screen shows {what}")
        except AssertionError as error:
            raise AssertionError(f"{error}; it shows {self.views()[-1:]}") from None
        return found[0]

    def shows(
        self, wanted: Callable[[dict[str, Any]], object], *, what: str, within_s: float = SHOWS_WITHIN_S
    ) -> dict[str, Any]:
        """Wait until the newest view on the screen is the wanted one; return it."""
        return until(
            lambda: next((view for view in self.views()[-1:] if wanted(view)), None),
            within_s=within_s,
            what=f"the screen shows {what}",
        )

    def picture(self, to: Path) -> dict[str, Any]:
        """Save a picture of the screen and return the recorded line that belongs to it."""
        before = set(self._pictures.glob("*.json"))
        self.send(signal.SIGUSR1)
        until(lambda: set(self._pictures.glob("*.json")) - before, what="the screen's picture")
        record = (set(self._pictures.glob("*.json")) - before).pop()
        to.write_bytes(record.with_suffix(".png").read_bytes())
        line: dict[str, Any] = json.loads(record.read_text(encoding="utf-8"))
        return line


class PanelProcess(Process):
    """A running ``jiaohao-window`` on simulated pins, with its keys and its lamp."""

    def __init__(self, folder: Path, settings: str) -> None:
        folder.mkdir()
        self._socket = folder / "p.sock"
        file = folder / "window.toml"
        file.write_text(f'twin_control = "{self._socket}"\n{settings}', encoding="utf-8")
        super().__init__([command("jiaohao-window"), "--settings", str(file), "--twin"], log=folder / "window.log")

    def press(self, key: str) -> float:
        """Press a key shortly and return when, in seconds of the machine's monotonic clock."""
        at = time.monotonic()
        self._request(f"press {key}")
        return at

    def hold(self, key: str) -> None:
        """Press a key for long."""
        self._request(f"hold {key}")

    def lamp(self) -> dict[str, Any]:
        """Return the lamp's state and the colours that are lit now."""
        return self._request("lamp?")

    def shown(self, *, since: float) -> list[dict[str, Any]]:
        """Return the changes of the lamp since a monotonic time, oldest first."""
        return [light for light in self._request("shown?")["shown"] if light["at"] >= since]

    def wait_for_lamp(self, *states: LampState) -> None:
        """Wait until the lamp shows one of these states."""
        names = " or ".join(states)
        until(
            lambda: self._listens() and self.lamp()["state"] in set(states),
            within_s=STARTS_WITHIN_S,
            what=f"the lamp shows {names}",
        )

    def wait_until_shown(self, state: LampState, *, since: float) -> None:
        """Wait until the lamp has shown a state, if only for a moment."""
        until(
            lambda: any(light["state"] == state for light in self.shown(since=since)), what=f"the lamp showed {state}"
        )

    def _listens(self) -> bool:
        assert self.running, f"the panel ended:\n{self.output()}"
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            return probe.connect_ex(str(self._socket)) == 0

    def _request(self, line: str) -> dict[str, Any]:
        return request_of_panel(self._socket, line)
