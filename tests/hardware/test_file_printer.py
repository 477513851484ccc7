"""Printers behind device files: a plain file, a pipe that nobody empties, and a terminal that answers."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from printer_device import PrinterDevice

from hardware.paper.paper_width import PaperWidth
from hardware.paper.ticket_layout import TicketPaper, draw_ticket
from hardware.printer.open_printer import open_printer
from hardware.printer.printer import PrinterStatus, PrintResult
from hardware.printer.printer_faults import PrinterFault
from hardware.printer.printer_settings import FilePrinter
from hardware.printer.twin_machine import TwinFault, TwinMachine
from protocol.vocabulary import PaperState, PrintOutcome

UNCONFIRMED = PrintResult(outcome=PrintOutcome.UNKNOWN)


@pytest.fixture
def ticket(make_ticket: Callable[..., TicketPaper]) -> Image.Image:
    return draw_ticket(make_ticket())


def test_a_file_holds_every_ticket_and_nobody_confirms_it(tmp_path: Path, ticket: Image.Image) -> None:
    device = tmp_path / "lp0"
    device.touch()
    printer = open_printer(FilePrinter(driver="file", path=device))
    assert printer.status() == PrinterStatus()
    assert [printer.print_ticket(ticket), printer.print_ticket(ticket)] == [UNCONFIRMED, UNCONFIRMED]

    machine = TwinMachine(tmp_path / "tickets", width=PaperWidth.MM_80)
    machine.receive(device.read_bytes())
    for page in machine.wait_for_pages(2, within_s=0):
        with Image.open(page) as picture:
            assert picture.tobytes() == ticket.tobytes()


def test_a_device_file_that_is_not_there_is_an_unplugged_printer_and_is_not_created(
    tmp_path: Path, ticket: Image.Image
) -> None:
    device = tmp_path / "lp0"
    printer = open_printer(FilePrinter(driver="file", path=device))
    result = PrintResult(outcome=PrintOutcome.FAILED, fault=PrinterFault.UNPLUGGED)
    assert printer.print_ticket(ticket) == result
    assert printer.status() == PrinterStatus(faults=(PrinterFault.UNPLUGGED,))
    assert not device.exists()


def test_a_printer_that_stops_taking_data_does_not_hold_the_kiosk(tmp_path: Path, ticket: Image.Image) -> None:
    device = tmp_path / "lp0"
    os.mkfifo(device)
    reader = os.open(device, os.O_RDONLY | os.O_NONBLOCK)
    printer = open_printer(FilePrinter(driver="file", path=device, job_limit_s=1))
    try:
        result = printer.print_ticket(ticket)  # a pipe holds 64 KiB, less than a ticket
    finally:
        os.close(reader)
    assert result == PrintResult(outcome=PrintOutcome.FAILED, fault=PrinterFault.SLOW)


@pytest.mark.parametrize(
    ("fault", "result"),
    [
        (TwinFault.OK, PrintResult(outcome=PrintOutcome.PRINTED, paper=PaperState.OK)),
        (
            TwinFault.PAPER_OUT,
            PrintResult(outcome=PrintOutcome.FAILED, fault=PrinterFault.PAPER_OUT, paper=PaperState.OUT),
        ),
    ],
    ids=["ok", "paper_out"],
)
def test_a_device_file_that_can_be_read_confirms(
    tmp_path: Path, ticket: Image.Image, fault: TwinFault, result: PrintResult
) -> None:
    machine = TwinMachine(tmp_path, width=PaperWidth.MM_80)
    machine.set_fault(fault)
    with PrinterDevice(machine, tmp_path / "lp0") as device:
        printer = open_printer(FilePrinter(driver="file", path=device.path, confirms=True))
        assert printer.print_ticket(ticket) == result
