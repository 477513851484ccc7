"""What one looks at: a hall's kiosk and screen, and the visitors at that kiosk where nobody sits before it."""

from __future__ import annotations

import shutil
import threading
from contextlib import ExitStack
from pathlib import Path

from demo.narration import Narrator
from demo.people.demo_hall import DemoHall, PeoplePace
from demo.people.kiosk_visitors import KioskVisitors
from demo.processes import Program
from demo.programs import Programs, our_command
from demo.screen_pictures import ScreenCamera
from demo.setup import settings_files as files
from demo.setup.paper_printer import paper_printer
from demo.setup.site_setup import KIOSK, SiteSetup
from protocol.vocabulary import Text

ON_SCREEN_PX = (1152, 648)
OFFSCREEN_PX = (1920, 1080)


class HallState:
    """Starts kiosk and screen. Raises DemoFault, OSError."""

    def __init__(
        self, stage: SiteSetup, *, programs: Programs, manner: PeoplePace, narrator: Narrator, opened: ExitStack
    ) -> None:
        self._stage = stage
        self._programs = programs
        self._manner = manner
        self._narrator = narrator
        folder = stage.ground.pictures / f"paper-{stage.site}-{KIOSK}"
        self._paper = opened.enter_context(paper_printer(folder, on_ticket=self._tell_paper))
        self._screen_pictures = stage.ground.folder / "screen"
        self._kiosk = self._run(
            "kiosk",
            files.kiosk_settings(stage, printer_port=self._paper.port, size=self._size),
            called=Text(zh="取号机", en="kiosk"),
        )
        self._screen = self._run("display", self._display_settings(), called=Text(zh="大屏", en="hall screen"))

    def visitors(self, hall: DemoHall, *, services: frozenset[str], ended: threading.Event) -> list[threading.Thread]:
        """Return those who touch the kiosk: nobody where it is left to the person."""
        if self._manner.on_screen:
            self._narrator.say("取号机窗口留给您：点“取号”试一试", "the kiosk's window is yours: touch “Take a number”")
            return []
        visitors = KioskVisitors(
            self._stage,
            kiosk=self._kiosk,
            printer=self._paper,
            camera=ScreenCamera(self._screen, self._screen_pictures),
            rhythm=hall.rhythm,
            send_off=hall.send_off,
            services=services,
            narrator=self._narrator,
            ended=ended,
        )
        return [visitors]

    def _run(self, name: str, settings: Path, *, called: Text) -> Program:
        offscreen = [] if self._manner.on_screen else ["--offscreen"]
        return self._programs.want(name, [our_command(name), "--settings", str(settings), *offscreen], called=called)

    @property
    def _size(self) -> tuple[int, int]:
        return ON_SCREEN_PX if self._manner.on_screen else OFFSCREEN_PX

    def _display_settings(self) -> Path:
        """The hall screen speaks only where somebody listens and the system can speak."""
        speaks = self._manner.on_screen and shutil.which("espeak-ng") and shutil.which("aplay")
        return files.display_settings(
            self._stage,
            size=self._size,
            voice="espeak" if speaks else "silence",
            pictures=None if self._manner.on_screen else self._screen_pictures.absolute(),
        )

    def _tell_paper(self, path: Path) -> None:
        """Tell a person at the kiosk where the ticket's picture is; a simulated visitor keeps an own copy."""
        if self._manner.on_screen:
            self._narrator.persons_ticket(path)
