"""A simulated ticket printer: takes ESC/POS on TCP, saves each ticket as a PNG, and has faults on command."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import socket
import struct
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from hardware.paper.paper_width import PaperWidth
from hardware.printer.twin_machine import DISCONNECTED, TwinFault, TwinHabits, TwinMachine
from protocol.vocabulary import Text
from runtime.listener import address_text, bound_sockets
from runtime.run_command import CommandFailed, command_parser, run_command

BYTES_BEFORE_DEATH = 20_000
"""Bytes of each job after which TwinFault.DIES pulls the plug."""
SLOW_BYTES_PER_S = 1_000
_BUFFER = 4096
_SLOW_CHUNK = 100
_ROOM_EVERY_S = 0.02
"""Interval at which a printer whose buffer is full checks it, seconds."""


class PrinterTwin:
    """The simulated printer on a TCP port, from ``with`` to its end; one connection after the other, like real ones.

    ``port`` 0 takes a free one, read it from ``.port``. ``slow_bytes_per_s`` is the pace under TwinFault.SLOW.
    ``machine`` is what stands behind the port.
    """

    def __init__(
        self,
        folder: Path,
        *,
        port: int = 0,
        host: str = "127.0.0.1",
        width: PaperWidth = PaperWidth.MM_80,
        slow_bytes_per_s: int = SLOW_BYTES_PER_S,
        habits: TwinHabits | None = None,
        on_page: Callable[[Path], None] | None = None,
    ) -> None:
        self.machine = TwinMachine(folder, width=width, habits=habits, on_page=on_page)
        self._slow_bytes_per_s = slow_bytes_per_s
        self._ended = threading.Event()
        self._listener, *others = bound_sockets(host, port)
        for other in others:  # a printer has one address
            other.close()
        self._listener.listen()
        # a printer's buffer is small: whoever writes must notice what it does not take
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        self.address: str
        self.port: int
        self.address, self.port = self._listener.getsockname()[:2]
        self._connection: socket.socket | None = None
        self._thread = threading.Thread(target=self._serve, name=f"printer twin on port {self.port}")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        _shut_down(self._listener)
        self._shut_down()
        self._thread.join()
        self._listener.close()

    @property
    def pages(self) -> tuple[Path, ...]:
        """The pictures of the tickets cut so far, oldest first."""
        return self.machine.pages

    def wait_for_pages(self, count: int, *, within_s: float) -> tuple[Path, ...]:
        """Return the pictures once there are ``count`` tickets; raises TimeoutError when they do not come in time."""
        return self.machine.wait_for_pages(count, within_s=within_s)

    def wait_for_bytes(self, count: int, *, within_s: float) -> None:
        """Return once the present job has brought ``count`` bytes; raises TimeoutError when it does not."""
        self.machine.wait_for_bytes(count, within_s=within_s)

    def set_fault(self, fault: TwinFault, *, after_bytes: int = 0) -> None:
        """Put the printer into a fault, now or when so many more bytes have come; TwinFault.OK ends it."""
        self.machine.set_fault(fault, after_bytes=after_bytes)
        if self.machine.fault in DISCONNECTED:
            self._shut_down()

    def _serve(self) -> None:
        """Take one connection after the other until the end."""
        while not self._ended.is_set():
            with contextlib.suppress(OSError):  # the far end hung up, or our end shut the listener
                connection, _ = self._listener.accept()
                with connection:
                    self._serve_connection(connection)

    def _serve_connection(self, connection: socket.socket) -> None:
        """Pass on to the machine what comes in, at its pace, until the connection ends or the plug is pulled."""
        self._connection = connection
        self.machine.connect(lambda answer: _write(connection, answer))
        taken = 0
        while self._waits_for_room() and self.machine.fault not in DISCONNECTED:
            slow = self.machine.fault is TwinFault.SLOW
            data = connection.recv(_SLOW_CHUNK if slow else _BUFFER)
            if not data:
                return
            taken += len(data)
            if self.machine.fault is TwinFault.DIES and taken > BYTES_BEFORE_DEATH:
                break
            if slow:
                self._ended.wait(len(data) / self._slow_bytes_per_s)
            self.machine.receive(data)
        # pulled plug: the far end is reset instead of closed in order
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def _waits_for_room(self) -> bool:
        """Wait until the machine takes more bytes; return False at the end of the twin."""
        while not self.machine.has_room and not self._ended.wait(_ROOM_EVERY_S):
            pass
        return not self._ended.is_set()

    def _shut_down(self) -> None:
        """Shut the present connection down, if there is one."""
        if self._connection is not None:
            _shut_down(self._connection)


def _write(connection: socket.socket, answer: bytes) -> None:
    """Write an answer; the far end may have gone."""
    with contextlib.suppress(OSError):
        connection.sendall(answer)


def _shut_down(connection: socket.socket) -> None:
    """Wake whoever waits on a socket; it may be closed already."""
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the simulated printer until Ctrl-C or SIGTERM; returns the exit code."""
    parser = command_parser("jiaohao-printer-twin", description="模拟小票打印机 / a simulated ticket printer")
    parser.add_argument("--host", default="127.0.0.1", help="listening address, IPv4 or IPv6 (127.0.0.1)")
    parser.add_argument("--port", type=int, default=9100, help="0 takes a free port")
    parser.add_argument("--folder", type=Path, default=Path("tickets"), help="where each ticket becomes a PNG")
    parser.add_argument("--fault", type=TwinFault, choices=list(TwinFault), default=TwinFault.OK)
    parser.add_argument("--after-bytes", type=int, default=0, help="byte of the first job at which the fault begins")
    parser.add_argument("--keeps-buffer", action="store_true", help="what was received outlives the connection")
    parser.add_argument("--paper-mm", type=int, choices=(80, 58), default=80)
    return run_command(parser, _run, arguments)


def _run(options: argparse.Namespace) -> int:
    stop_signals = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, stop_signals)  # before any thread, which inherits the mask
    with _start_twin(options) as twin:
        twin.set_fault(options.fault, after_bytes=options.after_bytes)
        where = address_text(twin.address, twin.port)
        _print_line(f"模拟打印机 / simulated printer: {where} → {options.folder} (Ctrl-C)")
        signal.sigwait(stop_signals)
    return 0


def _start_twin(options: argparse.Namespace) -> PrinterTwin:
    """Return the twin that the options describe; raises CommandFailed when port or folder cannot be used."""
    width = PaperWidth.MM_80 if options.paper_mm == 80 else PaperWidth.MM_58
    try:
        return PrinterTwin(
            options.folder,
            host=options.host,
            port=options.port,
            width=width,
            habits=TwinHabits(keeps_buffer=options.keeps_buffer),
            on_page=lambda path: _print_line(str(path)),
        )
    except OSError as error:
        where, why = f"{options.port}, {options.folder}", os.strerror(error.errno or 0)
        raise CommandFailed(
            Text(
                zh=f"模拟打印机无法启动（端口、文件夹 {where}）：{why}，请换一个",
                en=f"the simulated printer cannot start (port, folder {where}): {why}; choose another one",
            )
        ) from error


def _print_line(line: str) -> None:
    """Print a line for the person at the terminal at once, also into a pipe."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
