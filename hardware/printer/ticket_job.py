"""One ticket on an open connection: make the printer ready, write the picture strip by strip, have it confirmed.

A write that returns proves nothing: the buffers on the way to a printer that consumes no byte take dozens of tickets.
And a printer keeps what it was sent: when a job breaks off inside a picture, the printer takes the next job's bytes for
the rest of that picture. So a job first brings the printer to where it waits for a command, and cuts off what an
earlier job has left on the paper.
"""

from __future__ import annotations

import errno
import logging
from collections.abc import Iterator
from contextlib import suppress

import usb.core
from PIL import Image

from hardware.paper.paper_width import PaperWidth
from hardware.printer import printer_answers
from hardware.printer.connections import Deadline, PrinterConnection
from hardware.printer.escpos_library import EscposError
from hardware.printer.printer import PrinterStatus, PrintResult
from hardware.printer.printer_dialogue import PrinterDialogue, PrinterHalted
from hardware.printer.printer_faults import PrinterFault
from hardware.printer.printer_settings import NetworkPrinter, RealPrinter
from protocol.vocabulary import PaperState, PrintOutcome

log = logging.getLogger(__name__)

STRIP_ROWS = 200
"""Height of one raster command, px; taller ones overflow the line buffers of small printers."""
_COMPLETE_COMMAND = bytes(16)
"""NULs that complete a command which broke off before its data; a printer that waits for a command ignores them."""
_COMPLETE_PICTURE = bytes(STRIP_ROWS * PaperWidth.MM_80 // 8 + len(_COMPLETE_COMMAND))
"""NULs that complete a raster command wherever it broke off: white rows."""
_RESET = b"\x1b@"
LIBRARY_ERRORS = (OSError, EscposError, AssertionError, usb.core.NoBackendError)
"""Errors of a printer that is not there: escpos asserts its device, and pyusb's missing backend is a ValueError."""


class TicketJob:
    """What is done on one connection.

    ``clean``: whether the printer is known to wait for a command, with nothing uncut on its paper, before and after.
    """

    def __init__(
        self, connection: PrinterConnection, *, settings: RealPrinter, deadline: Deadline, clean: bool
    ) -> None:
        self.clean = clean
        self._connection = connection
        self._settings = settings
        self._dialogue = PrinterDialogue(connection, settings=settings, deadline=deadline)
        self._answers_in_order = False

    def run(self, picture: Image.Image) -> PrintResult:
        """Print one picture and cut; return what is certain about it."""
        late = PrinterFault.BUSY if isinstance(self._settings, NetworkPrinter) else PrinterFault.SLOW
        try:
            self._make_ready()
        except PrinterHalted as halted:
            return failed(halted.fault, paper=halted.paper)
        except LIBRARY_ERRORS as error:
            return self._broken_off(classify(error, lost=PrinterFault.UNPLUGGED, late=late))
        try:
            self._write(picture)
        except PrinterHalted as halted:
            return self._halted(halted)
        except LIBRARY_ERRORS as error:
            return self._broken_off(classify(error, lost=PrinterFault.LOST, late=PrinterFault.SLOW))
        return self._confirm() if self._settings.confirms else self._leave_unconfirmed()

    def query_status(self) -> PrinterStatus:
        """Query paper and faults now; of a printer without a fault, clear what a job has left behind.

        The rest of a ticket then comes out while somebody stands at the printer with a new roll, not with the next
        ticket. Raises OSError when the connection is lost.
        """
        if not self._settings.confirms:
            return PrinterStatus()
        try:
            return self._query_and_clear()
        except PrinterHalted as halted:
            return PrinterStatus(paper=halted.paper, faults=(halted.fault,))
        except TimeoutError:
            return PrinterStatus(paper=self._dialogue.paper, faults=(PrinterFault.BUSY,))

    def _query_and_clear(self) -> PrinterStatus:
        self._connection._raw(_COMPLETE_COMMAND)
        status = self._dialogue.require_no_fault()
        if not status.faults and not self.clean and (self._dialogue.is_in_step() or self._leave_picture()):
            self._cut_off()
            self._dialogue.confirm()
            self.clean = True
        return status

    def _make_ready(self) -> None:
        """Bring the printer to where it waits for a command, on fresh paper.

        Raises PrinterHalted, TimeoutError when nobody takes the data, OSError when the connection is lost.
        """
        if self._settings.confirms:
            self._connection._raw(_COMPLETE_COMMAND)
            mute = bool(self._dialogue.require_no_fault().faults)
            self._answers_in_order = self._dialogue.is_in_step() or self._leave_picture(mute=mute)
        elif not self.clean:
            self._connection._raw(_COMPLETE_PICTURE)
        if not self.clean:
            self._cut_off()

    def _leave_picture(self, *, mute: bool = False) -> bool:
        """Complete the picture in which the printer may stand; return whether it answers in order now.

        A mute printer may be serving another host, stand inside a picture, or be one that never answers.
        """
        if mute and not self._connection.is_served(self._dialogue.limit_s * 4):
            raise TimeoutError("nobody takes the data of this connection")
        self._connection._raw(_COMPLETE_PICTURE)
        mute = bool(self._dialogue.require_no_fault().faults)
        in_step = not mute and self._dialogue.comes_in_step()
        self.clean &= not in_step  # it stood inside a picture
        return in_step

    def _cut_off(self) -> None:
        """Feed and cut whole, so that the leftovers fall out by themselves."""
        self._connection._raw(_RESET)
        self._connection.cut(mode="FULL")

    def _write(self, picture: Image.Image) -> None:
        """Write picture and cut; strip by strip, so that no more than two strips are under way when something happens.

        A printer that loses bytes of a strip takes the query behind it for the strip's end, and does not answer it.
        """
        self.clean = False
        self._connection._raw(_RESET + printer_answers.DISABLE_AUTOMATIC_STATUS)
        for number, strip in enumerate(_strips(picture)):
            self._connection.image(strip, impl="bitImageRaster", fragment_height=STRIP_ROWS)
            if self._answers_in_order:
                if number:
                    self._dialogue.await_strip()
                self._dialogue.query_in_order()
        self._connection.cut(mode="PART")  # the ticket stays in the slot until the visitor takes it

    def _confirm(self) -> PrintResult:
        """Wait for the confirmation of everything that was written."""
        try:
            self._dialogue.confirm()
        except PrinterHalted as halted:
            return self._halted(halted)
        except LIBRARY_ERRORS as error:
            log.warning("a ticket was written and not confirmed: %s", error)
            self.clean = not self._dialogue.has_answered  # of a printer that never answers no more can be known
            return self._unknown(classify(error, lost=PrinterFault.LOST, late=PrinterFault.MUTE))
        return self._confirmed()

    def _confirmed(self) -> PrintResult:
        """Return PRINTED, unless the printer has stopped all the same: then its answers were to nothing."""
        try:
            self._dialogue.require_no_fault()
        except PrinterHalted as halted:
            return self._halted(halted)
        except LIBRARY_ERRORS as error:
            log.warning("the printer was lost after it had confirmed a ticket: %s", error)
        self.clean = True
        return PrintResult(outcome=PrintOutcome.PRINTED, paper=self._dialogue.paper)

    def _leave_unconfirmed(self) -> PrintResult:
        try:
            self._connection.finish()
        except LIBRARY_ERRORS as error:
            return self._broken_off(classify(error, lost=PrinterFault.LOST, late=PrinterFault.SLOW))
        self.clean = True
        return PrintResult(outcome=PrintOutcome.UNKNOWN)

    def _halted(self, halted: PrinterHalted) -> PrintResult:
        """Have the printer forget the rest, so that it does not come out later, and return the result."""
        with suppress(*LIBRARY_ERRORS):
            self._connection._raw(printer_answers.CLEAR_BUFFERS)
        if self._dialogue.confirmations:
            return self._unknown(halted.fault)
        return failed(halted.fault, paper=halted.paper)

    def _broken_off(self, fault: PrinterFault) -> PrintResult:
        self._connection.abandon()
        return failed(fault, paper=self._dialogue.paper)

    def _unknown(self, fault: PrinterFault) -> PrintResult:
        return PrintResult(outcome=PrintOutcome.UNKNOWN, fault=fault, paper=self._dialogue.paper)


def failed(fault: PrinterFault, *, paper: PaperState = PaperState.UNKNOWN) -> PrintResult:
    """Return the result of a job of which no complete ticket can have come out."""
    return PrintResult(outcome=PrintOutcome.FAILED, fault=fault, paper=paper)


def classify(error: BaseException, *, lost: PrinterFault, late: PrinterFault) -> PrinterFault:
    """Return the fault that an error means; escpos wraps the system's own error, which is its context."""
    if isinstance(error, usb.core.NoBackendError):
        return PrinterFault.NO_DRIVER
    cause = error if isinstance(error, OSError) else error.__context__
    number = cause.errno if isinstance(cause, OSError) else None
    if number in {errno.EACCES, errno.EPERM}:
        return PrinterFault.NOT_ALLOWED
    if number == errno.EBUSY:
        return PrinterFault.BUSY
    return late if isinstance(cause, TimeoutError) or number == errno.ETIMEDOUT else lost


def _strips(picture: Image.Image) -> Iterator[Image.Image]:
    """Yield the picture in pieces of at most STRIP_ROWS rows, top first."""
    for top in range(0, picture.height, STRIP_ROWS):
        yield picture.crop((0, top, picture.width, min(top + STRIP_ROWS, picture.height)))
