"""The machine inside the simulated printer: bytes in, answers and pictures of tickets out, faults on command."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
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
)
from hardware.printer.printer_answers import CLEAR_BUFFERS

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
    SWITCHED_OFF = "switched_off"
    """Forgets what it has received and not printed; what is on its paper stays there."""
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
_QUERY_NOW = b"\x10\x04"
DISCONNECTED = frozenset({TwinFault.UNPLUGGED, TwinFault.SWITCHED_OFF})
_TAKES_NOTHING_IN = DISCONNECTED | {TwinFault.MUTE}


@dataclass(frozen=True, kw_only=True)
class TwinHabits:
    """How printers differ, beside their faults."""

    keeps_buffer: bool = False
    """What was received and what is on paper outlive the connection. Otherwise each connection starts afresh."""
    answers_inside_pictures: bool = False
    """``DLE`` commands are executed wherever they come, also among the dots of a picture; ``DLE DC4 8`` is known."""
    buffer_bytes: int | None = None
    """Number of bytes after which a halted printer takes no more from its connection; None takes all."""


class TwinMachine:
    """Executes ESC/POS and saves one PNG for each cut ticket. Safe to use from several threads.

    Like a real printer it stops without paper or with an open cover, still answers ``DLE EOT`` then, and goes on with
    its buffer when the fault is over. Blank feeds are left out of the pictures.
    """

    def __init__(
        self,
        folder: Path,
        *,
        width: PaperWidth,
        habits: TwinHabits | None = None,
        on_page: Callable[[Path], None] | None = None,
    ) -> None:
        self._folder = folder
        self._width = int(width)
        self._habits = habits or TwinHabits()
        self._on_page = on_page
        self._change = threading.Condition(threading.RLock())
        self._fault = TwinFault.OK
        self._pages: list[Path] = []
        self._rows: list[Raster] = []
        self._actions: list[tuple[int, Callable[[], None]]] = []
        self._total = 0
        self._forget()
        self.connect(lambda _: None)
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

    @property
    def received(self) -> int:
        """Number of bytes that the present connection has brought."""
        return self._received

    @property
    def buffered_bytes(self) -> int:
        """Number of bytes that wait for the end of a fault."""
        return self._held

    @property
    def has_room(self) -> bool:
        """Whether the machine takes more bytes."""
        with self._change:
            full = self._habits.buffer_bytes is not None and self._held >= self._habits.buffer_bytes
            return not (full and self._fault in _HALTED)

    def set_fault(self, fault: TwinFault, *, after_bytes: int = 0) -> None:
        """Put the machine into a fault, now or when so many more bytes have come.

        OK ends it, and the buffer is printed. The piece of a ticket on an old roll goes with the old roll.
        """
        self._act(lambda: self._begin(fault), after_bytes=after_bytes)

    def send(self, data: bytes, *, after_bytes: int = 0) -> None:
        """Write bytes back that no query requested, now or when so many more bytes have come."""
        self._act(lambda: self._write(data), after_bytes=after_bytes)

    def connect(self, answer: Callable[[bytes], None]) -> None:
        """Start a connection; ``answer`` writes bytes back on it, and is called in any thread."""
        with self._change:
            self._write = answer
            self._received = 0
            if not self._habits.keeps_buffer:
                self._forget()
                self._rows.clear()

    def receive(self, data: bytes) -> None:
        """Take bytes from the connection."""
        with self._change:
            while data:
                count = min([len(data), *(due - self._total for due, _ in self._actions)])
                self._take(data[:count])
                data = data[count:]
                self._act_when_due()

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

    def _act(self, action: Callable[[], None], *, after_bytes: int) -> None:
        with self._change:
            self._actions.append((self._total + after_bytes, action))
            self._act_when_due()

    def _act_when_due(self) -> None:
        """Do what was to happen after the bytes that have come."""
        due = [action for total, action in self._actions if total <= self._total]
        self._actions = [(total, action) for total, action in self._actions if total > self._total]
        for action in due:
            action()

    def _begin(self, fault: TwinFault) -> None:
        if self._fault is TwinFault.PAPER_OUT and fault is not TwinFault.PAPER_OUT:
            self._rows.clear()
        self._fault = fault
        if fault is TwinFault.SWITCHED_OFF:
            self._forget()
        self._drain()
        self._change.notify_all()

    def _forget(self) -> None:
        """Drop what was received and not printed."""
        self._parser = CommandParser()
        self._buffer: deque[EscposCommand] = deque()
        self._recent = b""
        self._held = 0

    def _take(self, data: bytes) -> None:
        self._total += len(data)
        self._received += len(data)
        self._change.notify_all()
        if self._fault in _TAKES_NOTHING_IN:
            return
        self._held += len(data)
        if self._habits.answers_inside_pictures:
            self._take_bytewise(data)
        else:
            self._parse(data)
        self._drain()

    def _take_bytewise(self, data: bytes) -> None:
        """Execute ``DLE`` commands at the byte that completes them, whatever they are among."""
        for value in data:
            self._parse(bytes((value,)))
            self._recent = (self._recent + bytes((value,)))[-len(CLEAR_BUFFERS) :]
            if self._recent[-3:-1] == _QUERY_NOW and 1 <= value <= 4:
                self._answer(_status_byte(value, self._fault))
            elif self._recent == CLEAR_BUFFERS:
                self._forget()

    def _parse(self, data: bytes) -> None:
        """Append whole commands to the buffer; execute those at once that do not wait for their turn."""
        for command in self._parser.feed(data):
            match command:
                case QueryNow():
                    if not self._habits.answers_inside_pictures:
                        self._answer(_status_byte(command.kind, self._fault))
                case _:
                    self._buffer.append(command)

    def _drain(self) -> None:
        """Execute the buffer until it is empty or a fault halts the machine."""
        while self._buffer and self._fault not in _HALTED:
            self._execute(self._buffer.popleft())
        if self._fault not in _HALTED:
            self._held = 0

    def _execute(self, command: EscposCommand) -> None:
        """Execute one command."""
        match command:
            case Raster():
                self._rows += [command] if command.dots else []
                if self._fault is TwinFault.PAPER_ENDS and sum(r.rows for r in self._rows) >= ROWS_BEFORE_PAPER_ENDS:
                    self._fault = TwinFault.PAPER_OUT
            case CutPaper() if self._rows:
                self._cut()
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
