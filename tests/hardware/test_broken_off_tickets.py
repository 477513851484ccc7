"""A ticket that breaks off: no paper carries two tickets, and none is called printed that did not come out."""

from __future__ import annotations

import errno
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image
from printer_device import PrinterDevice
from real_hall import until
from troubled_printer import TroubledPrinter, UsbTrouble, simulated_usb, troubled_printer

from hardware.paper.paper_width import PaperWidth
from hardware.paper.ticket_layout import TicketPaper, draw_ticket
from hardware.printer.open_printer import open_printer
from hardware.printer.printer import Printer, PrinterStatus, PrintResult
from hardware.printer.printer_faults import PrinterFault
from hardware.printer.printer_settings import FilePrinter, NetworkPrinter
from hardware.printer.printer_twin import PrinterTwin
from hardware.printer.twin_machine import TwinFault, TwinHabits, TwinMachine
from protocol.vocabulary import PaperState, PrintOutcome

PRINTED = PrintResult(outcome=PrintOutcome.PRINTED, paper=PaperState.OK)
OUT_OF_PAPER = PrintResult(outcome=PrintOutcome.FAILED, fault=PrinterFault.PAPER_OUT, paper=PaperState.OUT)
ROW = PaperWidth.MM_80 // 8
"""Number of bytes of a row."""
KEEPS = TwinHabits(keeps_buffer=True)
INSIDE_THE_SECOND_STRIP = 25_000
"""Number of bytes of a job after which the first strip is printed and the second one is on its way."""


@pytest.fixture(params=["network", "file", "usb"])
def trouble(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TroubledPrinter]:
    """A printer that keeps what it has received, at each kind of connection."""
    with simulated_usb(), troubled_printer(request.param, tmp_path, KEEPS) as printer:
        yield printer


@pytest.fixture
def twin(tmp_path: Path) -> Iterator[PrinterTwin]:
    with PrinterTwin(tmp_path, habits=KEEPS) as twin:
        yield twin


@pytest.fixture
def tickets(make_ticket: Callable[..., TicketPaper]) -> list[Image.Image]:
    """Three tickets, shortened to two whole strips and a part of one."""
    whole = [draw_ticket(make_ticket(number=number)) for number in ("A017", "A018", "A019")]
    return [ticket.crop((0, 0, ticket.width, 450)) for ticket in whole]


def at(twin: PrinterTwin, *, job_limit_s: float = 60, answer_limit_s: float = 1) -> Printer:
    return open_printer(
        NetworkPrinter(
            driver="network",
            host="127.0.0.1",
            port=twin.port,
            job_limit_s=job_limit_s,
            answer_limit_s=answer_limit_s,
        )
    )


def dots(papers: tuple[Path, ...]) -> list[bytes]:
    return [_dots(paper) for paper in papers]


def _dots(paper: Path) -> bytes:
    with Image.open(paper) as picture:
        return picture.tobytes()


def is_piece(paper: bytes, of: Image.Image) -> bool:
    """Whether a paper shows nothing but rows of a ticket, white, and the dots of a query that broke in."""
    white = b"\xff" * ROW
    strange = set(_rows(paper)) - set(_rows(of.tobytes())) - {white}
    return len(strange) <= 2


def _rows(dots: bytes) -> list[bytes]:
    return [dots[n : n + ROW] for n in range(0, len(dots), ROW)]


@pytest.mark.parametrize(
    "fault", [TwinFault.PAPER_OUT, TwinFault.COVER_OPEN, TwinFault.UNPLUGGED, TwinFault.SWITCHED_OFF]
)
def test_what_a_broken_ticket_left_in_the_printer_is_cut_off_before_the_next_one(
    trouble: TroubledPrinter, tickets: list[Image.Image], fault: TwinFault
) -> None:
    printer = open_printer(trouble.settings)
    assert printer.print_ticket(tickets[0]) == PRINTED
    trouble.machine.set_fault(fault, after_bytes=INSIDE_THE_SECOND_STRIP)
    assert printer.print_ticket(tickets[1]).outcome is PrintOutcome.FAILED
    trouble.mend()
    assert printer.print_ticket(tickets[2]) == PRINTED
    first, *pieces, last = dots(trouble.machine.pages)
    assert (first, last) == (tickets[0].tobytes(), tickets[2].tobytes())
    assert len(pieces) == 1
    assert is_piece(pieces[0], of=tickets[1])


def test_a_kiosk_that_was_started_again_clears_the_printer_too(
    trouble: TroubledPrinter, tickets: list[Image.Image]
) -> None:
    trouble.machine.set_fault(TwinFault.UNPLUGGED, after_bytes=INSIDE_THE_SECOND_STRIP)
    open_printer(trouble.settings).print_ticket(tickets[0])
    trouble.mend()
    assert open_printer(trouble.settings).print_ticket(tickets[1]) == PRINTED
    assert dots(trouble.machine.pages)[1:] == [tickets[1].tobytes()]


