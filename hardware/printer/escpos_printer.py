"""Prints tickets through python-escpos and believes nothing until the printer has confirmed it.

A call that returns proves nothing: a printer that consumes no byte takes dozens of tickets into its buffers. So each
job asks before (paper, cover), sends, and then asks a question that is answered only after the cut.
"""

from __future__ import annotations

import errno
import threading
from collections.abc import Callable, Iterator
from typing import TypeVar

import usb.core
from escpos.exceptions import Error as EscposError
from PIL import Image

from hardware.paper.ticket_layout import PaperWidth
from hardware.printer import printer_answers as ask
from hardware.printer.connections import Deadline, PrinterConnection, open_connection
from hardware.printer.printer import PrinterStatus, PrintResult
from hardware.printer.printer_answers import AnswerKind, Answers
from hardware.printer.printer_faults import PrinterFault
from hardware.printer.printer_settings import RealPrinter
from protocol.vocabulary import PaperState, PrintOutcome

STRIP_ROWS = 200
"""Taller raster pictures overflow the line buffers of small printers."""
_LOOK_EVERY_S = 0.5
"""How long to wait for the confirmation before asking whether something is wrong."""
_LIBRARY_ERRORS = (OSError, EscposError, AssertionError, usb.core.NoBackendError)
"""escpos asserts that its device is there, and pyusb's missing backend is a ValueError."""

Answer = TypeVar("Answer")


class EscposPrinter:
    """One ESC/POS printer. Every call uses a line of its own, one at a time, and ends within the job's limit.

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
        return self._alone(
            deadline,
            lambda line: _Job(line, settings=self._settings, deadline=deadline).run(picture),
            otherwise=_failed,
        )

    def status(self) -> PrinterStatus:
        """Ask the printer about paper and faults; a printer that never answers is only looked for."""
        deadline = Deadline(self._settings.job_limit_s)
        return self._alone(
            deadline,
            lambda line: _Job(line, settings=self._settings, deadline=deadline).look(),
            otherwise=lambda fault: PrinterStatus(faults=() if fault is PrinterFault.BUSY else (fault,)),
        )

    def _alone(
        self,
        deadline: Deadline,
        work: Callable[[PrinterConnection], Answer],
        *,
        otherwise: Callable[[PrinterFault], Answer],
    ) -> Answer:
        """Do ``work`` on a line of its own; answer with ``otherwise`` where the printer is busy or not there.

        Half of the time is kept for the work itself.
        """
        if not self._one_at_a_time.acquire(timeout=deadline.left_s() / 2):
            return otherwise(PrinterFault.BUSY)
        try:
            with open_connection(self._settings, deadline) as line:
                return work(line)
        except _LIBRARY_ERRORS as error:
            return otherwise(_fault(error, lost=PrinterFault.UNPLUGGED, late=PrinterFault.UNPLUGGED))
        finally:
            self._one_at_a_time.release()


class _Job:
    """One ticket on an open line."""

    def __init__(self, line: PrinterConnection, *, settings: RealPrinter, deadline: Deadline) -> None:
        self._line = line
        self._settings = settings
        self._deadline = deadline
        self._answers = Answers(line.receive)

    def run(self, picture: Image.Image) -> PrintResult:
        """Ask, send, and wait until the printer has confirmed the cut."""
        before = self.look()
        for fault in before.faults:
            if fault is not PrinterFault.MUTE:  # a silent printer may print all the same
                return _failed(fault, paper=before.paper)
        try:
            self._send(picture)
        except _LIBRARY_ERRORS as error:
            return _failed(_fault(error, lost=PrinterFault.LOST, late=PrinterFault.SLOW), paper=before.paper)
        if not self._settings.confirms:
            return PrintResult(outcome=PrintOutcome.UNKNOWN)
        try:
            return self._confirmation()
        except _LIBRARY_ERRORS as error:
            fault = _fault(error, lost=PrinterFault.LOST, late=PrinterFault.MUTE)
            return PrintResult(outcome=PrintOutcome.UNKNOWN, fault=fault)

    def look(self) -> PrinterStatus:
        """Ask for paper and faults now; MUTE when there is no answer. Raises OSError when the line is lost."""
        if not self._settings.confirms:
            return PrinterStatus()
        self._answers.forget(AnswerKind.NOW)
        said = list(self._ask_now())
        if None in said:
            return PrinterStatus(faults=(PrinterFault.MUTE,))
        offline, error, paper = (answer for answer in said if answer is not None)
        faults = ask.faults_now(offline_cause=offline, error_cause=error, paper=paper)
        return PrinterStatus(
            paper=PaperState.OUT if PrinterFault.PAPER_OUT in faults else ask.paper_now(paper), faults=faults
        )

    def _ask_now(self) -> Iterator[int | None]:
        """Yield the answers to the three questions about the printer's state; None and no more after a silence."""
        for question in (ask.ASK_OFFLINE_CAUSE, ask.ASK_ERROR_CAUSE, ask.ASK_PAPER_NOW):
            self._line._raw(question)
            limit_s = min(self._settings.answer_limit_s, self._deadline.left_s())
            answer = self._answers.wait_for(AnswerKind.NOW, within_s=limit_s)
            yield answer
            if answer is None:
                return

    def _send(self, picture: Image.Image) -> None:
        """Send the picture, the cut, and the question that is answered after both."""
        self._line._raw(b"\x1b@" + ask.NO_UNASKED_ANSWERS)
        self._line.image(picture, impl="bitImageRaster", fragment_height=STRIP_ROWS)
        self._line.cut(mode="PART")  # the ticket stays in the slot until the visitor takes it
        if self._settings.confirms:
            self._line._raw(ask.ASK_PAPER_IN_ORDER)

    def _confirmation(self) -> PrintResult:
        """Wait for the confirmation; look in between whether paper or cover keep the printer from ever giving it."""
        while True:
            answer = self._answers.wait_for(AnswerKind.IN_ORDER, within_s=min(_LOOK_EVERY_S, self._deadline.left_s()))
            if answer is not None:
                return PrintResult(outcome=PrintOutcome.PRINTED, paper=ask.paper_in_order(answer))
            status = self.look()
            if status.faults and status.faults != (PrinterFault.MUTE,):
                return _failed(status.faults[0], paper=status.paper)
            if not self._deadline.left_s():
                return PrintResult(outcome=PrintOutcome.UNKNOWN, fault=PrinterFault.MUTE, paper=status.paper)


def _failed(fault: PrinterFault, *, paper: PaperState = PaperState.UNKNOWN) -> PrintResult:
    """Say that no complete ticket can have come out."""
    return PrintResult(outcome=PrintOutcome.FAILED, fault=fault, paper=paper)


def _fault(error: BaseException, *, lost: PrinterFault, late: PrinterFault) -> PrinterFault:
    """Name what an error means; escpos wraps the system's own error, which is its context."""
    if isinstance(error, usb.core.NoBackendError):
        return PrinterFault.NO_DRIVER
    cause = error if isinstance(error, OSError) else error.__context__
    number = cause.errno if isinstance(cause, OSError) else None
    if number in {errno.EACCES, errno.EPERM}:
        return PrinterFault.NOT_ALLOWED
    return late if isinstance(cause, TimeoutError) or number == errno.ETIMEDOUT else lost
