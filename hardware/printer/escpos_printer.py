"""Prints tickets through python-escpos and counts nothing as printed until the printer has confirmed it.

A write that returns proves nothing: the buffers on the way to a printer that consumes no byte take dozens of tickets.
So each job queries paper and cover first, writes, and then makes a query that is answered only after the cut.
"""

from __future__ import annotations

import errno
import threading
from collections.abc import Callable, Iterator
from typing import TypeVar

import usb.core
from escpos.exceptions import Error as EscposError
from PIL import Image

from hardware.paper.paper_width import PaperWidth
from hardware.printer import printer_answers
from hardware.printer.connections import Deadline, PrinterConnection, open_connection
from hardware.printer.printer import PrinterStatus, PrintResult
from hardware.printer.printer_answers import AnswerKind, AnswerQueues
from hardware.printer.printer_faults import PrinterFault
from hardware.printer.printer_settings import RealPrinter
from protocol.vocabulary import PaperState, PrintOutcome

STRIP_ROWS = 200
"""Height of one raster command, px; taller ones overflow the line buffers of small printers."""
_POLL_EVERY_S = 0.5
"""Interval of the status queries while the confirmation is outstanding, seconds."""
_LIBRARY_ERRORS = (OSError, EscposError, AssertionError, usb.core.NoBackendError)
"""Errors of a printer that is not there: escpos asserts its device, and pyusb's missing backend is a ValueError."""

Outcome = TypeVar("Outcome", PrintResult, PrinterStatus)


class EscposPrinter:
    """One ESC/POS printer. Every call uses a connection of its own, one at a time, and ends within the job's limit.

    A ticket that failed for lack of paper may still come out when paper is put in: it bears the same number.
    """

    def __init__(self, settings: RealPrinter) -> None:
        self._settings = settings
        self._one_at_a_time = threading.Lock()

    @property
    def paper_width(self) -> PaperWidth:
        """The width to draw tickets in."""
        return self._settings.paper_width

    def print_ticket(self, picture: Image.Image) -> PrintResult:
        """Print one picture and cut; return what is certain about it."""
        if picture.width > self.paper_width:
            return _failed(PrinterFault.TOO_WIDE)
        deadline = Deadline(self._settings.job_limit_s)
        return self._connected(
            deadline,
            lambda connection: _Job(connection, settings=self._settings, deadline=deadline).run(picture),
            otherwise=_failed,
        )

    def status(self) -> PrinterStatus:
        """Query paper and faults; of a printer that never answers only whether it can be opened."""
        deadline = Deadline(self._settings.job_limit_s)
        return self._connected(
            deadline,
            lambda connection: _Job(connection, settings=self._settings, deadline=deadline).query_status(),
            otherwise=lambda fault: PrinterStatus(faults=() if fault is PrinterFault.BUSY else (fault,)),
        )

    def _connected(
        self,
        deadline: Deadline,
        work: Callable[[PrinterConnection], Outcome],
        *,
        otherwise: Callable[[PrinterFault], Outcome],
    ) -> Outcome:
        """Do ``work`` on a connection of its own; return ``otherwise`` where the printer is busy or not there.

        Waiting for the job before may take half of the time limit: the other half is kept for the work itself.
        """
        if not self._one_at_a_time.acquire(timeout=deadline.left_s() / 2):
            return otherwise(PrinterFault.BUSY)
        try:
            with open_connection(self._settings, deadline) as connection:
                return work(connection)
        except _LIBRARY_ERRORS as error:
            return otherwise(_classify(error, lost=PrinterFault.UNPLUGGED, late=PrinterFault.UNPLUGGED))
        finally:
            self._one_at_a_time.release()


