"""Status queries of ESC/POS printers: sorts the bytes that come back and decodes their bits.

Source: Epson's ESC/POS command reference, ``GS r``, ``DLE EOT``, ``GS a``, ``DLE DC4``.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from enum import Enum

from hardware.printer.printer_faults import PrinterFault
from protocol.vocabulary import PaperState

QUERY_PAPER_IN_ORDER = b"\x1dr\x01"
"""``GS r 1``: answered only after everything written before it has been worked through."""
QUERY_OFFLINE_CAUSE = b"\x10\x04\x02"
QUERY_ERROR_CAUSE = b"\x10\x04\x03"
QUERY_PAPER_NOW = b"\x10\x04\x04"
"""``DLE EOT n``: answered at once, even while the printer is offline."""
DISABLE_AUTOMATIC_STATUS = b"\x1da\x00"
"""``GS a 0``: no automatic status back."""
CLEAR_BUFFERS = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"
"""``DLE DC4 8``: drops at once what the printer has received and not printed. Printers without it ignore the codes."""

_READS_AT_MOST = 64
"""Number of reads after which a printer that never stops sending is no longer listened to."""
_AUTOMATIC_STATUS_REST = 3
"""Number of bytes that follow the first one of an automatic status; they have the bits of in-order answers."""
_MESSAGE_HEADERS = b"\x37\x3b\x5f"
"""First bytes of longer messages (buffer cleared, power on, printer's name), which end with NUL."""


class AnswerKind(Enum):
    """Which query a byte answers; the kinds differ in fixed bits."""

    IN_ORDER = 0b0000_0000
    NOW = 0b0001_0010

    @property
    def mask(self) -> int:
        """The bits that are fixed in this kind of answer."""
        return 0b1001_0000 if self is AnswerKind.IN_ORDER else 0b1001_0011


class AnswerQueues:
    """The answers on one connection, a queue for each kind; messages that no query requested are left out.

    ``receive`` takes a time limit in seconds and returns the bytes that came, empty when none did.
    """

    def __init__(self, receive: Callable[[float], bytes]) -> None:
        self._receive = receive
        self._queues: dict[AnswerKind, deque[int]] = {kind: deque() for kind in AnswerKind}
        self._automatic_left = 0
        self._in_message = False

    def wait_for(self, kind: AnswerKind, *, within_s: float) -> int | None:
        """Return the next answer of a kind, or None when it does not come in time."""
        end = time.monotonic() + within_s
        while not self._queues[kind]:
            left_s = end - time.monotonic()
            if left_s <= 0:
                return None
            self._read(left_s)
        return self._queues[kind].popleft()

    def discard(self, kind: AnswerKind) -> int:
        """Drop the answers that have come, to queries that were given up; return their number."""
        for _ in range(_READS_AT_MOST):
            if not self._read(0):
                break
        dropped = len(self._queues[kind])
        self._queues[kind].clear()
        return dropped

    def _read(self, within_s: float) -> bool:
        """File the bytes that come within the limit; return whether any came."""
        data = self._receive(within_s)
        for byte in data:
            self._file(byte)
        return bool(data)

    def _file(self, byte: int) -> None:
        """File one byte under its kind; automatic status, messages, flow control and line noise fit none."""
        if self._is_in_message(byte):
            return
        if _is_kind(byte, AnswerKind.NOW):
            self._queues[AnswerKind.NOW].append(byte)
        elif _begins_automatic_status(byte):
            self._automatic_left = _AUTOMATIC_STATUS_REST
        elif _is_kind(byte, AnswerKind.IN_ORDER):
            self._file_in_order(byte)

    def _is_in_message(self, byte: int) -> bool:
        """Return whether a byte belongs to a longer message: header, printable characters, NUL."""
        was_inside = self._in_message
        self._in_message = byte in _MESSAGE_HEADERS or (was_inside and 0x20 <= byte <= 0x7E)
        return self._in_message or (was_inside and byte == 0)

    def _file_in_order(self, byte: int) -> None:
        if self._automatic_left:
            self._automatic_left -= 1
        else:
            self._queues[AnswerKind.IN_ORDER].append(byte)


def _is_kind(byte: int, kind: AnswerKind) -> bool:
    return byte & kind.mask == kind.value


def _begins_automatic_status(byte: int) -> bool:
    return byte & 0b1001_0011 == 0b0001_0000


def decode_paper_in_order(answer: int) -> PaperState:
    """Decode the answer to ``GS r 1``."""
    if answer & 0b1100:
        return PaperState.OUT
    return PaperState.LOW if answer & 0b0011 else PaperState.OK


def decode_paper_now(answer: int) -> PaperState:
    """Decode the answer to ``DLE EOT 4``."""
    if answer & 0b0110_0000:
        return PaperState.OUT
    return PaperState.LOW if answer & 0b0000_1100 else PaperState.OK


def decode_faults_now(*, offline_cause: int, error_cause: int, paper: int) -> tuple[PrinterFault, ...]:
    """Decode the answers to ``DLE EOT`` 2, 3 and 4 together: what keeps the printer from printing, worst first."""
    out = bool(offline_cause & 0b0010_0000) or decode_paper_now(paper) is PaperState.OUT
    flags = {
        PrinterFault.COVER_OPEN: bool(offline_cause & 0b0000_0100),
        PrinterFault.PAPER_OUT: out,
        PrinterFault.CUTTER_STUCK: bool(error_cause & 0b0000_1000),
        PrinterFault.BROKEN: bool(error_cause & 0b0110_0000),
    }
    return tuple(fault for fault, is_set in flags.items() if is_set)
