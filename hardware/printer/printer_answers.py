"""What a printer answers: sorts the bytes it sends back and reads their bits (Epson's ESC/POS command reference)."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from enum import Enum

from hardware.printer.printer_faults import PrinterFault
from protocol.vocabulary import PaperState

ASK_PAPER_IN_ORDER = b"\x1dr\x01"
"""``GS r 1``: answered only after everything sent before it has been worked through."""
ASK_OFFLINE_CAUSE = b"\x10\x04\x02"
ASK_ERROR_CAUSE = b"\x10\x04\x03"
ASK_PAPER_NOW = b"\x10\x04\x04"
"""``DLE EOT n``: answered at once, even while the printer is offline."""
NO_UNASKED_ANSWERS = b"\x1da\x00"
"""``GS a 0``: no automatic status, whose bytes would be taken for answers."""


class AnswerKind(Enum):
    """Which question a byte answers; the two kinds differ in fixed bits."""

    IN_ORDER = 0b0000_0000
    NOW = 0b0001_0010

    @property
    def mask(self) -> int:
        """The bits that are fixed in this kind of answer."""
        return 0b1001_0000 if self is AnswerKind.IN_ORDER else 0b1001_0011


class Answers:
    """The answers of one connection, in order, each kind kept until it is asked for.

    ``receive`` takes seconds and returns the bytes that came, empty when none did.
    """

    def __init__(self, receive: Callable[[float], bytes]) -> None:
        self._receive = receive
        self._kept: dict[AnswerKind, deque[int]] = {kind: deque() for kind in AnswerKind}

    def wait_for(self, kind: AnswerKind, *, within_s: float) -> int | None:
        """Return the next answer of a kind, or None when it does not come in time."""
        end = time.monotonic() + within_s
        while not self._kept[kind]:
            left_s = end - time.monotonic()
            if left_s <= 0:
                return None
            for byte in self._receive(left_s):
                self._keep(byte)
        return self._kept[kind].popleft()

    def forget(self, kind: AnswerKind) -> None:
        """Drop answers to questions that were given up."""
        self._kept[kind].clear()

    def _keep(self, byte: int) -> None:
        """File one byte under its kind; flow control and line noise fit none."""
        for kind in AnswerKind:
            if byte & kind.mask == kind.value:
                self._kept[kind].append(byte)


def paper_in_order(answer: int) -> PaperState:
    """Read the answer to ``GS r 1``."""
    if answer & 0b1100:
        return PaperState.OUT
    return PaperState.LOW if answer & 0b0011 else PaperState.OK


def paper_now(answer: int) -> PaperState:
    """Read the answer to ``DLE EOT 4``."""
    if answer & 0b0110_0000:
        return PaperState.OUT
    return PaperState.LOW if answer & 0b0000_1100 else PaperState.OK


def faults_now(*, offline_cause: int, error_cause: int, paper: int) -> tuple[PrinterFault, ...]:
    """Read the answers to ``DLE EOT`` 2, 3 and 4 together: what keeps the printer from printing, worst first."""
    out = bool(offline_cause & 0b0010_0000) or paper_now(paper) is PaperState.OUT
    found = {
        PrinterFault.COVER_OPEN: bool(offline_cause & 0b0000_0100),
        PrinterFault.PAPER_OUT: out,
        PrinterFault.CUTTER_STUCK: bool(error_cause & 0b0000_1000),
        PrinterFault.BROKEN: bool(error_cause & 0b0110_0000),
    }
    return tuple(fault for fault, there in found.items() if there)
