"""All programs of a run: started, waited for, looked after, and ended together."""

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
"""A Raspberry Pi needs a while for a first start."""


class Programs:
    """Ends every program with the ``with`` block: all are asked at once, the last started is seen off first."""

    def __init__(self, ground: DemoFolder, *, narrator: Narrator, ended: threading.Event) -> None:
        self._ground = ground
        self._narrator = narrator
        self._ended = ended
        self._open = ExitStack()
        self._needed: list[Program] = []
        self._wanted: dict[Program, Text] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for program in (*self._wanted, *reversed(self._needed[1:])):
            program.ask_to_end()
        self._open.close()

    def need(self, name: str, command: list[str]) -> Program:
        """Start a program without which the demo cannot go on. The first one outlives all others. Raises DemoFault."""
        self._needed.append(self._run(name, command))
        return self._needed[-1]

    def want(self, name: str, command: list[str], *, called: Text) -> Program:
        """Start a program that may be missing, such as a window where no screen is. Raises DemoFault."""
        program = self._run(name, command)
        self._wanted[program] = called
        return program

    def wait_for(self, program: Program, ready: Callable[[], bool]) -> None:
        """Wait until a program is ready, or somebody ended the demo. Raises DemoFault."""
        give_up = time.monotonic() + READY_WITHIN_S
        while not self._ended.is_set() and not ready():
            self.look_after()
            if time.monotonic() > give_up:
                raise DemoFault(
                    Text(
                        zh=f"{program.name} 在 {READY_WITHIN_S:.0f} 秒内没有准备好，详见 {program.log}",
                        en=f"{program.name} was not ready within {READY_WITHIN_S:.0f} s, see {program.log}",
                    )
                )
            self._ended.wait(0.1)

    def look_after(self) -> None:
        """Go on without what was only wanted. Raises DemoFault when something needed has ended."""
        for program in self._needed:
            if not program.running:
                raise DemoFault(
                    Text(
                        zh=f"{program.name} 意外结束，详见 {program.log}：{program.last_words()}",
                        en=f"{program.name} has ended, see {program.log}",
                    )
                )
        for program in [program for program in self._wanted if not program.running]:
            self._narrator.gone(self._wanted.pop(program), program.last_words() if program.exit_code else "")

    def _run(self, name: str, command: list[str]) -> Program:
        environment = {"TMPDIR": str(self._ground.sockets)}
        program = Program(name, command, logs=self._ground.logs, environment=environment)
        self._open.callback(program.end)
        return program


def our_command(name: str) -> str:
    """Return one of our own commands, beside the Python that runs."""
    return str(Path(sys.executable).with_name(f"jiaohao-{name}"))


def answers(url: str) -> bool:
    """Whether somebody answers there."""
    try:
        return urllib3.request("GET", url, timeout=2, retries=False).status == 200
    except urllib3.exceptions.HTTPError:
        return False
