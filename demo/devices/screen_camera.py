"""A camera before the offscreen hall screen: takes a picture while a given number is called."""

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
POLL_S = 0.2


class ScreenCamera:
    """Follows the screen's record (``display.screenshots``) and requests pictures by SIGUSR1. Thread-safe."""

    def __init__(self, screen: Program, folder: Path) -> None:
        self._screen = screen
        self._folder = folder
        self._one_at_a_time = threading.Lock()

    def take(self, number: str, *, to: Path, within_s: float, ended: threading.Event) -> bool:
        """Save a picture with this number highlighted at ``to``; False when it was not called within ``within_s``."""
        give_up = time.monotonic() + within_s
        while time.monotonic() < give_up and self._screen.running:
            if _calls(self._newest_line(), number):
                with self._one_at_a_time:
                    if self._photograph(number, to=to):
                        return True
            if ended.wait(POLL_S):
                break
        return False

    def _photograph(self, number: str, *, to: Path) -> bool:
        """Request a picture; whether it still shows the number."""
        before = set(self._folder.glob("*-asked.json"))
        self._screen.send_signal(signal.SIGUSR1)
        give_up = time.monotonic() + 3.0
        while time.monotonic() < give_up:
            for record in set(self._folder.glob("*-asked.json")) - before:
                picture = record.with_suffix(".png")
                shows = _calls(json.loads(record.read_text(encoding="utf-8")), number)
                record.unlink()
                picture.replace(to) if shows else picture.unlink()
                return shows
            time.sleep(POLL_S)
        return False

    def _newest_line(self) -> dict[str, Any]:
        """Return the newest complete line of the record; empty before the first."""
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
