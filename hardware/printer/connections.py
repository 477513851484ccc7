"""The three kinds of connection to a ticket printer, each an escpos printer with a time limit on every byte.

Importing this loads escpos, which takes long; ``hardware.printer.open_printer`` does it when a printer is needed.
"""

from __future__ import annotations

import os
import select
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from typing import Any, Protocol

import usb.core
from escpos.capabilities import Profile
from escpos.printer import File, Network, Usb
from PIL import Image

from hardware.paper.paper_width import PaperWidth
from hardware.printer.printer_settings import FilePrinter, NetworkPrinter, RealPrinter, UsbPrinter

CONNECT_LIMIT_S = 3.0
"""Time limit of a TCP connection's handshake, seconds."""
_ANSWER_BYTES = 64
_PAUSE_S = 0.02
"""Pause after an empty USB answer, seconds."""
_SEND_BUFFER = 8192
"""Size of the kernel's buffer, bytes; small, so that it cannot hide a printer that takes nothing."""


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


class NetworkConnection(Network):
    """A printer on TCP, usually port 9100."""

    _socket: socket.socket

    def __init__(self, settings: NetworkPrinter, deadline: Deadline) -> None:
        super().__init__(settings.host, settings.port, profile=_profile(settings.paper_width))
        self._deadline = deadline

    def open(self, raise_not_found: bool = True) -> None:  # noqa: ARG002, FBT001, FBT002 - escpos's own signature
        """Connect; escpos's own way leaves the socket open when nobody listens, and knows no IPv6."""
        limit = min(CONNECT_LIMIT_S, self._deadline.left_s())
        self.device = self._socket = socket.create_connection((self.host, self.port), timeout=max(limit, 0.001))
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)

    def _raw(self, msg: bytes) -> None:
        self._socket.settimeout(max(self._deadline.left_s(), 0.001))
        self._socket.sendall(msg)

    def receive(self, within_s: float) -> bytes:
        """Return the bytes that the printer answered, empty when none came in time."""
        self._socket.settimeout(max(within_s, 0.001))
        try:
            return _require_open(self._socket.recv(_ANSWER_BYTES))
        except TimeoutError:
            return b""


class UsbConnection(Usb):
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

    def _raw(self, msg: bytes) -> None:
        """Write all of it: at a timeout libusb has written a part and returns how much, which escpos ignores."""
        device: Any = self.device
        rest = memoryview(msg)
        while rest:
            left_s = self._deadline.left_s()
            if not left_s:
                raise TimeoutError("the USB printer does not take its data")
            rest = rest[device.write(self.out_ep, bytes(rest), max(1, round(left_s * 1000))) :]

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


class FileConnection(File):
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

    def _raw(self, msg: bytes) -> None:
        rest = memoryview(msg)
        while rest:
            _, ready, _ = select.select([], [self._file], [], self._deadline.left_s())
            if not ready:
                raise TimeoutError(f"{self.devfile} does not take its data")
            rest = rest[self._file.write(rest) or 0 :]

    def receive(self, within_s: float) -> bytes:
        """Return the bytes that the printer answered, empty when none came in time."""
        ready, _, _ = select.select([self._file], [], [], within_s)
        return _require_open(self._file.read(_ANSWER_BYTES) or b"") if ready else b""


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


def _require_open(answer: bytes) -> bytes:
    """Return the answer; an empty read from a readable connection means that the printer is gone."""
    if not answer:
        raise ConnectionResetError("the printer closed the connection")
    return answer
