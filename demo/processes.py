"""One program of the demo as a child process that never outlives the demo, however the demo ends."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from pathlib import Path

from demo.faults import DemoFault

DIE_WITH_PARENT = ("setpriv", "--pdeathsig", "KILL", "--")
"""Command prefix with setpriv(1) of util-linux: the kernel kills the child when the demo dies, even by ``kill -9``."""
END_WITHIN_S = 6.0


class Program:
    """One child process; its output goes to ``NAME.log``.

    Start it from the main thread: the kernel's parent-death signal follows the thread that started the child.
    """

    def __init__(self, name: str, command: list[str], *, logs: Path, environment: dict[str, str]) -> None:
        self.name = name
        self.log = logs / f"{name}.log"
        with self.log.open("wb") as output:
            try:
                self._process = subprocess.Popen(
                    [*DIE_WITH_PARENT, *command],
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    env={**os.environ, **environment},
                    start_new_session=True,  # Ctrl-C is for the demo, which ends its programs in good order
                )
            except FileNotFoundError as error:
                raise DemoFault(
                    zh=f"缺少程序 {error.filename}，请运行 sudo apt install util-linux",
                    en=f"the program {error.filename} is missing, run: sudo apt install util-linux",
                ) from error

    @property
    def running(self) -> bool:
        """Whether the process has not ended."""
        return self._process.poll() is None

    @property
    def exit_code(self) -> int | None:
        """Exit code; None while the process runs."""
        return self._process.poll()

    def last_line(self) -> str:
        """Return the last line of its log, or its exit code when it wrote nothing."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return lines[-1] if lines else f"exit code {self.exit_code}"

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal; do nothing when the process has ended."""
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(number)

    def terminate(self) -> None:
        """Send SIGTERM; do not wait."""
        self.send_signal(signal.SIGTERM)

    def end(self) -> None:
        """Terminate it and wait; kill its whole process group when it has not ended within END_WITHIN_S."""
        self.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=END_WITHIN_S)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