class _Job:
    """One ticket on an open connection."""

    def __init__(self, connection: PrinterConnection, *, settings: RealPrinter, deadline: Deadline) -> None:
        self._connection = connection
        self._settings = settings
        self._deadline = deadline
        self._answers = AnswerQueues(connection.receive)

    def run(self, picture: Image.Image) -> PrintResult:
        """Query the state, write, and wait until the printer has confirmed the cut."""
        before = self.query_status()
        for fault in before.faults:
            if fault is not PrinterFault.MUTE:  # a silent printer may print all the same
                return _failed(fault, paper=before.paper)
        try:
            self._write(picture)
        except _LIBRARY_ERRORS as error:
            return _failed(_classify(error, lost=PrinterFault.LOST, late=PrinterFault.SLOW), paper=before.paper)
        if not self._settings.confirms:
            return PrintResult(outcome=PrintOutcome.UNKNOWN)
        try:
            return self._wait_for_confirmation()
        except _LIBRARY_ERRORS as error:
            fault = _classify(error, lost=PrinterFault.LOST, late=PrinterFault.MUTE)
            return PrintResult(outcome=PrintOutcome.UNKNOWN, fault=fault)

    def query_status(self) -> PrinterStatus:
        """Query paper and faults now; MUTE when there is no answer. Raises OSError when the connection is lost."""
        if not self._settings.confirms:
            return PrinterStatus()
        self._answers.discard(AnswerKind.NOW)
        received = list(self._query_now())
        if None in received:
            return PrinterStatus(faults=(PrinterFault.MUTE,))
        offline, error, paper = (answer for answer in received if answer is not None)
        faults = printer_answers.decode_faults_now(offline_cause=offline, error_cause=error, paper=paper)
        return PrinterStatus(
            paper=PaperState.OUT if PrinterFault.PAPER_OUT in faults else printer_answers.decode_paper_now(paper),
            faults=faults,
        )

    def _query_now(self) -> Iterator[int | None]:
        """Yield the answers to the three queries of the printer's state; None, and no more, after the first silence."""
        for query in (
            printer_answers.QUERY_OFFLINE_CAUSE,
            printer_answers.QUERY_ERROR_CAUSE,
            printer_answers.QUERY_PAPER_NOW,
        ):
            self._connection._raw(query)
            limit_s = min(self._settings.answer_limit_s, self._deadline.left_s())
            answer = self._answers.wait_for(AnswerKind.NOW, within_s=limit_s)
            yield answer
            if answer is None:
                return

    def _write(self, picture: Image.Image) -> None:
        """Write the picture, the cut, and the query that is answered after both."""
        self._connection._raw(b"\x1b@" + printer_answers.DISABLE_AUTOMATIC_STATUS)
        self._connection.image(picture, impl="bitImageRaster", fragment_height=STRIP_ROWS)
        self._connection.cut(mode="PART")  # the ticket stays in the slot until the visitor takes it
        if self._settings.confirms:
            self._connection._raw(printer_answers.QUERY_PAPER_IN_ORDER)

    def _wait_for_confirmation(self) -> PrintResult:
        """Wait for the confirmation; poll the state meanwhile, for without paper it would never come."""
        while True:
            answer = self._answers.wait_for(AnswerKind.IN_ORDER, within_s=min(_POLL_EVERY_S, self._deadline.left_s()))
            if answer is not None:
                return PrintResult(outcome=PrintOutcome.PRINTED, paper=printer_answers.decode_paper_in_order(answer))
            status = self.query_status()
            if status.faults and status.faults != (PrinterFault.MUTE,):
                return _failed(status.faults[0], paper=status.paper)
            if not self._deadline.left_s():
                return PrintResult(outcome=PrintOutcome.UNKNOWN, fault=PrinterFault.MUTE, paper=status.paper)


def _failed(fault: PrinterFault, *, paper: PaperState = PaperState.UNKNOWN) -> PrintResult:
    """Return the result of a job of which no complete ticket can have come out."""
    return PrintResult(outcome=PrintOutcome.FAILED, fault=fault, paper=paper)


def _classify(error: BaseException, *, lost: PrinterFault, late: PrinterFault) -> PrinterFault:
    """Return the fault that an error means; escpos wraps the system's own error, which is its context."""
    if isinstance(error, usb.core.NoBackendError):
        return PrinterFault.NO_DRIVER
    cause = error if isinstance(error, OSError) else error.__context__
    number = cause.errno if isinstance(cause, OSError) else None
    if number in {errno.EACCES, errno.EPERM}:
        return PrinterFault.NOT_ALLOWED
    return late if isinstance(cause, TimeoutError) or number == errno.ETIMEDOUT else lost
