"""The machine inside the simulated printer: bytes in, answers and pictures of tickets out, faults on command."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

from PIL import Image

from hardware.paper.paper_width import PaperWidth
from hardware.printer.escpos_commands import (
    CommandParser,
    CutPaper,
    EscposCommand,
    QueryInOrder,
    QueryNow,
    Raster,
    Reset,
)

ROWS_BEFORE_PAPER_ENDS = 300
"""Rows of the next ticket that are printed before PAPER_ENDS stops it."""


class TwinFault(StrEnum):
    """What can be done to the simulated printer, named by what somebody standing before it does or sees."""

    OK = "ok"
    PAPER_LOW = "paper_low"
    PAPER_OUT = "paper_out"
    PAPER_ENDS = "paper_ends"
    """The roll ends after 300 rows of the next ticket; then it is PAPER_OUT."""
    COVER_OPEN = "cover_open"
    CUTTER_STUCK = "cutter_stuck"
    UNPLUGGED = "unplugged"
    DIES = "dies"
    """The plug is pulled after the first 20,000 bytes of each job."""
    MUTE = "mute"
    """Takes everything, prints nothing, answers nothing."""
    SILENT = "silent"
    """Prints and never answers, like many cheap printers."""
    SLOW = "slow"
    """Takes few bytes a second."""


_HALTED = frozenset({TwinFault.PAPER_OUT, TwinFault.COVER_OPEN, TwinFault.CUTTER_STUCK})
_NO_ANSWER = frozenset({TwinFault.MUTE, TwinFault.SILENT})


class TwinMachine:
    """Executes ESC/POS and saves one PNG for each cut ticket. Safe to use from several threads.

    Like a real printer it stops without paper or with an open cover, still answers ``DLE EOT`` then, and goes on with
    its buffer when the fault is over. Blank feeds are left out of the pictures.
    """

    def __init__(self, folder: Path, *, width: PaperWidth, on_page: Callable[[Path], None] | None = None) -> None:
        self._folder = folder
        self._width = int(width)
        self._on_page = on_page
        self._change = threading.Condition(threading.RLock())
        self._fault = TwinFault.OK
        self._pages: list[Path] = []
        self._reset(lambda _: None)
        folder.mkdir(parents=True, exist_ok=True)

    @property
    def fault(self) -> TwinFault:
        """The machine's present fault."""
        return self._fault

    @property
    def pages(self) -> tuple[Path, ...]:
        """The pictures of the tickets cut so far, oldest first."""
        with self._change:
            return tuple(self._pages)

    def set_fault(self, fault: TwinFault) -> None:
        """Put the machine into a fault; OK ends it, and the buffer is printed."""
        with self._change:
            self._fault = fault
            self._drain()
            self._change.notify_all()

    def connect(self, answer: Callable[[bytes], None]) -> None:
        """Start a connection with empty buffers; ``answer`` writes bytes back on it, and is called in any thread."""
        with self._change:
            self._reset(answer)

    def receive(self, data: bytes) -> None:
        """Take bytes from the connection."""
        with self._change:
            self._received += len(data)
            self._change.notify_all()
            if self._fault is TwinFault.MUTE:
                return
            for command in self._parser.feed(data):
                if isinstance(command, QueryNow):
                    self._answer(_status_byte(command.kind, self._fault))
                else:
                    self._buffer.append(command)
            self._drain()

    def wait_for_pages(self, count: int, *, within_s: float) -> tuple[Path, ...]:
        """Return the pictures once there are ``count`` tickets; raises TimeoutError when they do not come in time."""
        with self._change:
            if not self._change.wait_for(lambda: len(self._pages) >= count, timeout=within_s):
                raise TimeoutError(f"{len(self._pages)} of {count} tickets were cut within {within_s} s")
            return tuple(self._pages)

    def wait_for_bytes(self, count: int, *, within_s: float) -> None:
        """Return once ``count`` bytes came on the present connection; raises TimeoutError when they do not."""
        with self._change:
            if not self._change.wait_for(lambda: self._received >= count, timeout=within_s):
                raise TimeoutError(f"{self._received} of {count} bytes came within {within_s} s")

    def _reset(self, answer: Callable[[bytes], None]) -> None:
        """Drop the connection before, and the ticket that it did not cut."""
        self._write = answer
        self._received = 0
        self._parser = CommandParser()
        self._buffer: deque[EscposCommand] = deque()
        self._rows: list[Raster] = []

    def _drain(self) -> None:
        """Execute the buffer until it is empty or a fault halts the machine."""
        while self._buffer and self._fault not in _HALTED:
            self._execute(self._buffer.popleft())

    def _execute(self, command: EscposCommand) -> None:
        """Execute one command."""
        match command:
            case Raster():
                self._rows.append(command)
                if self._fault is TwinFault.PAPER_ENDS and sum(r.rows for r in self._rows) >= ROWS_BEFORE_PAPER_ENDS:
                    self._fault = TwinFault.PAPER_OUT
            case CutPaper() if self._rows:
                self._cut()
            case Reset():
                self._rows.clear()
            case QueryInOrder():
                self._answer(0b0011 if self._fault is TwinFault.PAPER_LOW else 0)

    def _answer(self, byte: int) -> None:
        """Write one byte back, unless the fault is one that never answers."""
        if self._fault not in _NO_ANSWER:
            self._write(bytes([byte]))

    def _cut(self) -> None:
        """Save as one picture what was printed since the last cut."""
        picture = Image.new("1", (self._width, sum(raster.rows for raster in self._rows)), 1)
        top = 0
        for raster in self._rows:
            black = Image.frombytes("1", (raster.row_bytes * 8, raster.rows), raster.dots)
            picture.paste(0, (0, top), black)
            top += raster.rows
        self._rows.clear()
        path = self._free_path()
        picture.save(path)
        self._pages.append(path)
        self._change.notify_all()
        if self._on_page is not None:
            self._on_page(path)

    def _free_path(self) -> Path:
        """Return a file name that no earlier ticket has."""
        number = len(self._pages) + 1
        while (path := self._folder / f"ticket-{number:04}.png").exists():
            number += 1
        return path


def _status_byte(kind: int, fault: TwinFault) -> int:
    """Return the answer to ``DLE EOT n`` (Epson's ESC/POS command reference)."""
    bits = {
        (1, TwinFault.PAPER_OUT): 0b0000_1000,
        (1, TwinFault.COVER_OPEN): 0b0000_1000,
        (1, TwinFault.CUTTER_STUCK): 0b0000_1000,
        (2, TwinFault.PAPER_OUT): 0b0010_0000,
        (2, TwinFault.COVER_OPEN): 0b0000_0100,
        (2, TwinFault.CUTTER_STUCK): 0b0100_0000,
        (3, TwinFault.CUTTER_STUCK): 0b0000_1000,
        (4, TwinFault.PAPER_OUT): 0b0110_1100,
        (4, TwinFault.PAPER_LOW): 0b0000_1100,
    }
    return 0b0001_0010 | bits.get((kind, fault), 0)
