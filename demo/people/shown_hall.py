"""The shown hall's kiosk and screen, and simulated visitors at that kiosk where no person uses it."""

from __future__ import annotations

import shutil
import threading
from contextlib import ExitStack
from pathlib import Path

from demo.devices.paper_printer import paper_printer
from demo.devices.screen_camera import ScreenCamera
from demo.narration import Narrator
from demo.people.kiosk_visitors import KioskVisitors
from demo.people.site_people import PlayOptions, SitePeople
from demo.processes import Program
from demo.programs import Programs, our_command
from demo.setup import settings_files as files
from demo.setup.site_setup import KIOSK, SiteSetup
from protocol.vocabulary import Text

ON_SCREEN_PX = (1152, 648)
OFFSCREEN_PX = (1920, 1080)


class ShownHall:
    """Starts the kiosk and the hall screen when it is made. Raises DemoFault, OSError."""

    def __init__(
        self, setup: SiteSetup, *, programs: Programs, options: PlayOptions, narrator: Narrator, opened: ExitStack
    ) -> None:
        self._setup = setup
        self._programs = programs
        self._options = options
        self._narrator = narrator
        folder = setup.demo_folder.pictures / f"paper-{setup.site}-{KIOSK}"
        self._paper = opened.enter_context(paper_printer(folder, on_ticket=self._report_paper))
        self._screen_pictures = setup.demo_folder.root / "screen"
        self._kiosk = self._run(
            "kiosk",
            files.kiosk_settings(setup, printer_port=self._paper.port, size=self._size),
            called=Text(zh="取号机", en="kiosk"),
        )
        self._screen = self._run("display", self._display_settings(), called=Text(zh="大屏", en="hall screen"))

    def visitors(
        self, people: SitePeople, *, services: frozenset[str], ended: threading.Event
    ) -> list[threading.Thread]:
        """Return the visitors who touch the kiosk: none where it is left to the person."""
        if self._options.on_screen:
            self._narrator.report(
                "取号机窗口留给您：点“取号”试一试", "the kiosk's window is yours: touch “Take a number”"
            )
            return []
        visitors = KioskVisitors(
            self._setup,
            kiosk=self._kiosk,
            printer=self._paper,
            camera=ScreenCamera(self._screen, self._screen_pictures),
            rhythm=people.rhythm,
            departures=people.departures,
            services=services,
            narrator=self._narrator,
            ended=ended,
        )
        return [visitors]

    def _run(self, name: str, settings: Path, *, called: Text) -> Program:
        offscreen = [] if self._options.on_screen else ["--offscreen"]
        return self._programs.start_optional(
            name, [our_command(name), "--settings", str(settings), *offscreen], called=called
        )

    @property
    def _size(self) -> tuple[int, int]:
        return ON_SCREEN_PX if self._options.on_screen else OFFSCREEN_PX

    def _display_settings(self) -> Path:
        """Write the screen's settings; it speaks only on a real screen and where the system has a voice."""
        speaks = self._options.on_screen and shutil.which("espeak-ng") and shutil.which("aplay")
        return files.display_settings(
            self._setup,
            size=self._size,
            voice="clips" if speaks else "silence",
            pictures=None if self._options.on_screen else self._screen_pictures.absolute(),
        )

    def _report_paper(self, path: Path) -> None:
        """Report where the paper's picture is to a person at the kiosk; a simulated visitor keeps a copy."""
        if self._options.on_screen:
            self._narrator.persons_ticket(path)