def test_after_a_new_roll_the_rest_of_a_ticket_comes_out_before_the_next_visitor(
    twin: PrinterTwin, tickets: list[Image.Image]
) -> None:
    printer = at(twin)
    assert printer.print_ticket(tickets[0]) == PRINTED
    twin.set_fault(TwinFault.PAPER_OUT, after_bytes=INSIDE_THE_SECOND_STRIP)
    assert printer.print_ticket(tickets[1]) == OUT_OF_PAPER
    assert printer.status().faults == (PrinterFault.PAPER_OUT,)
    twin.set_fault(TwinFault.OK)
    assert printer.status() == PrinterStatus(paper=PaperState.OK)
    assert len(twin.wait_for_pages(2, within_s=30)) == 2
    assert printer.print_ticket(tickets[2]) == PRINTED
    assert dots(twin.pages)[2:] == [tickets[2].tobytes()]


def test_a_printer_that_can_forgets_a_ticket_whose_paper_ended(tmp_path: Path, tickets: list[Image.Image]) -> None:
    habits = TwinHabits(keeps_buffer=True, answers_inside_pictures=True)
    with PrinterTwin(tmp_path, habits=habits) as twin:
        printer = at(twin)
        twin.set_fault(TwinFault.PAPER_OUT, after_bytes=INSIDE_THE_SECOND_STRIP)
        assert printer.print_ticket(tickets[0]) == OUT_OF_PAPER
        until(lambda: twin.machine.buffered_bytes == 0, what="the printer has forgotten the ticket")
        twin.set_fault(TwinFault.OK)
        assert printer.print_ticket(tickets[1]) == PRINTED
        assert dots(twin.pages) == [tickets[1].tobytes()]


@pytest.mark.parametrize("driver", ["network", "file", "usb"])
def test_paper_that_ends_inside_a_picture_puts_no_number_above_the_next_visitor_s(
    tmp_path: Path, tickets: list[Image.Image], driver: str
) -> None:
    habits = TwinHabits(keeps_buffer=True, buffer_bytes=4096)
    with simulated_usb(), troubled_printer(driver, tmp_path, habits) as trouble:
        hurried = open_printer(trouble.settings.model_copy(update={"job_limit_s": 3.0}))
        trouble.machine.set_fault(TwinFault.PAPER_OUT, after_bytes=1000)
        assert hurried.print_ticket(tickets[0]) == PrintResult(
            outcome=PrintOutcome.FAILED, fault=PrinterFault.SLOW, paper=PaperState.OK
        )
        trouble.mend()
        assert open_printer(trouble.settings).print_ticket(tickets[1]) == PRINTED
        *pieces, last = dots(trouble.machine.pages)
        assert last == tickets[1].tobytes()
        assert all(is_piece(piece, of=tickets[0]) for piece in pieces)


@pytest.mark.parametrize(
    "unrequested",
    [b"\x18\x00\x0c\x0f", b"\x3b\x30\x00", b"\x37\x25\x00", b"\x00\x00\x00", b"\x11\x00", b"\x00" * 40],
    ids=["automatic status", "power on", "buffer cleared", "end of a status", "flow control", "a flood"],
)
def test_nothing_that_a_printer_sends_by_itself_confirms_a_ticket(
    twin: PrinterTwin, tickets: list[Image.Image], unrequested: bytes
) -> None:
    printer = at(twin)
    for byte in (100, INSIDE_THE_SECOND_STRIP, 29_000, 32_000):
        twin.machine.send(unrequested, after_bytes=byte)
    twin.set_fault(TwinFault.PAPER_OUT, after_bytes=INSIDE_THE_SECOND_STRIP)
    assert printer.print_ticket(tickets[0]) == OUT_OF_PAPER


def test_a_printer_that_answers_all_the_time_confirms_nothing(twin: PrinterTwin, tickets: list[Image.Image]) -> None:
    printer = at(twin, job_limit_s=5)
    for byte in range(0, 33_000, 20):
        twin.machine.send(b"\x00", after_bytes=byte)
    twin.set_fault(TwinFault.CUTTER_STUCK, after_bytes=INSIDE_THE_SECOND_STRIP)
    assert printer.print_ticket(tickets[0]).outcome is not PrintOutcome.PRINTED


def test_what_a_printer_sends_by_itself_keeps_no_ticket_from_being_confirmed(
    twin: PrinterTwin, tickets: list[Image.Image]
) -> None:
    for byte in range(0, 33_000, 900):
        twin.machine.send(b"\x14\x00\x00\x0f", after_bytes=byte)
    assert at(twin).print_ticket(tickets[0]) == PRINTED


