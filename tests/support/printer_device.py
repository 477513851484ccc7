"""A printer's device file, as /dev/usb/lp0 is one, with the simulated machine behind it."""

from __future__ import annotations

import os
import threading
import tty
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from hardware.printer.twin_machine import DISCONNECTED, TwinMachine

ROOM_EVERY_S = 0.02
"""Interval at which a full machine is looked at, seconds."""


class PrinterDevice:
    """The file ``path`` from ``with`` to its end, except while the machine is unplugged or switched off.

    It leads to a terminal, which can be read too.
    """

    def __init__(self, machine: TwinMachine, path: Path, *, raw: bool = True) -> None:
        self.path = path
        self._raw = raw
        self._machine = machine
        self._ended = threading.Event()

    def __enter__(self) -> Self:
        self.plug_in()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        os.close(self._near)
        self._thread.join()

    def plug_in(self) -> None:
        """Make the file appear."""
        self._far, self._near = os.openpty()
        if self._raw:
            tty.setraw(self._near)
        self.path.unlink(missing_ok=True)
        self.path.symlink_to(os.ttyname(self._near))
        self._machine.connect(self._answer)
        self._thread = threading.Thread(target=self._feed, args=(self._far,))
        self._thread.start()

    def wait_until_gone(self) -> None:
        """Wait until the file has gone with the machine; then it can be plugged in again."""
        self._thread.join()
        os.close(self._near)

    def _answer(self, data: bytes) -> None:
        with suppress(OSError):  # the machine is gone
            os.write(self._far, data)

    def _feed(self, far: int) -> None:
        with suppress(OSError):  # the last user has closed the terminal
            while self._machine.fault not in DISCONNECTED:
                while not self._machine.has_room and not self._ended.wait(ROOM_EVERY_S):
                    pass
                self._machine.receive(os.read(far, 4096))
        self.path.unlink(missing_ok=True)
        os.close(far)
