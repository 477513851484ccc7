"""The demo's ticket printers: simulated, on TCP; each ticket becomes a picture, and old pictures are deleted."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from pathlib import Path

from hardware.printer.printer_twin import PrinterTwin

KEPT = 100


def paper_printer(folder: Path, *, on_ticket: Callable[[Path], None]) -> PrinterTwin:
    """Return a printer that keeps the newest KEPT pictures in ``folder``; ``on_ticket`` is called in its thread."""
    there: deque[Path] = deque()

    def printed(path: Path) -> None:
        there.append(path)
        while len(there) > KEPT:
            there.popleft().unlink(missing_ok=True)
        on_ticket(path)

    return PrinterTwin(folder, on_page=printed)
