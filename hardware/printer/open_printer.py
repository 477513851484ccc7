"""Opens the printer that the settings name."""

from __future__ import annotations

from hardware.printer.printer import AbsentPrinter, Printer
from hardware.printer.printer_settings import NoPrinter, PrinterSettings


def open_printer(settings: PrinterSettings) -> Printer:
    """Return the kiosk's printer; nothing is written to it yet, and it need not be connected.

    Takes about 0.3 s the first time (1 s on a Raspberry Pi), while the printer library is loaded.
    """
    if isinstance(settings, NoPrinter):
        return AbsentPrinter(settings)
    from hardware.printer.escpos_printer import EscposPrinter  # noqa: PLC0415 - loads escpos

    return EscposPrinter(settings)
