"""Printing of issued tickets on a thread of its own, with a report to the visitor and one to the hub."""

from __future__ import annotations

import logging
from collections.abc import Callable

from PIL import Image

from hardware.fonts.boxes import box_fault
from hardware.paper.referral_layout import ReferralPaper, draw_referral
from hardware.paper.ticket_layout import TicketPaper, draw_ticket
from hardware.printer.printer import Printer, PrintResult
from hardware.printer.printer_faults import PrinterFault
from kiosk import wording
from kiosk.state.events import News, PrintReported, ReprintRefused
from kiosk.state.kiosk_state import Printout
from protocol.answers import ReferralAnswer, TicketAnswer
from protocol.clients.hub_client import HubAway, HubClient, HubRefused, new_request_id
from protocol.requests import EndPrint, StartPrint
from protocol.vocabulary import PaperState, PrintOutcome, Text
from runtime.backoff import Backoff
from runtime.device_presence import HEARTBEAT_S, DevicePresence
from runtime.fault_log import FaultLog
from runtime.worker import Poller, Worker

log = logging.getLogger(__name__)

_REPORT_RETRY_S, _REPORT_RETRY_LONGEST_S = 1.0, 10.0
"""Backoff of a report while the hub does not answer, seconds."""
_AT_MOST = 1000
"""Number of reports that may wait for the hub."""


class PrintQueue:
    """One printer's queue of tickets.

    ``report`` receives the news for the visitor, ``on_result`` every result, for the device's status; both on the
    thread that prints. ``ticket_pages`` begins the address in the QR code.
    """

    def __init__(
        self,
        *,
        printer: Printer,
        client: HubClient,
        reports: PrintReports,
        device: str,
        ticket_pages: str,
        report: Callable[[News], None],
        on_result: Callable[[PrintResult], None],
    ) -> None:
        self._printer = printer
        self._client = client
        self._reports = reports
        self._device = device
        self._ticket_pages = ticket_pages.rstrip("/")
        self._report = report
        self._on_result = on_result
        self._worker = Worker[Printout]("printing", self._process)

    def start(self) -> None:
        """Start the thread."""
        self._worker.start()

    def stop(self, *, within_s: float) -> None:
        """Finish the tickets that wait, for at most ``within_s`` seconds."""
        self._worker.stop(within_s=within_s)

    def enqueue(self, printout: Printout) -> None:
        """Print a ticket; PrintReported or ReprintRefused reports the result."""
        self._worker.put(printout)

    def _process(self, printout: Printout) -> None:
        job = self._job(printout)
        if isinstance(job, ReprintRefused):
            self._report(job)
            return
        result = self._print(printout)
        self._report(_reported(printout, result))
        if job is not None:
            self._reports.add(job, outcome=result.outcome, reason=result.fault.value if result.fault else "")
        self._on_result(result)

    def _job(self, printout: Printout) -> str | ReprintRefused | None:
        """Return the hub's id of this print job, None where it keeps none; a reprint needs the hub's consent first."""
        if not printout.reprint:
            return printout.first_job.job if printout.first_job else None
        request = StartPrint(request_id=new_request_id(self._device))
        try:
            return self._client.start_print(printout.job_owner, request).job
        except HubRefused as refused:
            return ReprintRefused(ticket=printout.ticket_id, message=refused.answer.message)
        except HubAway as away:
            log.debug("no reprint without the hub: %s", away)
            return ReprintRefused(ticket=printout.ticket_id, message=wording.REPRINT_LATER, later=True)

    def _print(self, printout: Printout) -> PrintResult:
        """Print one ticket. A ticket that cannot be drawn or sent fails alone: the next one is printed."""
        try:
            return self._printer.print_ticket(self._draw(printout))
        except Exception:
            log.exception("ticket %s could not be printed", printout.number)
            return PrintResult(outcome=PrintOutcome.FAILED)

    def _draw(self, printout: Printout) -> Image.Image:
        width = self._printer.paper_width
        match printout.answer:
            case TicketAnswer() as ticket:
                return draw_ticket(self._ticket_paper(printout, ticket), width=width)
            case ReferralAnswer() as referral:
                return draw_referral(self._referral_paper(printout, referral), width=width)

    def _ticket_paper(self, printout: Printout, ticket: TicketAnswer) -> TicketPaper:
        return TicketPaper(
            number=ticket.number,
            hall=printout.hall,
            service=printout.service.name,
            area=printout.service.area,
            issued_at=ticket.issued_at,
            time_zone=printout.time_zone,
            qr_address=self._ticket_pages + ticket.page,
            people_ahead=ticket.people_ahead,
            promise=ticket.promise,
            materials=tuple(printout.service.materials),
            language=printout.language,
            reprint=printout.reprint,
        )

    def _referral_paper(self, printout: Printout, referral: ReferralAnswer) -> ReferralPaper:
        return ReferralPaper(
            number=referral.number,
            site=referral.site,
            service=printout.service.name,
            area=referral.area,
            issued_at=referral.issued_at,
            kept_until=referral.kept_until,
            time_zone=printout.time_zone,
            qr_address=self._ticket_pages + referral.page,
            people_ahead=referral.people_ahead,
            promise=referral.promise,
            materials=tuple(printout.service.materials),
            language=printout.language,
            reprint=printout.reprint,
        )


