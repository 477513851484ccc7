"""The simulated printer as a technician starts it: a process, a port, pictures in a folder, and Ctrl-C."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from hardware.paper.paper_width import PaperWidth
from hardware.paper.ticket_layout import TicketPaper, draw_ticket
from hardware.printer.open_printer import open_printer
from hardware.printer.printer import PrintResult
from hardware.printer.printer_faults import PrinterFault
from hardware.printer.printer_settings import NetworkPrinter
from protocol.vocabulary import PaperState, PrintOutcome

COMMAND = [sys.executable, "-m", "hardware.printer.printer_twin"]


def start(*options: str) -> tuple[subprocess.Popen[str], int]:
    process = subprocess.Popen([*COMMAND, "--port", "0", *options], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    port = re.search(r"(?:127\.0\.0\.1|\[::1?\]|localhost):(\d+)", process.stdout.readline())
    assert port is not None
    return process, int(port[1])


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_it_saves_a_narrow_ticket_names_the_file_and_ends_cleanly(
    tmp_path: Path, make_ticket: Callable[..., TicketPaper], end: signal.Signals
) -> None:
    picture = draw_ticket(make_ticket(), width=PaperWidth.MM_58)
    process, port = start("--folder", str(tmp_path), "--paper-mm", "58")
    with process:
        settings = NetworkPrinter(driver="network", host="127.0.0.1", port=port, paper_mm=58)
        result = open_printer(settings).print_ticket(picture)
        process.send_signal(end)
        output, _ = process.communicate(timeout=10)
    assert result == PrintResult(outcome=PrintOutcome.PRINTED, paper=PaperState.OK)
    assert process.returncode == 0
    assert output == f"{tmp_path / 'ticket-0001.png'}\n"
    with Image.open(tmp_path / "ticket-0001.png") as page:
        assert (page.size, page.tobytes()) == (picture.size, picture.tobytes())


def test_it_starts_with_a_fault_on_request(tmp_path: Path, make_ticket: Callable[..., TicketPaper]) -> None:
    process, port = start("--folder", str(tmp_path), "--fault", "cover_open")
    with process:
        result = open_printer(NetworkPrinter(driver="network", host="127.0.0.1", port=port)).print_ticket(
            draw_ticket(make_ticket())
        )
        process.send_signal(signal.SIGINT)
    assert result == PrintResult(outcome=PrintOutcome.FAILED, fault=PrinterFault.COVER_OPEN, paper=PaperState.OK)
    assert list(tmp_path.iterdir()) == []


def test_on_request_the_fault_begins_inside_a_ticket_and_what_was_received_outlives_it(
    tmp_path: Path, make_ticket: Callable[..., TicketPaper]
) -> None:
    options = ["--folder", str(tmp_path), "--keeps-buffer", "--fault", "cutter_stuck", "--after-bytes", "25000"]
    process, port = start(*options)
    with process:
        printer = open_printer(NetworkPrinter(driver="network", host="127.0.0.1", port=port))
        assert printer.status().faults == ()
        result = printer.print_ticket(draw_ticket(make_ticket()))
        process.send_signal(signal.SIGINT)
    assert result == PrintResult(outcome=PrintOutcome.FAILED, fault=PrinterFault.CUTTER_STUCK, paper=PaperState.OK)
    assert list(tmp_path.iterdir()) == []


def test_a_port_in_use_is_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = subprocess.run(
            [*COMMAND, "--port", str(port), "--folder", str(tmp_path)],
            capture_output=True,
            text=True,
            check=False,
            timeout=20,
        )
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert ended.stderr == (
        "jiaohao-printer-twin: "
        f"模拟打印机无法启动（端口、文件夹 {port}, {tmp_path}）：Address already in use，请换一个 / "
        f"the simulated printer cannot start (port, folder {port}, {tmp_path}): Address already in use; "
        "choose another one\n"
    )


@pytest.mark.parametrize(("host", "reached"), [("::1", "::1"), ("::", "127.0.0.1"), ("localhost", "localhost")])
def test_a_printer_is_reached_at_an_ipv6_address_and_by_name(
    tmp_path: Path, make_ticket: Callable[..., TicketPaper], host: str, reached: str
) -> None:
    process, port = start("--folder", str(tmp_path), "--host", host)
    with process:
        printer = open_printer(NetworkPrinter(driver="network", host=reached, port=port))
        result = printer.print_ticket(draw_ticket(make_ticket(), width=PaperWidth.MM_80))
        process.terminate()
        process.communicate(timeout=30)
    assert result.outcome is PrintOutcome.PRINTED
