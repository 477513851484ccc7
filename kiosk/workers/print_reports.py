"""Reports of print results to the hub, repeated until it takes them."""

from __future__ import annotations

import logging

from protocol.hub_client import HubAway, HubClient, HubRefused, new_request_id
from protocol.requests import EndPrint
from protocol.vocabulary import PrintOutcome
from runtime.worker import Worker

log = logging.getLogger(__name__)

_RETRY_AFTER_S = 2.0
"""Retry interval while the hub does not answer, seconds."""
_AT_MOST = 1000
"""Number of reports that may wait for the hub."""


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
        while not self._attempt(*report):
            if self._worker.pause(_RETRY_AFTER_S):
                return

    def _attempt(self, job: str, request: EndPrint) -> bool:
        """Try once; return whether the report is done with: the hub took it, or will never take it."""
        try:
            self._client.end_print(job, request)
        except HubRefused as refused:
            log.warning("the hub refused the report on print job %s: %s", job, refused)
        except HubAway as away:
            log.warning("the report on print job %s waits for the hub: %s", job, away)
            return False
        return True