@pytest.mark.parametrize("lost", [1, 2, 3, 20, 5000])
def test_a_ticket_of_which_the_printer_lost_bytes_is_not_called_printed(
    twin: PrinterTwin, tickets: list[Image.Image], lost: int
) -> None:
    printer = at(twin, job_limit_s=5)
    twin.set_fault(TwinFault.MUTE, after_bytes=INSIDE_THE_SECOND_STRIP)
    twin.set_fault(TwinFault.OK, after_bytes=INSIDE_THE_SECOND_STRIP + lost)
    assert printer.print_ticket(tickets[0]).outcome is not PrintOutcome.PRINTED


def test_a_late_answer_about_paper_running_low_is_no_open_cover(twin: PrinterTwin, tickets: list[Image.Image]) -> None:
    printer = at(twin)
    for byte in range(1, 60, 2):
        twin.machine.send(b"\x1e", after_bytes=byte)
        assert printer.status().faults == (), byte
    assert printer.print_ticket(tickets[0]) == PRINTED


def test_the_answers_that_an_earlier_job_gave_up_do_not_confirm_the_next_one(
    trouble: TroubledPrinter, tickets: list[Image.Image]
) -> None:
    printer = open_printer(trouble.settings)
    trouble.machine.set_fault(TwinFault.CUTTER_STUCK, after_bytes=INSIDE_THE_SECOND_STRIP)
    assert printer.print_ticket(tickets[0]).fault is PrinterFault.CUTTER_STUCK
    trouble.mend()  # the queries of that job are answered now
    trouble.machine.set_fault(TwinFault.PAPER_OUT, after_bytes=INSIDE_THE_SECOND_STRIP)
    assert printer.print_ticket(tickets[1]) == OUT_OF_PAPER


def test_a_printer_that_another_host_holds_is_busy_and_gets_no_byte_of_a_ticket(
    twin: PrinterTwin, tickets: list[Image.Image]
) -> None:
    printer = at(twin, answer_limit_s=0.5)
    with socket.create_connection(("127.0.0.1", twin.port)) as other:
        other.sendall(b"\x1b@")
        twin.wait_for_bytes(2, within_s=30)
        assert printer.print_ticket(tickets[0]).fault is PrinterFault.BUSY
    assert printer.print_ticket(tickets[1]) == PRINTED
    assert dots(twin.pages) == [tickets[1].tobytes()]


def test_a_host_that_never_accepts_a_connection_is_busy_however_large_its_buffers(tickets: list[Image.Image]) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=5) as listener:
        settings = NetworkPrinter(
            driver="network", host="127.0.0.1", port=listener.getsockname()[1], answer_limit_s=0.5
        )
        result = open_printer(settings).print_ticket(tickets[0])
    assert result == PrintResult(outcome=PrintOutcome.FAILED, fault=PrinterFault.BUSY)


def test_a_printer_that_never_answers_is_cleared_once_and_not_before_every_ticket(
    tmp_path: Path, tickets: list[Image.Image]
) -> None:
    device = tmp_path / "lp0"
    device.touch()
    printer = open_printer(FilePrinter(driver="file", path=device))
    for ticket in tickets:
        assert printer.print_ticket(ticket) == PrintResult(outcome=PrintOutcome.UNKNOWN)
    assert device.read_bytes().count(b"\x1dV\x00") == 1
    assert device.read_bytes().count(b"\x1dV\x01") == len(tickets)


def test_a_plain_file_confirms_nothing_though_it_can_be_read(tmp_path: Path, tickets: list[Image.Image]) -> None:
    device = tmp_path / "lp0"
    device.touch()
    settings = FilePrinter(driver="file", path=device, confirms=True, job_limit_s=2, answer_limit_s=0.2)
    assert open_printer(settings).print_ticket(tickets[0]) == PrintResult(
        outcome=PrintOutcome.UNKNOWN, fault=PrinterFault.MUTE
    )


def test_a_serial_line_is_set_to_pass_every_byte(tmp_path: Path) -> None:
    picture = Image.frombytes("1", (8, 64), bytes(255 - n for n in range(64)))  # all control codes as dots
    machine = TwinMachine(tmp_path, width=PaperWidth.MM_80)
    with PrinterDevice(machine, tmp_path / "ttyS0", raw=False) as device:
        printer = open_printer(FilePrinter(driver="file", path=device.path, confirms=True, job_limit_s=30))
        assert printer.print_ticket(picture) == PRINTED
    with Image.open(machine.pages[0]) as page:
        assert page.crop((0, 0, 8, 64)).tobytes() == picture.tobytes()


def test_a_device_that_another_program_has_open_is_busy(tmp_path: Path, tickets: list[Image.Image]) -> None:
    with simulated_usb(), troubled_printer("usb", tmp_path, KEEPS) as trouble:
        UsbTrouble.buses.bus.refuses = errno.EBUSY
        printer = open_printer(trouble.settings)
        assert printer.print_ticket(tickets[0]) == PrintResult(outcome=PrintOutcome.FAILED, fault=PrinterFault.BUSY)
        assert printer.status() == PrinterStatus(faults=(PrinterFault.BUSY,))
