"""Opens the printer that the settings name."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from hardware.printer.printer import AbsentPrinter, Printer
from hardware.printer.printer_settings import NoPrinter, PrinterSettings


def open_printer(settings: PrinterSettings) -> Printer:
    """Return the kiosk's printer; nothing is written to it yet, and it need not be connected.

    Takes about 0.3 s the first time (1 s on a Raspberry Pi), while the printer library is loaded.
    """
    if isinstance(settings, NoPrinter):
        return AbsentPrinter(settings)
    with _private_capabilities():
        from hardware.printer.escpos_printer import EscposPrinter  # noqa: PLC0415 - loads escpos, which needs the folder set
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
