"""Prints tickets through python-escpos and counts nothing as printed until the printer has confirmed it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from PIL import Image

from hardware.paper.paper_width import PaperWidth
from hardware.printer.connections import Deadline, open_connection
from hardware.printer.printer import PrinterStatus, PrintResult
from hardware.printer.printer_faults import PrinterFault
from hardware.printer.printer_settings import RealPrinter
from hardware.printer.ticket_job import LIBRARY_ERRORS, TicketJob, classify, failed

Outcome = TypeVar("Outcome", PrintResult, PrinterStatus)


class EscposPrinter:
    """One ESC/POS printer. Every call uses a connection of its own, one at a time, and ends within the job's limit.

    What a job leaves behind when it breaks off is cleared by the next call that finds the printer able to; so is, once
    after the start, what the time before may have left.
    """

    def __init__(self, settings: RealPrinter) -> None:
        self._settings = settings
        self._one_at_a_time = threading.Lock()
        self._clean = False

    @property
    def paper_width(self) -> PaperWidth:
        """The width to draw tickets in."""
        return self._settings.paper_width

    def print_ticket(self, picture: Image.Image) -> PrintResult:
        """Print one picture and cut; return what is certain about it."""
        if picture.width > self.paper_width:
            return failed(PrinterFault.TOO_WIDE)
        return self._connected(lambda job: job.run(picture), busy=failed(PrinterFault.BUSY), otherwise=failed)

    def status(self) -> PrinterStatus:
        """Query paper and faults; of a printer that never answers only whether it can be opened."""
        return self._connected(
            lambda job: job.query_status(),
            busy=PrinterStatus(),
            otherwise=lambda fault: PrinterStatus(faults=(fault,)),
        )

    def _connected(
        self, work: Callable[[TicketJob], Outcome], *, busy: Outcome, otherwise: Callable[[PrinterFault], Outcome]
    ) -> Outcome:
        """Do ``work`` on a connection of its own; return ``busy`` while a job is under way, ``otherwise`` for a fault.

        Waiting for the job before may take half of the time limit: the other half is kept for the work itself.
        """
        deadline = Deadline(self._settings.job_limit_s)
        if not self._one_at_a_time.acquire(timeout=deadline.left_s() / 2):
            return busy
        try:
            return self._work(work, deadline)
        except LIBRARY_ERRORS as error:
            self._clean &= self._settings.confirms  # it may be switched off, and lose what it has not printed
            return otherwise(classify(error, lost=PrinterFault.UNPLUGGED, late=PrinterFault.UNPLUGGED))
        finally:
            self._one_at_a_time.release()

    def _work(self, work: Callable[[TicketJob], Outcome], deadline: Deadline) -> Outcome:
        with open_connection(self._settings, deadline) as connection:
            job = TicketJob(connection, settings=self._settings, deadline=deadline, clean=self._clean)
            try:
                return work(job)
            finally:
                self._clean = job.clean
