"""Hub and county as processes that start in half a second: forked from one that has imported their programs.

Everything else is as in a hall: each has its own process, its own files, its output in a file, and an exit code. When
the campaign runs as root, the servers give up root's capabilities, so that rights of files concern them.
"""

from __future__ import annotations

import ctypes
import importlib
import multiprocessing
import os
import signal
import struct
import sys
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, cast

from ends_with_parent import end_with_parent

CAPABILITIES_VERSION = 0x20080522
PROGRAMS = (
    end_with_parent.__module__,
    "server.hub.main",
    "server.hub.pages",
    "server.county.main",
    "server.county.pages",
)
"""What the process that forks servers imports: neither it nor a server outlives a campaign that was broken off."""


class ForkedServer:
    """``jiaohao-hub`` or ``jiaohao-county``; ``prepare`` is called in the new process before it begins."""

    def __init__(self, program: str, settings: Path, *, prepare: Callable[[], None] | None = None) -> None:
        self.log = settings.with_suffix(".log")
        self._arguments = (program, settings, self.log, prepare)
        self._process: BaseProcess | None = None

    def start(self) -> None:
        """Start it; its output is appended to ``log``."""
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(list(PROGRAMS))
        self._process = cast("Any", context).Process(target=_run, args=self._arguments)
        cast("Any", self._process).start()

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""
        return None if self._process is None else self._process.exitcode

    def stop(self) -> None:
        """End it with SIGTERM; with SIGKILL when that does not help."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it as a power cut would, apart from what the system has not written yet."""
        self._end(signal.SIGKILL)

    def output(self) -> str:
        """Return its output so far."""
        return self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""

    def _end(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.is_alive() and self._process.pid is not None:
            os.kill(self._process.pid, number)
            self._process.join(20)
            if self._process.is_alive():
                self._process.kill()
                self._process.join()


def _run(program: str, settings: Path, log: Path, prepare: Callable[[], None] | None) -> None:
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(output, 1)
    os.dup2(output, 2)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    end_with_parent()
    _drop_capabilities()
    if prepare is not None:
        prepare()
    sys.exit(importlib.import_module(program).main(["--settings", str(settings)]))


def _drop_capabilities() -> None:
    """Give up all capabilities of the process (capset(2)); a user other than root has none."""
    head, nothing = struct.pack("=Ii", CAPABILITIES_VERSION, 0), bytes(24)
    if ctypes.CDLL(None, use_errno=True).capset(head, nothing) != 0:
        raise OSError(ctypes.get_errno(), "capset")
