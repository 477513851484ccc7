"""Cancellation of numbers that nobody waits for any more, so that no window calls a visitor who has gone."""

from __future__ import annotations

import logging

from protocol.hub_client import HubAway, HubClient, HubRefused
from protocol.requests import CancelTicket, IssueTicket
from runtime.worker import Worker

log = logging.getLogger(__name__)

RETRY_AFTER_S = 3.0
"""Retry interval while the hub does not answer, seconds."""


class Cancellations:
    """Repeats an abandoned request until the hub answers, and cancels the ticket in the answer.

    Repeating is idempotent: the hub answers with the ticket that exists. A request that is still open when the kiosk
    stops is dropped with a warning.
    """

    def __init__(self, client: HubClient, *, retry_after_s: float = RETRY_AFTER_S) -> None:
        self._client = client
        self._retry_after_s = retry_after_s
        self._worker = Worker[IssueTicket]("cancellations", self._cancel)

    def start(self) -> None:
        """Start the thread."""
        self._worker.start()

    def stop(self, *, within_s: float) -> None:
        """End the thread; waits at most ``within_s`` seconds for the attempt under way."""
        self._worker.stop(within_s=within_s)

    def cancel(self, request: IssueTicket) -> None:
        """Cancel what a request made whose visitor left or selected something else before it was answered."""
        self._worker.put(request)

    def _cancel(self, request: IssueTicket) -> None:
        while not self._worker.stopping:
            if self._attempt(request):
                return
            self._worker.pause(self._retry_after_s)
        log.warning("the kiosk stops: if %s made a ticket, it stays in the queue", request.request_id)

    def _attempt(self, request: IssueTicket) -> bool:
        """Try once; return whether the hub answered, so that nothing is left to do."""
        try:
            ticket = self._client.issue(request)
            self._client.cancel(ticket.id, CancelTicket(request_id=f"{request.request_id}:gone"))
        except HubAway as away:
            log.warning("%s is not cancelled yet: %s", request.request_id, away)
            return False
        except HubRefused as refused:
            log.warning("nothing to cancel for %s: %s", request.request_id, refused)
            return True
        log.info("cancelled %s, which nobody waited for", ticket.number)
        return True
