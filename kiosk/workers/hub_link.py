"""Requests to the hub on threads of their own, so that the screen never waits for the network."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from kiosk.state.events import (
    CheckInReceived,
    MenuMissed,
    MenuReceived,
    News,
    OfferReceived,
    ReferralReceived,
    RequestRefused,
    RequestUnanswered,
    TicketReceived,
)
from kiosk.state.kiosk_state import VisitorRequest
from protocol.clients.hub_client import KEY_REFUSED, HubAway, HubClient, HubError, HubRefused
from protocol.requests import AcceptOffer, CancelTicket, IssueTicket, RequestOffer
from runtime.backoff import Backoff
from runtime.worker import Poller, Worker

log = logging.getLogger(__name__)

MENU_EVERY_S = 3.5
"""Polling interval of the menu, seconds: the age that the waiting counts on the tiles may reach."""
REQUEST_LIMIT_S = 6.0
"""Time during which a visitor's request is repeated before the kiosk shows the staff page, seconds."""
_MENU_AT_LEAST_S = 0.5
"""Shortest interval between two menus, seconds, however often the hall changes."""
_MENU_RETRY_S, _MENU_RETRY_LONGEST_S = 1.0, 3.0
"""Backoff of the menu while the hub does not answer, seconds; a returning hub's board brings the menu at once."""
_REQUEST_RETRY_S = 0.4
"""Retry interval of a visitor's request, seconds; constant, because somebody stands there and waits."""
_CANCEL_RETRY_S, _CANCEL_RETRY_LONGEST_S = 1.0, 10.0
"""Backoff of a cancellation while the hub does not answer, seconds."""


class HubLink:
    """Polls the menu and submits visitors' requests; ``report`` receives all news, on the threads of this link."""

    def __init__(
        self, client: HubClient, *, report: Callable[[News], None], request_limit_s: float = REQUEST_LIMIT_S
    ) -> None:
        self._client = client
        self._report = report
        self._request_limit_s = request_limit_s
        self._menu_backoff = Backoff(first_s=_MENU_RETRY_S, longest_s=_MENU_RETRY_LONGEST_S)
        self._menu = Poller("menu", self._poll_menu, at_least_s=_MENU_AT_LEAST_S, after_error_s=_MENU_RETRY_S)
        self._requests = Worker[VisitorRequest]("requests", self._execute)
        self._offers = Worker[RequestOffer]("offers", self._find_offer)

    def start(self) -> None:
        """Start the threads; the first menu is requested at once."""
        self._menu.start()
        self._requests.start()
        self._offers.start()

    def stop(self) -> None:
        """End the threads without waiting for them: a request under way ends with the client's own time limit."""
        self._menu.stop(within_s=0)
        self._requests.stop(within_s=0)
        self._offers.stop(within_s=0)

    def submit(self, request: VisitorRequest) -> None:
        """Submit a visitor's request; its answer, refusal or silence comes as one of ``RequestAnswer``."""
        self._requests.put(request)

    def find_offer(self, request: RequestOffer) -> None:
        """Request an offer once; OfferReceived reports one, and nothing is reported when there is none."""
        self._offers.put(request)

    def refresh_menu(self) -> None:
        """Request the menu soon: the hall has changed."""
        self._menu.wake()

    def _poll_menu(self) -> float:
        """Request the menu and return the seconds until the next time."""
        try:
            menu = self._client.services()
        except HubError as error:
            log.debug("no menu from the hub: %s", error)
            self._report(MenuMissed())
            return self._menu_backoff.grow()
        self._menu_backoff.reset()
        self._report(MenuReceived(menu=menu))
        return MENU_EVERY_S

    def _execute(self, request: VisitorRequest) -> None:
        self._report(self._answer_to(request))
        self.refresh_menu()

    def _answer_to(self, request: VisitorRequest) -> News:
        """Return the hub's answer; while there is none, the request is repeated, which its id makes idempotent.

        A place at another site is requested only once: its visitor has an answer within seconds, and the hub holds no
        place that nobody waits for.
        """
        give_up = time.monotonic() + self._request_limit_s
        while True:
            try:
                return self._attempt(request)
            except HubRefused as refused:
                return _refusal(request, refused)
            except HubAway as away:
                log.debug("no answer to %s: %s", request.request_id, away)
            once = isinstance(request, AcceptOffer)
            if once or time.monotonic() + _REQUEST_RETRY_S >= give_up or self._requests.pause(_REQUEST_RETRY_S):
                return RequestUnanswered(request_id=request.request_id)

    def _attempt(self, request: VisitorRequest) -> News:
        match request:
            case IssueTicket():
                return TicketReceived(request_id=request.request_id, ticket=self._client.issue(request))
            case AcceptOffer():
                return ReferralReceived(request_id=request.request_id, referral=self._client.accept_offer(request))
            case _:
                return CheckInReceived(request_id=request.request_id, ticket=self._client.check_in(request))

    def _find_offer(self, request: RequestOffer) -> None:
        if self._offers.has_waiting:
            return  # the visitor has selected something else since
        try:
            answer = self._client.offer(request)
        except HubError as error:
            log.debug("no offer for %s: %s", request.request_id, error)
            return
        if answer.offer is not None:
            self._report(OfferReceived(request_id=request.request_id, offer=answer.offer))


def _refusal(request: VisitorRequest, refused: HubRefused) -> News:
    """Return a refusal for the visitor to read. A refused key is no visitor's fault: it becomes "ask the staff"."""
    if refused.status in KEY_REFUSED:
        return RequestUnanswered(request_id=request.request_id)
    answer = refused.answer
    return RequestRefused(request_id=request.request_id, message=answer.message, error=answer.error)


class Cancellations:
    """Repeats an abandoned request until the hub answers, and cancels the ticket in the answer.

    Repeating is idempotent: the hub answers with the ticket that exists. A request that is still open when the kiosk
    stops is dropped with a warning.
    """

    def __init__(self, client: HubClient, *, first_retry_s: float = _CANCEL_RETRY_S) -> None:
        self._client = client
        self._first_retry_s = first_retry_s
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
        backoff = Backoff(first_s=self._first_retry_s, longest_s=_CANCEL_RETRY_LONGEST_S)
        if self._worker.stopping or not self._worker.repeat(lambda: self._attempt(request), backoff=backoff):
            log.warning("the kiosk stops: if %s made a ticket, it stays in the queue", request.request_id)

    def _attempt(self, request: IssueTicket) -> bool:
        """Try once; return whether the hub answered, so that nothing is left to do."""
        try:
            ticket = self._client.issue(request)
            self._client.cancel(ticket.id, CancelTicket(request_id=f"{request.request_id}:gone"))
        except HubAway as away:
            log.debug("%s is not cancelled yet: %s", request.request_id, away)
            return False
        except HubRefused as refused:
            log.warning("nothing to cancel for %s: %s", request.request_id, refused)
            return True
        log.info("cancelled %s, which nobody waited for", ticket.number)
        return True
