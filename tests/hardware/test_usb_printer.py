"""The USB driver over a simulated bus: pyusb's own backend interface with the simulated machine behind it."""

# ruff: noqa: ARG002 - pyusb decides what its backend is called with
from __future__ import annotations

import array
import errno
import queue
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import usb.backend
import usb.core
from PIL import Image

from hardware.paper.paper_width import PaperWidth
from hardware.paper.ticket_layout import TicketPaper, draw_ticket
from hardware.printer.open_printer import open_printer
from hardware.printer.printer import Printer, PrinterStatus, PrintResult
from hardware.printer.printer_faults import PrinterFault
from hardware.printer.printer_settings import UsbPrinter
from hardware.printer.twin_machine import TwinFault, TwinMachine
from protocol.vocabulary import PaperState, PrintOutcome

VENDOR, PRODUCT = 0x04B8, 0x0E15
DEVICE = {
    "bLength": 18, "bDescriptorType": 1, "bcdUSB": 0x0200, "bDeviceClass": 0, "bDeviceSubClass": 0,
    "bDeviceProtocol": 0, "bMaxPacketSize0": 64, "idVendor": VENDOR, "idProduct": PRODUCT, "bcdDevice": 0x0100,
    "iManufacturer": 0, "iProduct": 0, "iSerialNumber": 0, "bNumConfigurations": 1, "address": 4, "bus": 1,
    "port_number": 1, "port_numbers": (1,), "speed": 3,
}  # fmt: skip
CONFIGURATION = {
    "bLength": 9, "bDescriptorType": 2, "wTotalLength": 32, "bNumInterfaces": 1, "bConfigurationValue": 1,
    "iConfiguration": 0, "bmAttributes": 0xC0, "bMaxPower": 1, "extra_descriptors": [],
}  # fmt: skip
INTERFACE = {
    "bLength": 9, "bDescriptorType": 4, "bInterfaceNumber": 0, "bAlternateSetting": 0, "bNumEndpoints": 2,
    "bInterfaceClass": 7, "bInterfaceSubClass": 1, "bInterfaceProtocol": 2, "iInterface": 0, "extra_descriptors": [],
}  # fmt: skip
ENDPOINT = {
    "bLength": 7, "bDescriptorType": 5, "bmAttributes": 2, "wMaxPacketSize": 64, "bInterval": 0, "bRefresh": 0,
    "bSynchAddress": 0, "extra_descriptors": [],
}  # fmt: skip


class Bus(usb.backend.IBackend):
    """One printer on a cable; what is written reaches the machine, at most ``chunk`` bytes at a time."""

    def __init__(self, machine: TwinMachine) -> None:
        super().__init__()
        self.plugged = True
        self.chunk = 64_000
        self.resets = 0
        self.refuses: int | None = None
        self._machine = machine
        self._answers: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        machine.connect(self._answers.put)

    def enumerate_devices(self) -> list[str]:
        return ["printer"] if self.plugged else []

    def get_device_descriptor(self, dev: str) -> SimpleNamespace:
        return SimpleNamespace(**DEVICE)

    def get_configuration_descriptor(self, dev: str, config: int) -> SimpleNamespace:
        return SimpleNamespace(**CONFIGURATION)

    def get_interface_descriptor(self, dev: str, intf: int, alt: int, config: int) -> SimpleNamespace:
        if (intf, alt) != (0, 0):
            raise IndexError
        return SimpleNamespace(**INTERFACE)

    def get_endpoint_descriptor(self, dev: str, ep: int, intf: int, alt: int, config: int) -> SimpleNamespace:
        return SimpleNamespace(**ENDPOINT, bEndpointAddress=(0x01, 0x82)[ep])

    def open_device(self, dev: str) -> str:
        if self.refuses is not None:
            raise usb.core.USBError("refused", errno=self.refuses)
        return dev

    def get_configuration(self, dev_handle: str) -> int:
        return 1

    def reset_device(self, dev_handle: str) -> None:
        self.resets += 1

    def close_device(self, dev_handle: str) -> None:
        pass

    def claim_interface(self, dev_handle: str, intf: int) -> None:
        pass

    def release_interface(self, dev_handle: str, intf: int) -> None:
        pass

    def bulk_write(self, dev_handle: str, ep: int, intf: int, data: array.array[int], timeout: int) -> int:
        if not self.plugged:
            raise usb.core.USBError("no such device", errno=errno.ENODEV)
        if not self.chunk:
            raise usb.core.USBTimeoutError("timed out", errno=errno.ETIMEDOUT)
        taken = data.tobytes()[: self.chunk]
        self._machine.receive(taken)
        return len(taken)

    def bulk_read(self, dev_handle: str, ep: int, intf: int, buff: array.array[int], timeout: int) -> int:
        try:
            answer = self._answers.get(timeout=timeout / 1000)
        except queue.Empty:
            raise usb.core.USBTimeoutError("timed out", errno=errno.ETIMEDOUT) from None
        buff[: len(answer)] = array.array("B", answer)
        return len(answer)


