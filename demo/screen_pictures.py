"""Photographs the offscreen hall screen at the moment when a certain number is called on it."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from pathlib import Path
from typing import Any

from demo.processes import Program

TAIL_BYTES = 256 * 1024
LOOK_S = 0.2


class ScreenCamera:
    """Reads what the screen wrote down (``display.screenshots``) and asks it for its pixels; from several threads."""

    def __init__(self, screen: Program, folder: Path) -> None:
        self._screen = screen
        self._folder = folder
        self._one_at_a_time = threading.Lock()

    def take(self, number: str, *, to: Path, within_s: float, ended: threading.Event) -> bool:
        """Move the picture with this number in the highlight to ``to``; False when it did not come in time."""
        give_up = time.monotonic() + within_s
        while time.monotonic() < give_up and self._screen.running:
            if _calls(self._newest_line(), number):
                with self._one_at_a_time:
                    if self._ask(number, to=to):
                        return True
            if ended.wait(LOOK_S):
                break
        return False

    def _ask(self, number: str, *, to: Path) -> bool:
        """Have a picture made; whether it still shows the number."""
        before = set(self._folder.glob("*-asked.json"))
        self._screen.send(signal.SIGUSR1)
        give_up = time.monotonic() + 3.0
        while time.monotonic() < give_up:
            for said in set(self._folder.glob("*-asked.json")) - before:
                picture = said.with_suffix(".png")
                shows = _calls(json.loads(said.read_text(encoding="utf-8")), number)
                said.unlink()
                picture.replace(to) if shows else picture.unlink()
                return shows
            time.sleep(LOOK_S)
        return False

    def _newest_line(self) -> dict[str, Any]:
        """Return the newest whole line of the record, or nothing yet."""
        try:
            with (self._folder / "painted.jsonl").open("rb") as record:
                record.seek(max(0, record.seek(0, os.SEEK_END) - TAIL_BYTES))
                lines = record.read().split(b"\n")
        except FileNotFoundError:
            return {}
        line: dict[str, Any] = json.loads(lines[-2]) if len(lines) >= 2 else {}
        return line


def _calls(line: dict[str, Any], number: str) -> bool:
    """Whether the screen calls this number now."""
    view = line.get("view", {})
    rows = view.get("rows", [])
    return bool(rows and view.get("calling") and rows[0]["number"] == number)
