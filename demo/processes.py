"""The programs of the demo's hall: each its own process, and none outlives the demo, however the demo ends."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from pathlib import Path

from demo.faults import DemoFault
from protocol.vocabulary import Text

LEASH = ("setpriv", "--pdeathsig", "KILL", "--")
"""setpriv(1) of util-linux: the kernel itself ends the program when the demo is gone, even after ``kill -9``."""
GOODBYE_S = 6.0


class Program:
    """One program of the hall; what it says goes to a file. Started from the main thread, whose end ends it."""

    def __init__(self, name: str, command: list[str], *, logs: Path, environment: dict[str, str]) -> None:
        self.name = name
        self.log = logs / f"{name}.log"
        with self.log.open("wb") as output:
            try:
                self._process = subprocess.Popen(
                    [*LEASH, *command],
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    env={**os.environ, **environment},
                    start_new_session=True,  # Ctrl-C is for the demo, which ends its programs in good order
                )
            except FileNotFoundError as error:
                raise DemoFault(
                    Text(
                        zh=f"缺少程序 {error.filename}，请运行 sudo apt install util-linux",
                        en=f"the program {error.filename} is missing, run: sudo apt install util-linux",
                    )
                ) from error

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    @property
    def exit_code(self) -> int | None:
        """How it ended, if it has."""
        return self._process.poll()

    def last_words(self) -> str:
        """Return the last line it said."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return lines[-1] if lines else f"exit code {self.exit_code}"

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the program, if it is still there."""
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(number)

    def ask_to_end(self) -> None:
        """Ask it to end; do not wait."""
        self.send(signal.SIGTERM)

    def end(self) -> None:
        """Ask it to end and see that it does, with whatever it started itself."""
        self.ask_to_end()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=GOODBYE_S)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
