"""The three kinds of connection to a ticket printer, each an escpos printer with a time limit on every byte.

Importing this loads escpos, which takes long; ``hardware.printer.open_printer`` does it when a printer is needed.
"""

from __future__ import annotations

import fcntl
import os
import select
import socket
import stat
import struct
import termios
import time
import tty
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import FileIO
from typing import Any, Protocol

import usb.core
from PIL import Image

from hardware.paper.paper_width import PaperWidth
from hardware.printer.escpos_library import File, Network, Profile, Usb
from hardware.printer.printer_settings import FilePrinter, NetworkPrinter, RealPrinter, UsbPrinter

CONNECT_LIMIT_S = 3.0
"""Time limit of a TCP connection's handshake, seconds."""
_ANSWER_BYTES = 64
_STANDSTILL_S = 5.0
"""Time after which a printer that takes no byte is given up, seconds: shorter than a change of its roll."""
_PAUSE_S = 0.02
"""Pause after an empty answer and before another attempt to write, seconds."""
_SEND_BUFFER = 8192
"""Size of the kernel's buffer, bytes; small, so that it cannot hide a printer that takes nothing."""
_PROBE_BYTES = 192 * 1024
"""Number of bytes that show that somebody reads them: more than the buffers of a connection that waits can hold."""
_PROBE = bytes(4096)


class Deadline:
    """A moment on the monotonic clock by which something must be over."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left_s(self) -> float:
        """Return the seconds left, zero once it has passed."""
        return max(0.0, self._end - time.monotonic())


class PrinterConnection(Protocol):
    """An open connection; every call raises OSError when the printer is lost or the deadline passes.

    ``image``, ``cut`` and ``_raw`` are escpos's own methods.
    """

    def image(self, img_source: Image.Image, *, impl: str, fragment_height: int) -> None:
        """Write a picture."""

    def cut(self, mode: str) -> None:
        """Feed past the knife and cut."""

    def _raw(self, msg: bytes) -> None:
        """Write bytes."""

    def receive(self, within_s: float) -> bytes:
        """Return the bytes that the printer answered, empty when none came in time."""

    def is_served(self, within_s: float) -> bool:
        """Return whether the printer takes data from this connection; what it takes is NULs, which print nothing."""

    def finish(self) -> None:
        """Return when everything that was written has left this machine; closing earlier can lose the cut."""

    def abandon(self) -> None:
        """Drop what was written and has not left this machine, so that it does not reach the printer later."""


class _SteadyWriter(ABC):
    """Writes all bytes while the printer takes some of them now and then; how they are written is the subclass's."""

    _deadline: Deadline

    def _raw(self, msg: bytes) -> None:
        rest = memoryview(msg)
        while rest:
            limit_s = min(_STANDSTILL_S, self._deadline.left_s())
            taken = self._write_some(rest, limit_s) if limit_s else 0
            if not taken:
                raise TimeoutError("the printer does not take its data")
            rest = rest[taken:]

    @abstractmethod
    def _write_some(self, data: memoryview, within_s: float) -> int:
        """Write the first bytes; return how many were taken, 0 when none was in time."""

    def is_served(self, within_s: float) -> bool:  # noqa: ARG002 - only a network connection may wait for another one
        return True

    def finish(self) -> None:
        while self._is_under_way():
            if not self._deadline.left_s():
                raise TimeoutError("the printer does not take the last of its data")
            time.sleep(_PAUSE_S)

    def _is_under_way(self) -> bool:
        """Return whether bytes that were written are still in this machine."""
        return False

    def abandon(self) -> None:  # noqa: B027 - nothing stays in this machine
        pass


