"""The demo as a person starts it: one process in a folder of its own, with its output and its child processes."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil
from child_processes import is_running
from real_hall import until

WITHOUT_SCREEN = {"DISPLAY": "", "WAYLAND_DISPLAY": ""}


class DemoRun:
    """A running demo; leaving the ``with`` block ends it and everything it has started.

    It plays one hall alone, which is quicker, unless ``county``. What a killed one leaves is within pytest's folder.
    """

    def __init__(
        self, folder: Path, *options: str, county: bool = False, environment: dict[str, str] | None = None
    ) -> None:
        hall_options = [] if county else ["--one-hall"]
        self.folder = folder / "demo"
        self._log = folder / "narration.txt"
        with self._log.open("wb") as output:
            self._process = psutil.Popen(
                [sys.executable, "-m", "demo", "--folder", str(self.folder), *hall_options, *options],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **WITHOUT_SCREEN, "TMPDIR": str(folder.parent), **(environment or {})},
            )
        self._seen: set[psutil.Process] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in [*self.programs(), self._process]:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self._process.wait()

    def programs(self) -> list[psutil.Process]:
        """Return every process that the demo has started and that still runs."""
        with suppress(psutil.NoSuchProcess):
            self._seen |= set(self._process.children(recursive=True))
        return [p for p in self._seen if is_running(p)]

    def program(self, words: str) -> psutil.Process:
        """Return the one running program whose command line has these words."""
        [found] = [p for p in self.programs() if words in _command(p)]
        return found

    def output(self) -> str:
        """Return the narration so far."""
        return self._log.read_text(encoding="utf-8")

    def wait_for(self, pattern: str, *, times: int = 1, within_s: float = 90.0) -> list[str]:
        """Wait until the narration has so many lines like this, and return their first groups."""
        found = lambda: re.findall(pattern, self.output(), re.MULTILINE)
        until(lambda: len(found()) >= times or not self._running, within_s=within_s, what=f"{pattern}: {self.output()}")
        assert len(found()) >= times, self.output()
        self.programs()
        return found()

    @property
    def _running(self) -> bool:
        return self._process.poll() is None

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the demo itself."""
        self.programs()
        self._process.send_signal(number)

    def end(self, *, within_s: float = 60.0) -> int:
        """Wait for its end and return the exit code; whatever it started has ended too, or the test fails."""
        code: int = self._process.wait(timeout=within_s)
        until(lambda: not self.programs(), within_s=60.0, what=f"the end of {self.programs()}")
        return code


def _command(process: psutil.Process) -> str:
    """Return a process's command line; nothing when it has just ended."""
    with suppress(psutil.NoSuchProcess):
        return " ".join(process.cmdline())
    return ""
