"""A ticket printer as the kiosk knows it: give it a picture, learn honestly what became of it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from PIL import Image

from hardware.printer_faults import PrinterFault
from hardware.printer_settings import NoPrinter, PrinterSettings
from hardware.ticket_layout import PaperWidth
from protocol.messages import Paper, PrintOutcome


@dataclass(frozen=True, kw_only=True)
class PrintResult:
    """How one job ended.

    PRINTED: the printer said that it had worked through all of it. FAILED: no complete ticket can have come out.
    UNKNOWN: all was sent, and nobody confirmed it; ``fault`` is None when the printer is one that never confirms.
    """

    outcome: PrintOutcome
    fault: PrinterFault | None = None
    paper: Paper = Paper.UNKNOWN


@dataclass(frozen=True, kw_only=True)
class PrinterStatus:
    """What the printer says about itself now."""

    paper: Paper = Paper.UNKNOWN
    faults: tuple[PrinterFault, ...] = ()


class Printer(Protocol):
    """A ticket printer. Both calls may take seconds, never raise for what a printer does, and may run in any thread."""

    @property
    def paper_width(self) -> PaperWidth:
        """The width to draw tickets in."""
        ...

    def print_ticket(self, picture: Image.Image) -> PrintResult:
        """Print one picture (mode "1") and cut; return within the job's time limit."""
        ...

    def status(self) -> PrinterStatus:
        """Ask the printer about paper and faults."""
        ...


@dataclass(frozen=True)
class AbsentPrinter:
    """The printer of a kiosk that has none: every ticket fails at once, and that is no fault of the device."""

    settings: NoPrinter

    @property
    def paper_width(self) -> PaperWidth:
        """The width a ticket would have."""
        return self.settings.paper_width

    def print_ticket(self, picture: Image.Image) -> PrintResult:  # noqa: ARG002 - the Protocol hands a picture over
        """Print nothing."""
        return PrintResult(outcome=PrintOutcome.FAILED, fault=PrinterFault.NONE_FITTED)

    def status(self) -> PrinterStatus:
        """Report nothing."""
        return PrinterStatus()


def open_printer(settings: PrinterSettings) -> Printer:
    """Return the kiosk's printer; nothing is sent to it yet, and it need not be there.

    Takes about 0.3 s the first time (1 s on a Raspberry Pi), while the printer library is loaded.
    """
    if isinstance(settings, NoPrinter):
        return AbsentPrinter(settings)
    with _private_capabilities():
        from hardware.printer_escpos import EscposPrinter  # noqa: PLC0415 - loads escpos, which needs the folder set
    return EscposPrinter(settings)


@contextmanager
def _private_capabilities() -> Iterator[None]:
    """While escpos is imported, let it pickle its capabilities into a folder that nobody else can write to."""
    key = "ESCPOS_CAPABILITIES_PICKLE_DIR"
    before = os.environ.get(key)
    with tempfile.TemporaryDirectory(prefix="jiaohao-escpos-") as folder:
        os.environ[key] = folder
        try:
            yield
        finally:
            if before is None:
                del os.environ[key]
            else:
                os.environ[key] = before
