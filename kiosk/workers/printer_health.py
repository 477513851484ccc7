"""The kiosk's status for the hall's staff: a heartbeat with the printer's paper and faults, and with drawn boxes."""

from __future__ import annotations

from collections.abc import Callable

from hardware.fonts.boxes import box_fault
from hardware.printer.printer import Printer, PrintResult
from hardware.printer.printer_faults import PrinterFault
from protocol.vocabulary import PaperState, PrintOutcome
from runtime.device_presence import HEARTBEAT_S, DevicePresence
from runtime.worker import Poller


class PrinterHealth:
    """Publishes the printer's status every HEARTBEAT_S seconds and after every print job.

    A printer that reports no status keeps the fault of its last job until a job succeeds.
    ``publish`` receives topic and payload.
    """

    def __init__(self, *, printer: Printer, presence: DevicePresence, publish: Callable[[str, bytes], None]) -> None:
        self._printer = printer
        self._presence = presence
        self._publish = publish
        self._last_fault: PrinterFault | None = None
        self._poller = Poller("health", self._publish_status)

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
        faults = [*(fault.text for fault in (*status.faults, *last)), *([boxes] if boxes else [])]
        return self._presence.online(paper=status.paper, faults=faults)
