"""A ticket printer that is not there: speaks ESC/POS on TCP, saves each ticket as a PNG, breaks on command."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import socket
import struct
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from hardware.paper.ticket_layout import PaperWidth
from hardware.printer.twin_machine import TwinFault, TwinMachine

BYTES_BEFORE_DEATH = 20_000
SLOW_BYTES_PER_S = 1_000
_BUFFER = 4096
_SLOW_BITE = 100


class PrinterTwin:
    """The simulated printer on a TCP port, from ``with`` to its end; one connection after the other, like real ones.

    ``port`` 0 takes a free one, read it from ``.port``. ``slow_bytes_per_s`` is the pace under TwinFault.SLOW.
    """

    def __init__(
        self,
        folder: Path,
        *,
        port: int = 0,
        host: str = "127.0.0.1",
        width: PaperWidth = PaperWidth.MM_80,
        slow_bytes_per_s: int = SLOW_BYTES_PER_S,
        on_page: Callable[[Path], None] | None = None,
    ) -> None:
        self._machine = TwinMachine(folder, width=width, on_page=on_page)
        self._slow_bytes_per_s = slow_bytes_per_s
        self._ended = threading.Event()
        self._listener = socket.create_server((host, port))
        # a printer's buffer is small: what it does not take must be felt by whoever sends it
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        self.port: int = self._listener.getsockname()[1]
        self._connection: socket.socket | None = None
        self._thread = threading.Thread(target=self._serve, name=f"printer twin on port {self.port}")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        _hang_up(self._listener)
        self._hang_up()
        self._thread.join()
        self._listener.close()

    @property
    def pages(self) -> tuple[Path, ...]:
        """The pictures of the tickets cut so far, oldest first."""
        return self._machine.pages

    def wait_for_pages(self, count: int, *, within_s: float) -> tuple[Path, ...]:
        """Return the pictures once there are ``count`` tickets; raises TimeoutError when they do not come in time."""
        return self._machine.wait_for_pages(count, within_s=within_s)

    def wait_for_bytes(self, count: int, *, within_s: float) -> None:
        """Return once the present job has brought ``count`` bytes; raises TimeoutError when it does not."""
        self._machine.wait_for_bytes(count, within_s=within_s)

    def set_fault(self, fault: TwinFault) -> None:
        """Do something to the printer, or with TwinFault.OK mend it."""
        self._machine.set_fault(fault)
        if fault is TwinFault.UNPLUGGED:
            self._hang_up()

    def _serve(self) -> None:
        """Take one connection after the other until the end."""
        while not self._ended.is_set():
            with contextlib.suppress(OSError):  # the far end hung up, or our end shut the listener
                connection, _ = self._listener.accept()
                with connection:
                    self._talk(connection)

    def _talk(self, connection: socket.socket) -> None:
        """Give the machine what comes in, at its pace, until the line is closed or the plug is pulled."""
        self._connection = connection
        self._machine.connect(lambda answer: _send(connection, answer))
        taken = 0
        while not self._ended.is_set() and self._machine.fault is not TwinFault.UNPLUGGED:
            slow = self._machine.fault is TwinFault.SLOW
            data = connection.recv(_SLOW_BITE if slow else _BUFFER)
            if not data:
                return
            taken += len(data)
            if self._machine.fault is TwinFault.DIES and taken > BYTES_BEFORE_DEATH:
                break
            if slow:
                self._ended.wait(len(data) / self._slow_bytes_per_s)
            self._machine.receive(data)
        # pulled plug: the far end is reset and gets no orderly goodbye
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def _hang_up(self) -> None:
        """End the present connection, if there is one."""
        if self._connection is not None:
            _hang_up(self._connection)


def _send(connection: socket.socket, answer: bytes) -> None:
    """Send an answer; whoever asked may have gone."""
    with contextlib.suppress(OSError):
        connection.sendall(answer)


def _hang_up(line: socket.socket) -> None:
    """Wake whoever waits on a socket; it may be closed already."""
    with contextlib.suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)


def main() -> int:
    """Run the simulated printer until Ctrl-C or SIGTERM."""
    options = _options().parse_args()
    ends = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    width = PaperWidth.MM_80 if options.paper_mm == 80 else PaperWidth.MM_58
    try:
        twin = PrinterTwin(options.folder, port=options.port, width=width, on_page=lambda path: _say(str(path)))
    except OSError as error:
        where, why = f"{options.port}, {options.folder}", os.strerror(error.errno or 0)
        _say(
            f"模拟打印机无法启动（端口、文件夹 {where}）：{why}，请换一个 / "
            f"the simulated printer cannot start (port, folder {where}): {why}; choose another one"
        )
        return 1
    with twin:
        twin.set_fault(options.fault)
        _say(f"模拟打印机 / simulated printer: 127.0.0.1:{twin.port} → {options.folder} (Ctrl-C)")
        signal.sigwait(ends)
    return 0


def _options() -> argparse.ArgumentParser:
    """Return what the command line takes."""
    parser = argparse.ArgumentParser(
        prog="jiaohao-printer-twin", description="模拟小票打印机 / a simulated ticket printer"
    )
    parser.add_argument("--port", type=int, default=9100, help="0 takes a free port")
    parser.add_argument("--folder", type=Path, default=Path("tickets"), help="where each ticket becomes a PNG")
    parser.add_argument("--fault", type=TwinFault, choices=list(TwinFault), default=TwinFault.OK)
    parser.add_argument("--paper-mm", type=int, choices=(80, 58), default=80)
    return parser


def _say(line: str) -> None:
    """Tell the person at the terminal."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
