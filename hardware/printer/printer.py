"""A ticket printer as the kiosk knows it: print a picture and return what is certain about the paper."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from PIL import Image

from hardware.paper.paper_width import PaperWidth
from hardware.printer.printer_faults import PrinterFault
from hardware.printer.printer_settings import NoPrinter
from protocol.vocabulary import PaperState, PrintOutcome


@dataclass(frozen=True, kw_only=True)
class PrintResult:
    """How one job ended.

    PRINTED: the printer confirmed that it had worked through all of it. FAILED: no complete ticket can have come out.
    UNKNOWN: all data was written and nothing confirmed; ``fault`` is None for a printer that never confirms.
    """

    outcome: PrintOutcome
    fault: PrinterFault | None = None
    paper: PaperState = PaperState.UNKNOWN


@dataclass(frozen=True, kw_only=True)
class PrinterStatus:
    """Paper and faults that the printer reports now."""

    paper: PaperState = PaperState.UNKNOWN
    faults: tuple[PrinterFault, ...] = ()


class Printer(Protocol):
    """A ticket printer. Both calls may take seconds, never raise for what a printer does, and may run in any thread."""

    @property
    def paper_width(self) -> PaperWidth:
        """The width to draw tickets in."""
        ...

    def print_ticket(self, picture: Image.Image) -> PrintResult:
        """Print one picture (mode "1") and cut the paper; return within the job's time limit."""
        ...

    def status(self) -> PrinterStatus:
        """Query the printer's paper and faults."""
        ...


@dataclass(frozen=True)
class AbsentPrinter:
    """The printer of a kiosk that has none: every job fails at once, and that is no fault of the device."""

    settings: NoPrinter

    @property
    def paper_width(self) -> PaperWidth:
        """The width a ticket would have."""
        return self.settings.paper_width

    def print_ticket(self, picture: Image.Image) -> PrintResult:  # noqa: ARG002 - the Protocol hands a picture over
        """Return FAILED with NONE_FITTED."""
        return PrintResult(outcome=PrintOutcome.FAILED, fault=PrinterFault.NONE_FITTED)

    def status(self) -> PrinterStatus:
        """Return unknown paper and no faults."""
        return PrinterStatus()
