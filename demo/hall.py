"""The demo's hall, running: programs, simulated printers, simulated people; all of it ends with the ``with`` block."""

from __future__ import annotations

import shutil
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import urllib3

from demo import stage as s
from demo.clerks import Clerk
from demo.faults import DemoFault, need_room
from demo.kiosk_visitors import KioskVisitors
from demo.narration import Narrator
from demo.paper import paper_printer
from demo.processes import Program
from demo.rhythm import Rhythm
from demo.screen_pictures import ScreenCamera
from demo.visitors import Visitors
from hardware.printer_twin import PrinterTwin
from protocol.messages import Text

READY_WITHIN_S = 60.0
"""A Raspberry Pi needs a while for a first start."""
ON_SCREEN_PX = (1152, 648)
OFFSCREEN_PX = (1920, 1080)
LOOK_S = 0.5
PEOPLE_LEAVE_S = 2.5


@dataclass(frozen=True, kw_only=True)
class Manner:
    """How the demo plays. ``on_screen``: Kivy's windows open on a real screen, and the kiosk is left to the person."""

    on_screen: bool
    speed: float
    seed: int


class DemoHall:
    """Everything of one run, from ``with`` to its end; ``ended`` is set by whoever wants it to end."""

    def __init__(self, stage: s.Stage, *, manner: Manner, narrator: Narrator, ended: threading.Event) -> None:
        self._stage = stage
        self._manner = manner
        self._narrator = narrator
        self._ended = ended
        self._open = ExitStack()
        self._needed: list[Program] = []
        self._wanted: list[Program] = []

    def __enter__(self) -> Self:
        """Start everything, the broker first. Raises DemoFault, OSError."""
        try:
            self._start_programs()
            self._start_people()
        except BaseException:
            self._open.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End everything, the people first."""
        self._open.close()

    def play(self, *, duration_s: float) -> None:
        """Look after the hall until told to end or the time is over. Raises DemoFault when it cannot go on."""
        over_at = time.monotonic() + duration_s
        while time.monotonic() < over_at and not self._ended.wait(LOOK_S):
            self._look_after_programs()
            need_room(self._stage.folder)

    def _start_programs(self) -> None:
        stage = self._stage
        where = ["--folder", str(stage.data.absolute()), "--site", stage.catalogue.site]
        broker = [sys.executable, "-m", "demo.broker", *where, "--port", str(stage.broker_port)]
        self._needed.append(self._run("broker", broker))
        hub = self._run("hub", [_command("hub"), "--settings", str(s.hub_settings(stage))])
        self._needed.append(hub)
        self._wait_for(hub, lambda: _answers(f"{stage.url}/healthz"))
        panels = [str(path) for path in s.panel_settings(stage)]
        self._needed.append(self._run("windows", [sys.executable, "-m", "demo.panels", *panels]))
        self._paper = self._printer(s.KIOSK, on_ticket=self._tell_paper)
        self._kiosk = self._run_kivy("kiosk", s.kiosk_settings(stage, printer_port=self._paper.port, size=self._size()))
        self._screen_pictures = stage.folder / "screen"
        self._screen = self._run_kivy("display", self._display_settings())
        self._wanted += [self._kiosk, self._screen]
        for program in (*self._wanted, self._needed[-1]):
            self._open.callback(program.ask_to_end)

    def _start_people(self) -> None:
        stage, manner = self._stage, self._manner
        rhythm = Rhythm(stage.catalogue, windows=stage.clerks_windows, speed=manner.speed, seed=manner.seed)
        self._narrator.welcome(stage, speed=manner.speed)
        people = [self._visitors(rhythm), *self._clerks(rhythm)]
        if manner.on_screen:
            self._narrator.say("取号机窗口留给您：点“取号”试一试", "the kiosk's window is yours: touch “Take a number”")
        else:
            people.append(self._kiosk_visitors(rhythm))
        self._open.callback(self._leave, people)
        for person in people:
            person.start()

    def _visitors(self, rhythm: Rhythm) -> threading.Thread:
        printer = self._printer(s.SIMULATED_KIOSK, on_ticket=lambda _: self._narrator.paper())
        return Visitors(
            self._stage, printer_port=printer.port, rhythm=rhythm, narrator=self._narrator, ended=self._ended
        )

    def _clerks(self, rhythm: Rhythm) -> list[threading.Thread]:
        return [
            Clerk(self._stage, window, place=place, rhythm=rhythm, narrator=self._narrator, ended=self._ended)
            for place, window in enumerate(self._stage.clerks_windows)
        ]

    def _kiosk_visitors(self, rhythm: Rhythm) -> threading.Thread:
        return KioskVisitors(
            self._stage,
            kiosk=self._kiosk,
            printer=self._paper,
            camera=ScreenCamera(self._screen, self._screen_pictures),
            rhythm=rhythm,
            narrator=self._narrator,
            ended=self._ended,
        )

    def _leave(self, people: list[threading.Thread]) -> None:
        """Send everybody home before the programs end."""
        self._ended.set()
        gone_by = time.monotonic() + PEOPLE_LEAVE_S
        for person in people:
            person.join(max(0.0, gone_by - time.monotonic()))

    def _run(self, name: str, command: list[str]) -> Program:
        environment = {"TMPDIR": str(self._stage.sockets)}
        program = Program(name, command, logs=self._stage.logs, environment=environment)
        self._open.callback(program.end)
        return program

    def _run_kivy(self, name: str, settings: Path) -> Program:
        offscreen = [] if self._manner.on_screen else ["--offscreen"]
        return self._run(name, [_command(name), "--settings", str(settings), *offscreen])

    def _printer(self, kiosk: str, *, on_ticket: Callable[[Path], None]) -> PrinterTwin:
        folder = self._stage.pictures / f"paper-{kiosk}"
        return self._open.enter_context(paper_printer(folder, on_ticket=on_ticket))

    def _size(self) -> tuple[int, int]:
        return ON_SCREEN_PX if self._manner.on_screen else OFFSCREEN_PX

    def _display_settings(self) -> Path:
        """The hall screen speaks only where somebody listens and the system can speak."""
        speaks = self._manner.on_screen and shutil.which("espeak-ng") and shutil.which("aplay")
        return s.display_settings(
            self._stage,
            size=self._size(),
            voice="espeak" if speaks else "silence",
            pictures=None if self._manner.on_screen else self._screen_pictures.absolute(),
        )

    def _tell_paper(self, path: Path) -> None:
        """Tell a person at the kiosk where the ticket's picture is; a simulated visitor keeps an own copy."""
        if self._manner.on_screen:
            self._narrator.persons_ticket(path)

    def _wait_for(self, program: Program, ready: Callable[[], bool]) -> None:
        give_up = time.monotonic() + READY_WITHIN_S
        while not ready():
            self._look_after_programs()
            if time.monotonic() > give_up:
                raise DemoFault(
                    Text(
                        zh=f"{program.name} 在 {READY_WITHIN_S:.0f} 秒内没有准备好，详见 {program.log}",
                        en=f"{program.name} was not ready within {READY_WITHIN_S:.0f} s, see {program.log}",
                    )
                )
            if self._ended.wait(0.1):
                return

    def _look_after_programs(self) -> None:
        """Go on without a window; without hub, broker or panels there is no hall. Raises DemoFault."""
        for program in self._needed:
            if not program.running:
                raise DemoFault(
                    Text(
                        zh=f"{program.name} 意外结束，详见 {program.log}：{program.last_words()}",
                        en=f"{program.name} has ended, see {program.log}",
                    )
                )
        for program in [program for program in self._wanted if not program.running]:
            self._wanted.remove(program)
            self._narrator.gone(program.name, program.last_words() if program.exit_code else "")


def _command(name: str) -> str:
    """Return one of our own commands, beside the Python that runs."""
    return str(Path(sys.executable).with_name(f"jiaohao-{name}"))


def _answers(url: str) -> bool:
    try:
        return urllib3.request("GET", url, timeout=2, retries=False).status == 200
    except urllib3.exceptions.HTTPError:
        return False
