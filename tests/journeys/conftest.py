"""Fixtures of the journeys: real broker, hub, kiosk, screen and panel processes, simulated pins and printer.

A module's tests share one running hall; each test starts with empty queues and closed windows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path

import pytest
from equipped_hall import EquippedHall, always_open
from hall_devices import KioskProcess, PanelProcess, ScreenProcess
from picture_folder import picture_folder

from hardware.printer.printer_twin import PrinterTwin
from hardware.printer.twin_machine import TwinFault


class Equipment:
    """The example county's hall and its devices; each device is started on first use."""

    def __init__(self, hall: EquippedHall) -> None:
        self.hall = hall
        self.panels: dict[str, PanelProcess] = {}

    @cached_property
    def printer(self) -> PrinterTwin:
        """The simulated printer in the kiosk."""
        return self.hall.start_printer()

    @cached_property
    def kiosk(self) -> KioskProcess:
        """The kiosk process with its printer."""
        return self.hall.start_kiosk(printer=self.printer)

    @cached_property
    def screen(self) -> ScreenProcess:
        """The hall screen process; a call stays highlighted for at least one second."""
        return self.hall.start_screen(more="highlight_s = 1.0")

    def panel(self, window: str) -> PanelProcess:
        """Return a window's panel."""
        if window not in self.panels:
            self.panels[window] = self.hall.start_panel(window)
        return self.panels[window]

    def reset(self) -> None:
        """Empty the queues, repair the printer, and wait until the screen has nothing left to announce."""
        self.hall.empty()
        if "printer" in vars(self):
            self.printer.set_fault(TwinFault.OK)
        if "kiosk" in vars(self):
            self.kiosk.leave()
        if "screen" in vars(self):
            self.screen.shows(lambda view: not view["calling"] and view["waiting"] == [], what="an empty hall")


@pytest.fixture(scope="module")
def running_equipment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Equipment]:
    """The example county's hall, always open; a call key pressed twice within 30 s counts once."""
    folder = tmp_path_factory.mktemp("hall")
    catalogue = always_open(folder, changes={"[rules]": "[rules]\ncall_guard_s = 30"})
    with EquippedHall(folder, catalogue=catalogue) as hall:
        yield Equipment(hall)


@pytest.fixture
def equipment(running_equipment: Equipment) -> Equipment:
    """The running equipment, reset for this test."""
    running_equipment.reset()
    return running_equipment


@pytest.fixture
def album(tmp_path: Path) -> Callable[[str], Path]:
    """Return the path of a picture by name."""
    folder = picture_folder("journeys", otherwise=tmp_path / "pictures")
    return lambda name: folder / f"{name}.png"