@pytest.fixture
def machine(tmp_path: Path) -> TwinMachine:
    return TwinMachine(tmp_path, width=PaperWidth.MM_80)


@pytest.fixture
def bus(machine: TwinMachine, monkeypatch: pytest.MonkeyPatch) -> Bus:
    bus = Bus(machine)
    monkeypatch.setattr("usb.backend.libusb1.get_backend", lambda: bus)
    return bus


@pytest.fixture
def printer() -> Printer:
    settings: dict[str, Any] = {"vendor": VENDOR, "product": PRODUCT, "job_limit_s": 1, "answer_limit_s": 0.3}
    return open_printer(UsbPrinter(driver="usb", **settings))


@pytest.fixture
def ticket(make_ticket: Callable[..., TicketPaper]) -> Image.Image:
    return draw_ticket(make_ticket())


def failed(fault: PrinterFault, paper: PaperState = PaperState.UNKNOWN) -> PrintResult:
    return PrintResult(outcome=PrintOutcome.FAILED, fault=fault, paper=paper)


@pytest.mark.parametrize("chunk", [64_000, 999])
def test_a_ticket_arrives_whole_even_when_the_bus_takes_it_in_parts(
    bus: Bus, machine: TwinMachine, printer: Printer, ticket: Image.Image, chunk: int
) -> None:
    bus.chunk = chunk
    assert printer.print_ticket(ticket) == PrintResult(outcome=PrintOutcome.PRINTED, paper=PaperState.OK)
    (page,) = machine.pages
    with Image.open(page) as picture:
        assert picture.tobytes() == ticket.tobytes()


def test_a_status_query_never_resets_a_printer_that_may_be_printing(
    bus: Bus, machine: TwinMachine, printer: Printer
) -> None:
    machine.set_fault(TwinFault.COVER_OPEN)
    assert printer.status() == PrinterStatus(paper=PaperState.OK, faults=(PrinterFault.COVER_OPEN,))
    assert bus.resets == 0


def test_what_is_wrong_on_the_bus_is_a_fault(
    bus: Bus, machine: TwinMachine, printer: Printer, ticket: Image.Image
) -> None:
    machine.set_fault(TwinFault.PAPER_OUT)
    assert printer.print_ticket(ticket) == failed(PrinterFault.PAPER_OUT, PaperState.OUT)
    machine.set_fault(TwinFault.MUTE)
    assert printer.print_ticket(ticket) == PrintResult(outcome=PrintOutcome.UNKNOWN, fault=PrinterFault.MUTE)
    bus.refuses = errno.EACCES
    assert printer.print_ticket(ticket) == failed(PrinterFault.NOT_ALLOWED)
    bus.plugged = False
    assert printer.print_ticket(ticket) == failed(PrinterFault.UNPLUGGED)
    assert printer.status() == PrinterStatus(faults=(PrinterFault.UNPLUGGED,))


def test_a_bus_that_takes_nothing_does_not_hold_the_kiosk(bus: Bus, ticket: Image.Image) -> None:
    bus.chunk = 0
    settings: dict[str, Any] = {"vendor": VENDOR, "product": PRODUCT, "job_limit_s": 1, "confirms": False}
    printer = open_printer(UsbPrinter(driver="usb", **settings))
    assert printer.print_ticket(ticket) == failed(PrinterFault.SLOW)


def test_without_libusb_the_fault_names_what_to_install(
    monkeypatch: pytest.MonkeyPatch, printer: Printer, ticket: Image.Image
) -> None:
    for name in ("libusb1", "openusb", "libusb0"):
        monkeypatch.setattr(f"usb.backend.{name}.get_backend", lambda: None)
    assert printer.print_ticket(ticket) == failed(PrinterFault.NO_DRIVER)
    assert "libusb-1.0-0" in PrinterFault.NO_DRIVER.text.zh