def _reported(printout: Printout, result: PrintResult) -> PrintReported:
    """Return the news of a result for the visitor."""
    advice = wording.paper_advice(
        result.fault, outcome=result.outcome, number=printout.number, again=not printout.reprint
    )
    return PrintReported(
        ticket=printout.ticket_id,
        outcome=result.outcome,
        advice=advice,
        without_printer=result.fault is PrinterFault.NONE_FITTED,
    )


class PrintReports:
    """Reports in the order of printing. A job without a report when the kiosk ends is UNKNOWN to the hub."""

    def __init__(self, client: HubClient, *, device: str) -> None:
        self._client = client
        self._device = device
        self._worker = Worker[tuple[str, EndPrint]]("print-reports", self._deliver, at_most=_AT_MOST)

    def start(self) -> None:
        """Start the thread."""
        self._worker.start()

    def stop(self, *, within_s: float) -> None:
        """Try the waiting reports once more, for at most ``within_s`` seconds."""
        self._worker.stop(within_s=within_s)

    def add(self, job: str, *, outcome: PrintOutcome, reason: str) -> None:
        """Report how a job ended; the request id stays the same however often the report is repeated."""
        self._worker.put((job, EndPrint(request_id=new_request_id(self._device), outcome=outcome, reason=reason)))

    def _deliver(self, report: tuple[str, EndPrint]) -> None:
        backoff = Backoff(first_s=_REPORT_RETRY_S, longest_s=_REPORT_RETRY_LONGEST_S)
        self._worker.repeat(lambda: self._attempt(*report), backoff=backoff)

    def _attempt(self, job: str, request: EndPrint) -> bool:
        """Try once; return whether the report is done with: the hub took it, or will never take it."""
        try:
            self._client.end_print(job, request)
        except HubRefused as refused:
            log.warning("the hub refused the report on print job %s: %s", job, refused)
        except HubAway as away:
            log.debug("the report on print job %s waits for the hub: %s", job, away)
            return False
        return True


class PrinterHealth:
    """Publishes the printer's status, and whether boxes were drawn, every HEARTBEAT_S seconds and after every job.

    A printer that reports no status keeps the fault of its last job until a job succeeds.
    ``publish`` receives topic and payload.
    """

    def __init__(self, *, printer: Printer, presence: DevicePresence, publish: Callable[[str, bytes], None]) -> None:
        self._printer = printer
        self._presence = presence
        self._publish = publish
        self._last_fault: PrinterFault | None = None
        self._poller = Poller("health", self._publish_status)
        self._fault = FaultLog(log, Text(zh="打印机有问题", en="the printer has a fault"))

    def start(self) -> None:
        """Start the thread; the first status is published at once."""
        self._poller.start()

    def stop(self, *, within_s: float) -> None:
        """End the thread; waits at most ``within_s`` seconds."""
        self._poller.stop(within_s=within_s)

    def note_result(self, result: PrintResult) -> None:
        """Note how a job ended and publish the printer's status soon."""
        succeeded = result.outcome is PrintOutcome.PRINTED or result.fault is PrinterFault.NONE_FITTED
        self._last_fault = None if succeeded else result.fault
        self._poller.wake()

    def _publish_status(self) -> float:
        self._publish(self._presence.topic, self._status())
        return HEARTBEAT_S

    def _status(self) -> bytes:
        status = self._printer.status()
        if status.faults or status.paper is not PaperState.UNKNOWN:
            self._last_fault = None
        last = () if self._last_fault is None else (self._last_fault,)
        boxes = box_fault()
        printers = [fault.text for fault in (*status.faults, *last)]
        self._fault.note("; ".join(text.on_one_line() for text in printers) or None)
        faults = [*printers, *([boxes] if boxes else [])]
        return self._presence.online(paper=status.paper, faults=faults)
