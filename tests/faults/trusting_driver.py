"""The control of the paper campaign: a driver that trusts its connection and the first answer that comes."""

from __future__ import annotations

from PIL import Image

from hardware.paper.paper_width import PaperWidth
from hardware.printer.connections import Deadline, open_connection
from hardware.printer.printer import PrinterStatus, PrintResult
from hardware.printer.printer_settings import RealPrinter
from hardware.printer.ticket_job import LIBRARY_ERRORS, STRIP_ROWS
from protocol.vocabulary import PrintOutcome

WAITS_S = 0.5


class TrustingPrinter:
    """Writes the ticket, queries the paper, and takes what looks like an answer for one."""

    def __init__(self, settings: RealPrinter) -> None:
        self._settings = settings

    @property
    def paper_width(self) -> PaperWidth:
        return self._settings.paper_width

    def print_ticket(self, picture: Image.Image) -> PrintResult:
        try:
            with open_connection(self._settings, Deadline(self._settings.job_limit_s)) as connection:
                connection._raw(b"\x1b@\x1da\x00")
                connection.image(picture, impl="bitImageRaster", fragment_height=STRIP_ROWS)
                connection.cut(mode="PART")
                connection._raw(b"\x1dr\x01")
                answer = connection.receive(WAITS_S)
        except LIBRARY_ERRORS:
            return PrintResult(outcome=PrintOutcome.FAILED)
        printed = any(not byte & 0b1001_0000 for byte in answer)
        return PrintResult(outcome=PrintOutcome.PRINTED if printed else PrintOutcome.UNKNOWN)

    def status(self) -> PrinterStatus:
        return PrinterStatus()
