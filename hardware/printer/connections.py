"""The three ways to a ticket printer, each an escpos printer whose every byte has a bound in time.

Importing this loads escpos; ``hardware.printer.printer.open_printer`` does it.
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

from hardware.paper.ticket_layout import PaperWidth
from hardware.printer.printer_settings import FilePrinter, NetworkPrinter, RealPrinter, UsbPrinter

CONNECT_LIMIT_S = 3.0
_ANSWER_BYTES = 64
_PAUSE_S = 0.02
_SEND_BUFFER = 8192
"""Small, so that a printer which takes nothing is felt here and not hidden by the kernel."""


class Deadline:
    """A moment on the monotonic clock by which something must be over."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left_s(self) -> float:
        """Return the seconds left, zero once it has passed."""
        return max(0.0, self._end - time.monotonic())


class PrinterConnection(Protocol):
    """An open way to a printer; every call raises OSError when the printer is lost or the deadline passes."""

    def image(self, img_source: Image.Image, *, impl: str, fragment_height: int) -> None:
        """Send a picture."""

    def cut(self, mode: str) -> None:
        """Feed past the knife and cut."""

    def _raw(self, msg: bytes) -> None:
        """Send bytes."""

    def receive(self, within_s: float) -> bytes:
        """Return what the printer answered, empty when nothing came in time."""


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
        """Return what the printer answered, empty when nothing came in time."""
        self._socket.settimeout(max(within_s, 0.001))
        try:
            return _not_closed(self._socket.recv(_ANSWER_BYTES))
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
        """Send all of it: when the time is up libusb takes a part, says how much, and escpos ignores that."""
        device: Any = self.device
        rest = memoryview(msg)
        while rest:
            left_s = self._deadline.left_s()
            if not left_s:
                raise TimeoutError("the USB printer does not take its data")
            rest = rest[device.write(self.out_ep, bytes(rest), max(1, round(left_s * 1000))) :]

    def receive(self, within_s: float) -> bytes:
        """Return what the printer answered, empty when nothing came in time."""
        device: Any = self.device
        try:
            answer = bytes(device.read(self.in_ep, _ANSWER_BYTES, max(1, round(within_s * 1000))))
        except usb.core.USBTimeoutError:
            return b""
        if not answer:
            time.sleep(min(_PAUSE_S, within_s))  # some printers answer "nothing" at once instead of waiting
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
        way = os.O_RDWR if self._answers else os.O_WRONLY
        number = os.open(self.devfile, way | os.O_NONBLOCK | os.O_APPEND | os.O_NOCTTY)
        self.device = self._file = FileIO(number, "r+" if self._answers else "w")

    def _raw(self, msg: bytes) -> None:
        rest = memoryview(msg)
        while rest:
            _, ready, _ = select.select([], [self._file], [], self._deadline.left_s())
            if not ready:
                raise TimeoutError(f"{self.devfile} does not take its data")
            rest = rest[self._file.write(rest) or 0 :]

    def receive(self, within_s: float) -> bytes:
        """Return what the printer answered, empty when nothing came in time."""
        ready, _, _ = select.select([self._file], [], [], within_s)
        return _not_closed(self._file.read(_ANSWER_BYTES) or b"") if ready else b""


@contextmanager
def open_connection(settings: RealPrinter, deadline: Deadline) -> Iterator[PrinterConnection]:
    """Open a fresh line for one job and close it; raises OSError or an escpos error when there is no printer."""
    line = _line(settings, deadline)
    try:
        line.open()
        yield line
    finally:
        line.close()


def _line(settings: RealPrinter, deadline: Deadline) -> NetworkConnection | UsbConnection | FileConnection:
    """Return the unopened line for the printer's driver."""
    match settings:
        case NetworkPrinter():
            return NetworkConnection(settings, deadline)
        case UsbPrinter():
            return UsbConnection(settings, deadline)
        case FilePrinter():
            return FileConnection(settings, deadline)
        case _:
            raise TypeError(f"no line for {type(settings).__name__}")


def _profile(width: PaperWidth) -> Profile:
    """Return escpos's description of our printers. Without a paper width escpos prints a complaint to stdout."""
    profile = Profile(features={"paperFullCut": True, "paperPartCut": True})
    profile.profile_data = {**profile.profile_data, "media": {"width": {"pixels": int(width)}}}
    return profile


def _not_closed(answer: bytes) -> bytes:
    """Return the answer; nothing at all from a readable line means that the printer is gone."""
    if not answer:
        raise ConnectionResetError("the printer closed the line")
    return answer
