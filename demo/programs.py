"""All programs of one run: start, wait until ready, check, and end them together."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

import urllib3

from demo.faults import DemoFault
from demo.narration import Narrator
from demo.processes import Program
from demo.setup.site_setup import DemoFolder
from protocol.vocabulary import Text

READY_WITHIN_S = 90.0
"""Time limit for a program to become ready, seconds; a first start on a Raspberry Pi takes most of it."""


class Programs:
    """A context manager over child processes: on exit all get SIGTERM at once, then are ended in reverse order."""

    def __init__(self, demo_folder: DemoFolder, *, narrator: Narrator, ended: threading.Event) -> None:
        self._demo_folder = demo_folder
        self._narrator = narrator
        self._ended = ended
        self._open = ExitStack()
        self._required: list[Program] = []
        self._optional: dict[Program, Text] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for program in (*self._optional, *reversed(self._required[1:])):
            program.terminate()
        self._open.close()

    def start_required(self, name: str, command: list[str]) -> Program:
        """Start a program whose end ends the demo; the first one started ends last. Raises DemoFault."""
        self._required.append(self._run(name, command))
        return self._required[-1]

    def start_optional(self, name: str, command: list[str], *, called: Text) -> Program:
        """Start a program that the demo can lose, such as a window on a screen. Raises DemoFault."""
        program = self._run(name, command)
        self._optional[program] = called
        return program

    def wait_for(self, program: Program, ready: Callable[[], bool]) -> None:
        """Wait until ``ready`` holds or the demo is ended. Raises DemoFault after READY_WITHIN_S."""
        give_up = time.monotonic() + READY_WITHIN_S
        while not self._ended.is_set() and not ready():
            self.check()
            if time.monotonic() > give_up:
                raise DemoFault(
                    zh=f"{program.name} 在 {READY_WITHIN_S:.0f} 秒内没有准备好，详见 {program.log}",
                    en=f"{program.name} was not ready within {READY_WITHIN_S:.0f} s, see {program.log}",
                )
            self._ended.wait(0.1)

    def check(self) -> None:
        """Report each optional program that has ended. Raises DemoFault when a required one has ended."""
        for program in self._required:
            if not program.running:
                raise DemoFault(
                    zh=f"{program.name} 意外结束，详见 {program.log}：{program.last_line()}",
                    en=f"{program.name} has ended, see {program.log}",
                )
        for program in [program for program in self._optional if not program.running]:
            self._narrator.gone(self._optional.pop(program), program.last_line() if program.exit_code else "")

    def _run(self, name: str, command: list[str]) -> Program:
        environment = {"TMPDIR": str(self._demo_folder.sockets)}
        program = Program(name, command, logs=self._demo_folder.logs, environment=environment)
        self._open.callback(program.end)
        return program


def our_command(name: str) -> str:
    """Return the path of ``jiaohao-NAME`` in the running Python's environment."""
    return str(Path(sys.executable).with_name(f"jiaohao-{name}"))


def responds(url: str) -> bool:
    """Whether an HTTP server answers this URL with 200."""
    try:
        return urllib3.request("GET", url, timeout=2, retries=False).status == 200
    except urllib3.exceptions.HTTPError:
        return False
