"""The USB driver over a simulated bus."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from usb_bus import PRODUCT, VENDOR, UsbBus

from hardware.paper.paper_width import PaperWidth
from hardware.paper.ticket_layout import TicketPaper, draw_ticket
from hardware.printer.open_printer import open_printer
from hardware.printer.printer import Printer, PrinterStatus, PrintResult
from hardware.printer.printer_faults import PrinterFault
from hardware.printer.printer_settings import UsbPrinter
from hardware.printer.twin_machine import TwinFault, TwinMachine
from protocol.vocabulary import PaperState, PrintOutcome


@pytest.fixture
def machine(tmp_path: Path) -> TwinMachine:
    return TwinMachine(tmp_path, width=PaperWidth.MM_80)


@pytest.fixture
def bus(machine: TwinMachine, monkeypatch: pytest.MonkeyPatch) -> UsbBus:
    bus = UsbBus(machine)
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
    bus: UsbBus, machine: TwinMachine, printer: Printer, ticket: Image.Image, chunk: int
) -> None:
    bus.chunk = chunk
    assert printer.print_ticket(ticket) == PrintResult(outcome=PrintOutcome.PRINTED, paper=PaperState.OK)
    (page,) = machine.pages
    with Image.open(page) as picture:
        assert picture.tobytes() == ticket.tobytes()


def test_a_status_query_never_resets_a_printer_that_may_be_printing(
    bus: UsbBus, machine: TwinMachine, printer: Printer
) -> None:
    machine.set_fault(TwinFault.COVER_OPEN)
    assert printer.status() == PrinterStatus(paper=PaperState.OK, faults=(PrinterFault.COVER_OPEN,))
    assert bus.resets == 0


def test_what_is_wrong_on_the_bus_is_a_fault(
    bus: UsbBus, machine: TwinMachine, printer: Printer, ticket: Image.Image
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


def test_a_bus_that_takes_nothing_does_not_hold_the_kiosk(bus: UsbBus, ticket: Image.Image) -> None:
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
