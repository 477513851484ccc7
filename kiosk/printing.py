"""Prints committed tickets on a thread of its own, tells the visitor how it went, and has it written down."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable

from PIL import Image

from hardware.paper.referral_layout import ReferralPaper, draw_referral
from hardware.paper.ticket_layout import TicketPaper, draw_ticket
from hardware.printer.printer import Printer, PrintResult
from hardware.printer.printer_faults import PrinterFault
from kiosk import paper_words
from kiosk.effects import PrintReferral, PrintTicket
from kiosk.events import News, PrintEnded, ReprintRefused
from kiosk.print_reports import PrintReports
from protocol.hub_client import HubAway, HubClient, HubRefused, new_request_id
from protocol.requests import StartPrint
from protocol.vocabulary import PrintOutcome

log = logging.getLogger(__name__)

Order = PrintTicket | PrintReferral


class PrintDesk:
    """One printer's queue of tickets. ``after_each`` hears every result, for the device's status.

    ``ticket_pages`` begins the address in the QR code; ``time_zone`` is the hall's.
    """

    def __init__(
        self,
        *,
        printer: Printer,
        client: HubClient,
        reports: PrintReports,
        device: str,
        ticket_pages: str,
        time_zone: str,
        tell: Callable[[News], None],
        after_each: Callable[[PrintResult], None],
    ) -> None:
        self._printer = printer
        self._client = client
        self._reports = reports
        self._device = device
        self._ticket_pages = ticket_pages.rstrip("/")
        self._time_zone = time_zone
        self._tell = tell
        self._after_each = after_each
        self._orders: queue.SimpleQueue[Order | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._keep_printing, name="printing", daemon=True)

    def start(self) -> None:
        """Begin to print."""
        self._thread.start()

    def stop(self, *, within_s: float) -> None:
        """Finish the ticket being printed, if it takes no longer than ``within_s``."""
        self._orders.put(None)
        self._thread.join(within_s)

    def order(self, order: Order) -> None:
        """Take a ticket to print; PrintEnded or ReprintRefused tells what became of it."""
        self._orders.put(order)

    def _keep_printing(self) -> None:
        while (order := self._orders.get()) is not None:
            job = self._job(order)
            if isinstance(job, ReprintRefused):
                self._tell(job)
                continue
            result = self._print(order)
            self._tell(_ended(order, result))
            if job is not None:
                self._reports.add(job, outcome=result.outcome, reason=result.fault.value if result.fault else "")
            self._after_each(result)

    def _job(self, order: Order) -> str | ReprintRefused | None:
        """Return the hub's name of this print job; a reprint is asked for first. None: the hub keeps no job."""
        if not order.again:
            return order.first_job.job if order.first_job else None
        try:
            started = self._client.start_print(order.job_of, StartPrint(request_id=new_request_id(self._device)))
        except HubRefused as refused:
            return ReprintRefused(ticket=order.ticket_id, message=refused.answer.message)
        except HubAway as away:
            log.warning("no reprint without the hub: %s", away)
            return ReprintRefused(ticket=order.ticket_id, message=paper_words.REPRINT_LATER, later=True)
        return started.job

    def _print(self, order: Order) -> PrintResult:
        """Print one ticket. Whatever goes wrong, the visitor is told and the next ticket is printed."""
        try:
            return self._printer.print_ticket(self._picture(order))
        except Exception:
            log.exception("ticket %s could not be printed", order.number)
            return PrintResult(outcome=PrintOutcome.FAILED)

    def _picture(self, order: Order) -> Image.Image:
        width = self._printer.paper_width
        if isinstance(order, PrintReferral):
            return draw_referral(self._referral_paper(order), width=width)
        return draw_ticket(self._paper(order), width=width)

    def _paper(self, order: PrintTicket) -> TicketPaper:
        ticket, service = order.ticket, order.service
        return TicketPaper(
            number=ticket.number,
            hall=order.hall,
            service=service.name,
            area=service.area,
            issued_at=ticket.issued_at,
            time_zone=self._time_zone,
            qr_address=self._ticket_pages + ticket.page,
            people_ahead=ticket.people_ahead,
            promise=ticket.promise,
            materials=tuple(service.materials),
            language=ticket.language,
            reprint=order.again,
        )

    def _referral_paper(self, order: PrintReferral) -> ReferralPaper:
        sent, referral = order.sent, order.sent.referral
        return ReferralPaper(
            number=referral.number,
            site=referral.site,
            service=sent.service.name,
            area=referral.area,
            issued_at=referral.issued_at,
            kept_until=referral.kept_until,
            time_zone=self._time_zone,
            qr_address=self._ticket_pages + referral.page,
            people_ahead=referral.people_ahead,
            promise=referral.promise,
            materials=tuple(sent.service.materials),
            language=sent.language,
            reprint=order.again,
        )


def _ended(order: Order, result: PrintResult) -> PrintEnded:
    """Say to the visitor how the job ended."""
    return PrintEnded(
        ticket=order.ticket_id,
        outcome=result.outcome,
        advice=paper_words.advice(result.fault, outcome=result.outcome, number=order.number, again=not order.again),
        without_printer=result.fault is PrinterFault.NONE_FITTED,
    )
