"""Takes back numbers that nobody waits for any more, so that no window calls somebody who never got the paper."""

from __future__ import annotations

import logging
import queue
import threading

from protocol.hub_client import HubAway, HubClient, HubRefused
from protocol.requests import CancelTicket, IssueTicket

log = logging.getLogger(__name__)

AGAIN_AFTER_S = 3.0
"""How long the hub is left alone after it did not answer."""


class Withdrawals:
    """Asks the same request again until the hub answers, and cancels the ticket that it made.

    The request's id makes asking again harmless: the hub answers with the ticket that exists. One thread, one request
    after the other; what is not withdrawn when the kiosk stops is forgotten, with a warning.
    """

    def __init__(self, client: HubClient, *, again_after_s: float = AGAIN_AFTER_S) -> None:
        self._client = client
        self._again_after_s = again_after_s
        self._given_up: queue.SimpleQueue[IssueTicket | None] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._keep_withdrawing, name="withdrawals", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, *, within_s: float) -> None:
        """Ask no more; a question under way is waited for so long."""
        self._stopping.set()
        self._given_up.put(None)
        self._thread.join(within_s)

    def withdraw(self, command: IssueTicket) -> None:
        """Take a request whose visitor has gone or chosen something else, and whose answer was never heard."""
        self._given_up.put(command)

    def _keep_withdrawing(self) -> None:
        while (command := self._given_up.get()) is not None:
            self._withdraw(command)

    def _withdraw(self, command: IssueTicket) -> None:
        while not self._stopping.is_set():
            if self._is_answered(command):
                return
            self._stopping.wait(self._again_after_s)
        log.warning("the kiosk stops: if %s made a ticket, it stays in the queue", command.request_id)

    def _is_answered(self, command: IssueTicket) -> bool:
        """Ask once; whether the hub answered, so that nothing is left to do."""
        try:
            ticket = self._client.issue(command)
            self._client.cancel(ticket.id, CancelTicket(request_id=f"{command.request_id}:gone"))
        except HubAway as away:
            log.warning("not yet withdrawn, %s: %s", command.request_id, away)
            return False
        except HubRefused as refused:
            log.warning("nothing withdrawn for %s: %s", command.request_id, refused)
            return True
        log.info("withdrawn: %s, which nobody waited for", ticket.number)
        return True
