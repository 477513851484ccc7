"""Tickets through the real driver and real sockets to the simulated printer, and what is certain about each."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image

from hardware.paper.paper_width import PaperWidth
from hardware.paper.ticket_layout import TicketPaper, draw_ticket
from hardware.printer.open_printer import open_printer
from hardware.printer.printer import Printer, PrinterStatus, PrintResult
from hardware.printer.printer_faults import PrinterFault
from hardware.printer.printer_settings import NetworkPrinter, NoPrinter
from hardware.printer.printer_twin import PrinterTwin, TwinFault
from protocol.vocabulary import Language, PaperState, PrintOutcome

MakeTicket = Callable[..., TicketPaper]

PRINTED = PrintResult(outcome=PrintOutcome.PRINTED, paper=PaperState.OK)
JOB_LIMIT_S = 6.0
ANSWER_LIMIT_S = 0.5
"""Time limit of an answer where none is expected, seconds; elsewhere a printer has the time a busy machine needs."""
STALL_S = 5.0
"""Time that a busy machine may add, seconds; without the limit a job here takes half a minute and more."""


def failed(fault: PrinterFault, paper: PaperState = PaperState.UNKNOWN) -> PrintResult:
    return PrintResult(outcome=PrintOutcome.FAILED, fault=fault, paper=paper)


def unknown(fault: PrinterFault | None) -> PrintResult:
    return PrintResult(outcome=PrintOutcome.UNKNOWN, fault=fault)


EXPECTED = {
    TwinFault.OK: (PRINTED, PrinterStatus(paper=PaperState.OK), 1),
    TwinFault.PAPER_LOW: (
        PrintResult(outcome=PrintOutcome.PRINTED, paper=PaperState.LOW),
        PrinterStatus(paper=PaperState.LOW),
        1,
    ),
    TwinFault.PAPER_OUT: (
        failed(PrinterFault.PAPER_OUT, PaperState.OUT),
        PrinterStatus(paper=PaperState.OUT, faults=(PrinterFault.PAPER_OUT,)),
        0,
    ),
    TwinFault.PAPER_ENDS: (
        failed(PrinterFault.PAPER_OUT, PaperState.OUT),
        PrinterStatus(paper=PaperState.OUT, faults=(PrinterFault.PAPER_OUT,)),
        0,
    ),
    TwinFault.COVER_OPEN: (
        failed(PrinterFault.COVER_OPEN, PaperState.OK),
        PrinterStatus(paper=PaperState.OK, faults=(PrinterFault.COVER_OPEN,)),
        0,
    ),
    TwinFault.CUTTER_STUCK: (
        failed(PrinterFault.CUTTER_STUCK, PaperState.OK),
        PrinterStatus(paper=PaperState.OK, faults=(PrinterFault.CUTTER_STUCK,)),
        0,
    ),
    TwinFault.UNPLUGGED: (failed(PrinterFault.UNPLUGGED), PrinterStatus(faults=(PrinterFault.UNPLUGGED,)), 0),
    TwinFault.SWITCHED_OFF: (failed(PrinterFault.UNPLUGGED), PrinterStatus(faults=(PrinterFault.UNPLUGGED,)), 0),
    TwinFault.DIES: (failed(PrinterFault.LOST, PaperState.OK), PrinterStatus(paper=PaperState.OK), 0),
    TwinFault.MUTE: (unknown(PrinterFault.MUTE), PrinterStatus(faults=(PrinterFault.MUTE,)), 0),
    TwinFault.SILENT: (unknown(PrinterFault.MUTE), PrinterStatus(faults=(PrinterFault.MUTE,)), 1),
}
"""For each fault: how a job ends, the status that the printer then reports, and how many tickets came out."""


def driver(
    twin: PrinterTwin,
    *,
    confirms: bool = True,
    paper_mm: int = 80,
    job_limit_s: float = 15,
    answer_limit_s: float = 5,
) -> Printer:
    return open_printer(
        NetworkPrinter(
            driver="network",
            host="127.0.0.1",
            port=twin.port,
            confirms=confirms,
            paper_mm=paper_mm,
            job_limit_s=job_limit_s,
            answer_limit_s=answer_limit_s,
        )
    )


def dots(path: Path) -> tuple[str, tuple[int, int], bytes]:
    with Image.open(path) as picture:
        return picture.mode, picture.size, picture.tobytes()


def same_dots(picture: Image.Image) -> tuple[str, tuple[int, int], bytes]:
    return picture.mode, picture.size, picture.tobytes()


@pytest.fixture
def twin(tmp_path: Path) -> Iterator[PrinterTwin]:
    with PrinterTwin(tmp_path / "tickets", slow_bytes_per_s=2000) as twin:
        yield twin


@pytest.fixture
def ticket(make_ticket: MakeTicket) -> Image.Image:
    return draw_ticket(make_ticket())


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("width", PaperWidth)
def test_paper_shows_exactly_the_dots_that_were_drawn(
    tmp_path: Path, make_ticket: MakeTicket, width: PaperWidth, language: Language
) -> None:
    picture = draw_ticket(make_ticket(language=language), width=width)
    with PrinterTwin(tmp_path, width=width) as twin:
        printer = driver(twin, paper_mm=80 if width is PaperWidth.MM_80 else 58)
        assert printer.paper_width is width
        assert printer.print_ticket(picture) == PRINTED
        (page,) = twin.pages
        assert dots(page) == same_dots(picture)


def test_escpos_writes_nothing_to_the_terminal(
    twin: PrinterTwin, ticket: Image.Image, capfd: pytest.CaptureFixture[str]
) -> None:
    assert driver(twin).print_ticket(ticket) == PRINTED
    assert capfd.readouterr() == ("", "")


def test_escpos_is_loaded_only_with_a_printer_and_leaves_no_file_behind(tmp_path: Path) -> None:
    program = (
        "import sys, os, hardware.printer.open_printer as p, hardware.printer.printer_settings as s; "
        "before = dict(os.environ); "
        "loaded = 'escpos' in sys.modules; "
        "p.open_printer(s.NetworkPrinter(driver='network', host='127.0.0.1')); "
        "print(loaded, 'escpos' in sys.modules, os.environ == before)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"PATH": "", "TMPDIR": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    assert (done.stdout, done.stderr) == ("False True True\n", "")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("fault", EXPECTED)
def test_each_fault_is_reported_correctly_and_in_time(twin: PrinterTwin, ticket: Image.Image, fault: TwinFault) -> None:
    result, status, pages = EXPECTED[fault]
    mute = fault in {TwinFault.MUTE, TwinFault.SILENT}
    printer = driver(twin, job_limit_s=JOB_LIMIT_S, answer_limit_s=ANSWER_LIMIT_S) if mute else driver(twin)
    twin.set_fault(fault)
    begin = time.monotonic()
    assert printer.print_ticket(ticket) == result
    assert time.monotonic() - begin < JOB_LIMIT_S + STALL_S
    assert printer.status() == status
    assert len(twin.pages) == pages

    twin.set_fault(TwinFault.OK)
    assert printer.print_ticket(ticket) == PRINTED
    assert len(twin.pages) == pages + 1


def test_a_slow_printer_is_given_up_when_the_job_s_time_is_over(twin: PrinterTwin, ticket: Image.Image) -> None:
    printer = driver(twin, job_limit_s=JOB_LIMIT_S)
    twin.set_fault(TwinFault.SLOW)
    begin = time.monotonic()
    assert printer.print_ticket(ticket) == failed(PrinterFault.SLOW, PaperState.OK)
    assert JOB_LIMIT_S - 0.5 < time.monotonic() - begin < JOB_LIMIT_S + STALL_S


def test_a_printer_that_is_slow_but_in_time_has_printed(tmp_path: Path, ticket: Image.Image) -> None:
    with PrinterTwin(tmp_path, slow_bytes_per_s=60_000) as twin:
        twin.set_fault(TwinFault.SLOW)
        assert driver(twin).print_ticket(ticket) == PRINTED


def test_a_halted_printer_answers_at_once_and_goes_on_when_paper_is_put_in(twin: PrinterTwin) -> None:
    twin.set_fault(TwinFault.PAPER_OUT)
    with socket.create_connection(("127.0.0.1", twin.port)) as connection:
        connection.sendall(b"\x1b@\x1dv0\x00\x01\x00\x02\x00\xff\x81\x1dV\x01\x1dr\x01\x10\x04\x04")
        assert connection.recv(1) == b"\x7e"  # out of paper, answered at once
        assert twin.pages == ()
        twin.set_fault(TwinFault.OK)
        assert connection.recv(1) == b"\x00"  # the query after the cut, answered in order
        (page,) = twin.pages
    with Image.open(page) as picture:
        assert [[picture.getpixel((x, y)) for x in range(9)] for y in range(2)] == [
            [0] * 8 + [255],
            [0] + [255] * 6 + [0, 255],
        ]


def test_a_printer_that_never_answers_confirms_nothing(twin: PrinterTwin, ticket: Image.Image) -> None:
    printer = driver(twin, confirms=False)
    twin.set_fault(TwinFault.SILENT)
    assert printer.print_ticket(ticket) == unknown(None)
    assert printer.status() == PrinterStatus()
    twin.wait_for_pages(1, within_s=30)


def test_nobody_listens(tmp_path: Path, ticket: Image.Image) -> None:
    with PrinterTwin(tmp_path) as twin:
        printer = driver(twin)
        assert printer.print_ticket(ticket) == PRINTED
    for _ in range(2):
        assert printer.print_ticket(ticket) == failed(PrinterFault.UNPLUGGED)
        assert printer.status() == PrinterStatus(faults=(PrinterFault.UNPLUGGED,))


def test_two_jobs_at_once_are_two_whole_tickets(twin: PrinterTwin, make_ticket: MakeTicket) -> None:
    printer = driver(twin)
    pictures = [draw_ticket(make_ticket(number=number)) for number in ("A017", "A018", "B001", "B002")]
    with ThreadPoolExecutor(len(pictures)) as threads:
        assert list(threads.map(printer.print_ticket, pictures)) == [PRINTED] * len(pictures)
    assert {dots(page) for page in twin.pages} == {same_dots(picture) for picture in pictures}


def test_two_kiosks_share_one_printer(twin: PrinterTwin, make_ticket: MakeTicket) -> None:
    pictures = [draw_ticket(make_ticket(number=number)) for number in ("A017", "A018")]
    printers = [driver(twin), driver(twin)]
    with ThreadPoolExecutor(2) as threads:
        jobs = [
            threads.submit(printer.print_ticket, picture) for printer, picture in zip(printers, pictures, strict=True)
        ]
        assert [job.result() for job in jobs] == [PRINTED, PRINTED]
    assert {dots(page) for page in twin.pages} == {same_dots(picture) for picture in pictures}


def test_a_job_that_waits_half_its_time_for_another_one_fails_as_busy(twin: PrinterTwin, ticket: Image.Image) -> None:
    printer = driver(twin, job_limit_s=JOB_LIMIT_S, answer_limit_s=ANSWER_LIMIT_S)
    twin.set_fault(TwinFault.MUTE)
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(printer.print_ticket, ticket)
        twin.wait_for_bytes(1, within_s=30)
        assert printer.print_ticket(ticket) == failed(PrinterFault.BUSY)
        assert first.result() == unknown(PrinterFault.MUTE)


def test_a_plug_pulled_in_the_middle_of_a_ticket(tmp_path: Path, ticket: Image.Image) -> None:
    with PrinterTwin(tmp_path, slow_bytes_per_s=20_000) as twin:
        printer = driver(twin)
        twin.set_fault(TwinFault.SLOW)
        with ThreadPoolExecutor(1) as threads:
            job = threads.submit(printer.print_ticket, ticket)
            twin.wait_for_bytes(5_000, within_s=30)
            twin.set_fault(TwinFault.UNPLUGGED)
            assert job.result(timeout=20) == failed(PrinterFault.LOST, PaperState.OK)
        assert twin.pages == ()


def test_a_plug_pulled_while_the_confirmation_is_awaited_leaves_it_unknown(
    twin: PrinterTwin, ticket: Image.Image
) -> None:
    printer = driver(twin, answer_limit_s=ANSWER_LIMIT_S)
    twin.set_fault(TwinFault.SILENT)
    with ThreadPoolExecutor(1) as threads:
        job = threads.submit(printer.print_ticket, ticket)
        twin.wait_for_pages(1, within_s=30)
        twin.set_fault(TwinFault.UNPLUGGED)
        assert job.result(timeout=20) == unknown(PrinterFault.LOST)


def test_a_ticket_drawn_for_wider_paper_is_not_printed(twin: PrinterTwin, ticket: Image.Image) -> None:
    assert driver(twin, paper_mm=58).print_ticket(ticket) == failed(PrinterFault.TOO_WIDE)
    assert twin.pages == ()


def test_a_kiosk_without_a_printer_reports_none_fitted(ticket: Image.Image) -> None:
    printer = open_printer(NoPrinter(driver="none", paper_mm=58))
    assert printer.paper_width is PaperWidth.MM_58
    assert printer.print_ticket(ticket) == failed(PrinterFault.NONE_FITTED)
    assert printer.status() == PrinterStatus()


@pytest.mark.parametrize("fault", PrinterFault)
def test_each_fault_has_a_sentence_in_both_languages(fault: PrinterFault) -> None:
    assert len(fault.text.zh) >= 8
    assert len(fault.text.en.split()) >= 5