class NetworkConnection(_SteadyWriter, Network):
    """A printer on TCP, usually port 9100. While it serves another host, the connection waits without an answer."""

    _socket: socket.socket

    def __init__(self, settings: NetworkPrinter, deadline: Deadline) -> None:
        super().__init__(settings.host, settings.port, profile=_profile(settings.paper_width))
        self._deadline = deadline

    def open(self, raise_not_found: bool = True) -> None:  # noqa: ARG002, FBT001, FBT002 - escpos's own signature
        """Connect; escpos's own way leaves the socket open when nobody listens, and knows no IPv6."""
        limit = min(CONNECT_LIMIT_S, self._deadline.left_s())
        self.device = self._socket = socket.create_connection((self.host, self.port), timeout=max(limit, 0.001))
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)

    def _write_some(self, data: memoryview, within_s: float) -> int:
        self._socket.settimeout(max(within_s, 0.001))
        try:
            return self._socket.send(data)
        except TimeoutError:
            return 0

    def is_served(self, within_s: float) -> bool:
        """Write NULs; return False when half of the time passes without one being taken."""
        deadline = Deadline(within_s)
        written = 0
        while written < _PROBE_BYTES and deadline.left_s():
            taken = self._write_some(memoryview(_PROBE), within_s / 2)
            if not taken:
                return False
            written += taken
        return True

    def _is_under_way(self) -> bool:
        return _queued_bytes(self._socket.fileno()) > 0

    def abandon(self) -> None:
        """Have the connection reset when it is closed."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def receive(self, within_s: float) -> bytes:
        """Return the bytes that the printer answered, empty when none came in time."""
        self._socket.settimeout(max(within_s, 0.001))
        try:
            return _require_open(self._socket.recv(_ANSWER_BYTES))
        except TimeoutError:
            return b""


class UsbConnection(_SteadyWriter, Usb):
    """A printer on USB, through libusb."""

    def __init__(self, settings: UsbPrinter, deadline: Deadline) -> None:
        super().__init__(
            settings.vendor,
            settings.product,
            in_ep=settings.in_endpoint,
            out_ep=settings.out_endpoint,
            profile=_profile(settings.paper_width),
        )
        self._deadline = deadline

    def _configure_usb(self) -> None:
        """Configure the device only when nobody has: escpos resets it, which loses what it is still printing."""
        device: Any = self.device  # escpos types the device as a class
        try:
            device.get_active_configuration()
        except usb.core.USBError:
            device.set_configuration()

    def _write_some(self, data: memoryview, within_s: float) -> int:
        """At a time-out libusb has written a part and returns how much, which escpos ignores."""
        device: Any = self.device
        try:
            return int(device.write(self.out_ep, bytes(data), max(1, round(within_s * 1000))))
        except usb.core.USBTimeoutError:
            return 0

    def receive(self, within_s: float) -> bytes:
        """Return the bytes that the printer answered, empty when none came in time."""
        device: Any = self.device
        try:
            answer = bytes(device.read(self.in_ep, _ANSWER_BYTES, max(1, round(within_s * 1000))))
        except usb.core.USBTimeoutError:
            return b""
        if not answer:
            time.sleep(min(_PAUSE_S, within_s))  # some printers return an empty answer at once instead of waiting
        return answer


class FileConnection(_SteadyWriter, File):
    """A printer behind a device file. A file that is not there means an unplugged printer: it is never created."""

    _file: FileIO

    def __init__(self, settings: FilePrinter, deadline: Deadline) -> None:
        super().__init__(str(settings.path), profile=_profile(settings.paper_width))
        self._deadline = deadline
        self._answers = settings.confirms

    def open(self, raise_not_found: bool = True) -> None:  # noqa: ARG002, FBT001, FBT002 - escpos's own signature
        """Open without blocking: a device file blocks writers while the printer has no paper."""
        mode = os.O_RDWR if self._answers else os.O_WRONLY
        number = os.open(self.devfile, mode | os.O_NONBLOCK | os.O_APPEND | os.O_NOCTTY)
        self.device = self._file = FileIO(number, "r+" if self._answers else "w")
        if self._file.isatty():
            _pass_every_byte(number)
        self._answers &= not stat.S_ISREG(os.fstat(number).st_mode)  # a plain file returns what was written to it

    def _write_some(self, data: memoryview, within_s: float) -> int:
        deadline = Deadline(within_s)
        while select.select([], [self._file], [], deadline.left_s())[1]:
            taken = self._file.write(data)
            if taken or not deadline.left_s():
                return taken or 0
            time.sleep(_PAUSE_S)  # some drivers report room and take nothing
        return 0

    def receive(self, within_s: float) -> bytes:
        """Return the bytes that the printer answered, empty when none came in time.

        Reading nothing is no end: a USB printer's driver passes on that it had nothing to answer.
        """
        if not self._answers or not select.select([self._file], [], [], within_s)[0]:
            return b""
        answer = self._file.read(_ANSWER_BYTES) or b""
        if not answer:
            time.sleep(min(_PAUSE_S, within_s))
        return answer

    def _is_under_way(self) -> bool:
        """A USB printer's driver has room when the block before was taken; a serial line has a buffer."""
        taken = bool(select.select([], [self._file], [], 0)[1])
        return not taken or (self._file.isatty() and _queued_bytes(self._file.fileno()) > 0)

    def abandon(self) -> None:
        """Empty a serial line's buffer, for which closing would wait."""
        if self._file.isatty():
            with suppress(termios.error):  # the line is gone, and its buffer with it
                termios.tcflush(self._file, termios.TCOFLUSH)


@contextmanager
def open_connection(settings: RealPrinter, deadline: Deadline) -> Iterator[PrinterConnection]:
    """Open a connection for one job and close it; raises OSError or an escpos error when there is no printer."""
    connection = _build_connection(settings, deadline)
    try:
        connection.open()
        yield connection
    finally:
        connection.close()


def _build_connection(settings: RealPrinter, deadline: Deadline) -> NetworkConnection | UsbConnection | FileConnection:
    """Return the unopened connection for the printer's driver."""
    match settings:
        case NetworkPrinter():
            return NetworkConnection(settings, deadline)
        case UsbPrinter():
            return UsbConnection(settings, deadline)
        case FilePrinter():
            return FileConnection(settings, deadline)
        case _:
            raise TypeError(f"no connection for {type(settings).__name__}")


def _profile(width: PaperWidth) -> Profile:
    """Return escpos's description of our printers. Without a paper width escpos prints a warning to stdout."""
    profile = Profile(features={"paperFullCut": True, "paperPartCut": True})
    profile.profile_data = {**profile.profile_data, "media": {"width": {"pixels": int(width)}}}
    return profile


def _pass_every_byte(number: int) -> None:
    """Set a serial line not to change bytes of a picture, and not to echo answers."""
    try:
        tty.setraw(number, termios.TCSANOW)
    except termios.error as error:
        raise OSError(*error.args) from error


def _queued_bytes(number: int) -> int:
    """Return how many bytes wait in the output queue of a socket or a terminal."""
    queued: tuple[int] = struct.unpack("i", fcntl.ioctl(number, termios.TIOCOUTQ, bytes(4)))
    return queued[0]


def _require_open(answer: bytes) -> bytes:
    """Return the answer; an empty read from a readable connection means that the printer is gone."""
    if not answer:
        raise ConnectionResetError("the printer closed the connection")
    return answer
