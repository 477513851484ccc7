"""Tells the hub how print jobs ended, for as long as it takes."""

from __future__ import annotations

import logging
import threading
from collections import deque

from protocol.hub_client import HubAway, HubClient, HubRefused, new_request_id
from protocol.requests import EndPrint
from protocol.vocabulary import PrintOutcome

log = logging.getLogger(__name__)

_AGAIN_AFTER_S = 2.0


class PrintReports:
    """Reports waiting for the hub, oldest first. What is not told when the kiosk ends, the hub records as UNKNOWN."""

    def __init__(self, client: HubClient, *, device: str) -> None:
        self._client = client
        self._device = device
        self._due: deque[tuple[str, EndPrint]] = deque(maxlen=1000)
        self._changed = threading.Condition()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._keep_reporting, name="print-reports", daemon=True)

    def start(self) -> None:
        """Begin to report."""
        self._thread.start()

    def stop(self, *, within_s: float) -> None:
        """Give the reports not yet told one more chance, for no longer than ``within_s``."""
        self._stopping.set()
        with self._changed:
            self._changed.notify_all()
        self._thread.join(within_s)

    def add(self, job: str, *, outcome: PrintOutcome, reason: str) -> None:
        """Take how a job ended. The request's id stays the same however often it is told."""
        command = EndPrint(request_id=new_request_id(self._device), outcome=outcome, reason=reason)
        with self._changed:
            self._due.append((job, command))
            self._changed.notify_all()

    def _keep_reporting(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._due or self._stopping.is_set())
                if not self._due:
                    return
                job, command = self._due[0]
            if self._told(job, command):
                with self._changed:
                    self._due.popleft()
            elif self._stopping.wait(_AGAIN_AFTER_S):
                return

    def _told(self, job: str, command: EndPrint) -> bool:
        """Whether the report is done with: the hub took it, or will never take it."""
        try:
            self._client.end_print(job, command)
        except HubRefused as refused:
            log.warning("the hub refused the report on print job %s: %s", job, refused)
        except HubAway as away:
            log.warning("the report on print job %s waits for the hub: %s", job, away)
            return False
        return True
