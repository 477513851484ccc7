"""Journeys go through real processes: broker, hub, kiosk and screen windows, panels on simulated pins, paper.

A module's tests share one running hall; each finds it empty, with every window closed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path

import pytest
from equipped_hall import EquippedHall, always_open
from hall_devices import KioskProcess, PanelProcess, ScreenProcess

from hardware.printer.printer_twin import PrinterTwin
from hardware.printer.twin_machine import TwinFault


class Scene:
    """The example county's hall with one of each; a device starts when a test first asks for it."""

    def __init__(self, hall: EquippedHall) -> None:
        self.hall = hall
        self.panels: dict[str, PanelProcess] = {}

    @cached_property
    def printer(self) -> PrinterTwin:
        """The printer in the kiosk."""
        return self.hall.start_printer()

    @cached_property
    def kiosk(self) -> KioskProcess:
        """The kiosk, with its printer."""
        return self.hall.start_kiosk(printer=self.printer)

    @cached_property
    def screen(self) -> ScreenProcess:
        """The hall screen; a call stays highlighted for a second at least."""
        return self.hall.start_screen(more="highlight_s = 1.0")

    def panel(self, window: str) -> PanelProcess:
        """Return a window's panel."""
        if window not in self.panels:
            self.panels[window] = self.hall.start_panel(window)
        return self.panels[window]

    def calm(self) -> None:
        """Send everybody home, mend the printer, and wait until the screen has nothing more to announce."""
        self.hall.empty()
        if "printer" in vars(self):
            self.printer.set_fault(TwinFault.OK)
        if "kiosk" in vars(self):
            self.kiosk.leave()
        if "screen" in vars(self):
            self.screen.shows(lambda view: not view["calling"] and view["waiting"] == [], what="an empty hall")


@pytest.fixture(scope="module")
def running_scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """The example county's hall, always open; a key pressed again within half a minute is a double press."""
    folder = tmp_path_factory.mktemp("hall")
    catalogue = always_open(folder, changes={"[rules]": "[rules]\ncall_guard_s = 30"})
    with EquippedHall(folder, catalogue=catalogue) as hall:
        yield Scene(hall)


@pytest.fixture
def scene(running_scene: Scene) -> Scene:
    """The hall, empty when the test begins."""
    running_scene.calm()
    return running_scene


@pytest.fixture
def album(tmp_path: Path) -> Callable[[str], Path]:
    """Return where a picture of this name goes: to the folder JIAOHAO_PICTURES names, else away with the test."""
    kept = os.environ.get("JIAOHAO_PICTURES")
    folder = Path(kept) / "journeys" if kept else tmp_path / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    return lambda name: folder / f"{name}.png"
