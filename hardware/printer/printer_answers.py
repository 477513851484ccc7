"""Status queries of ESC/POS printers: sorts the bytes that come back and decodes their bits.

Source: Epson's ESC/POS command reference, ``GS r`` and ``DLE EOT``.
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
"""``GS a 0``: no automatic status back, whose bytes would be taken for answers."""


class AnswerKind(Enum):
    """Which query a byte answers; the two kinds differ in fixed bits."""

    IN_ORDER = 0b0000_0000
    NOW = 0b0001_0010

    @property
    def mask(self) -> int:
        """The bits that are fixed in this kind of answer."""
        return 0b1001_0000 if self is AnswerKind.IN_ORDER else 0b1001_0011


class AnswerQueues:
    """The answers on one connection, a queue for each kind.

    ``receive`` takes a time limit in seconds and returns the bytes that came, empty when none did.
    """

    def __init__(self, receive: Callable[[float], bytes]) -> None:
        self._receive = receive
        self._queues: dict[AnswerKind, deque[int]] = {kind: deque() for kind in AnswerKind}

    def wait_for(self, kind: AnswerKind, *, within_s: float) -> int | None:
        """Return the next answer of a kind, or None when it does not come in time."""
        end = time.monotonic() + within_s
        while not self._queues[kind]:
            left_s = end - time.monotonic()
            if left_s <= 0:
                return None
            for byte in self._receive(left_s):
                self._file(byte)
        return self._queues[kind].popleft()

    def discard(self, kind: AnswerKind) -> None:
        """Drop answers to queries that were given up."""
        self._queues[kind].clear()

    def _file(self, byte: int) -> None:
        """File one byte under its kind; flow control and line noise fit none."""
        for kind in AnswerKind:
            if byte & kind.mask == kind.value:
                self._queues[kind].append(byte)


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
