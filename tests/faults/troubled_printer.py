"""A ticket printer at each kind of connection, in trouble at a chosen byte, and two visitors' tickets."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol
from unittest.mock import patch

from PIL import Image
from printer_device import PrinterDevice
from usb_bus import PRODUCT, VENDOR, UsbBus

from hardware.paper.paper_width import PaperWidth
from hardware.printer.printer_settings import FilePrinter, NetworkPrinter, RealPrinter, UsbPrinter
from hardware.printer.printer_twin import PrinterTwin
from hardware.printer.twin_machine import DISCONNECTED, TwinFault, TwinHabits, TwinMachine

ROWS = 230
"""Height of the tickets, px: one whole strip and a part of one, in few bytes."""
MARKS = (0xA5, 0xC3, 0x99)
"""The dots of each row of the visitors' tickets."""
HOSTILE = {40: b"\x10\x04\x02\x10\x04\x04", 120: b"\x1b@\x1dV\x00", 196: b"\x1dr\x01\x00", 224: b"\x10\x04\x03"}
"""Rows whose dots look like commands."""
LIMITS: dict[str, Any] = {"job_limit_s": 30, "answer_limit_s": 1}


def ticket(mark: int) -> Image.Image:
    """A ticket eight dots wide: a byte to a row."""
    rows = bytearray([mark]) * ROWS
    for row, dots in HOSTILE.items():
        rows[row : row + len(dots)] = dots
    return Image.frombytes("1", (8, ROWS), bytes(255 - row for row in rows))


def dots_of(page: Path) -> bytes:
    """The rows of a paper, a byte to a row; whatever else is black counts as a row of its own."""
    with Image.open(page) as picture:
        black = picture.point(lambda dot: 255 - dot)
        rows = [bytes(black.crop((0, y, picture.width, y + 1)).tobytes()) for y in range(picture.height)]
    return b"".join(row[:1] if not any(row[1:]) else row for row in rows)


class TroubledPrinter(Protocol):
    """A simulated printer that is driven in physical words."""

    machine: TwinMachine
    settings: RealPrinter
    """Those of its driver."""

    @property
    def in_trouble(self) -> bool:
        """Whether the trouble has begun, and can be seen at the connection."""

    def mend(self) -> None:
        """End every trouble: new roll, cover shut, plugged in, switched on."""


class _MachineTrouble:
    machine: TwinMachine

    @property
    def in_trouble(self) -> bool:
        return self.machine.fault is not TwinFault.OK

    def mend(self) -> None:
        self.machine.set_fault(TwinFault.OK)


class NetworkTrouble(_MachineTrouble):
    """At an address of its own."""

    def __init__(self, folder: Path, habits: TwinHabits, *, confirms: bool) -> None:
        self.twin = PrinterTwin(folder, habits=habits)
        self.machine = self.twin.machine
        self.settings: RealPrinter = NetworkPrinter(
            driver="network", host="127.0.0.1", port=self.twin.port, confirms=confirms, **LIMITS
        )


class FileTrouble(_MachineTrouble):
    """Behind a device file."""

    def __init__(self, folder: Path, habits: TwinHabits, *, confirms: bool) -> None:
        self.machine = TwinMachine(folder, width=PaperWidth.MM_80, habits=habits)
        self.device = PrinterDevice(self.machine, folder / "lp0")
        self.settings: RealPrinter = FilePrinter(driver="file", path=self.device.path, confirms=confirms, **LIMITS)

    @property
    def in_trouble(self) -> bool:
        return super().in_trouble and not (self.machine.fault in DISCONNECTED and self.device.path.is_symlink())

    def mend(self) -> None:
        gone = self.machine.fault in DISCONNECTED
        if gone:
            self.device.wait_until_gone()
        self.machine.set_fault(TwinFault.OK)
        if gone:
            self.device.plug_in()


class UsbTrouble(_MachineTrouble):
    """On USB; the bus that pyusb finds is that of the thread."""

    buses = threading.local()

    def __init__(self, folder: Path, habits: TwinHabits, *, confirms: bool) -> None:
        self.machine = TwinMachine(folder, width=PaperWidth.MM_80, habits=habits)
        self.buses.bus = UsbBus(self.machine)
        self.settings: RealPrinter = UsbPrinter(
            driver="usb", vendor=VENDOR, product=PRODUCT, confirms=confirms, **LIMITS
        )


@contextmanager
def troubled_printer(
    driver: str, folder: Path, habits: TwinHabits, *, confirms: bool = True
) -> Iterator[TroubledPrinter]:
    """Start a simulated printer at one kind of connection: network, file or usb."""
    match driver:
        case "network":
            network = NetworkTrouble(folder, habits, confirms=confirms)
            with network.twin:
                yield network
        case "file":
            file = FileTrouble(folder, habits, confirms=confirms)
            with file.device:
                yield file
        case _:
            yield UsbTrouble(folder, habits, confirms=confirms)


@contextmanager
def simulated_usb() -> Iterator[None]:
    """Have pyusb find the simulated buses."""
    with patch("usb.backend.libusb1.get_backend", lambda: UsbTrouble.buses.bus):
        yield
