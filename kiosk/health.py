"""The kiosk's word on itself for the hall's staff: online, its printer's paper and faults."""

from __future__ import annotations

import threading
from collections.abc import Callable

from hardware.printer.printer import Printer, PrintResult
from hardware.printer.printer_faults import PrinterFault
from protocol.vocabulary import PaperState, PrintOutcome
from runtime.device_presence import HEARTBEAT_S, DevicePresence


class Health:
    """Asks the printer how it is every HEARTBEAT_S and after every job, and tells the broker.

    A printer that cannot say how it is keeps the fault of its last job until a job goes well.
    """

    def __init__(self, *, printer: Printer, presence: DevicePresence, tell: Callable[[str, bytes], None]) -> None:
        self._printer = printer
        self._presence = presence
        self._tell = tell
        self._last_fault: PrinterFault | None = None
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._keep_telling, name="health", daemon=True)

    def start(self) -> None:
        """Begin to tell."""
        self._thread.start()

    def stop(self, *, within_s: float) -> None:
        """Tell no more."""
        self._stopping.set()
        self._wake.set()
        self._thread.join(within_s)

    def printed(self, result: PrintResult) -> None:
        """Hear how a job ended, and look at the printer again."""
        went_well = result.outcome is PrintOutcome.PRINTED or result.fault is PrinterFault.NONE_FITTED
        self._last_fault = None if went_well else result.fault
        self._wake.set()

    def _keep_telling(self) -> None:
        while True:
            self._wake.clear()
            if self._stopping.is_set():
                return
            self._tell(self._presence.topic, self._status())
            self._wake.wait(HEARTBEAT_S)

    def _status(self) -> bytes:
        status = self._printer.status()
        if status.faults or status.paper is not PaperState.UNKNOWN:
            self._last_fault = None
        last = () if self._last_fault is None else (self._last_fault,)
        faults = [fault.text for fault in (*status.faults, *last)]
        return self._presence.online(paper=status.paper, faults=faults)
