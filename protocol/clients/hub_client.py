"""The hub's HTTP client: one method per command, which returns the answer or raises a named error.

Errors::

    HubError
    ├── HubAway      no answer: no connection, no whole answer in time, a 5xx. The command's effect is unknown.
    └── HubRefused   the hub refused, with a name for programs and a sentence for people. Nothing has changed.
"""

from __future__ import annotations

import secrets
import ssl
from collections.abc import Callable

from pydantic import BaseModel

from protocol.answers import (
    CertificateAnswer,
    ErrorAnswer,
    OfferAnswer,
    PrintJob,
    ReferralAnswer,
    ServicesAnswer,
    TicketAnswer,
    WindowAnswer,
    WindowsAnswer,
)
from protocol.clients.json_client import AnswerModel, JsonClient
from protocol.requests import (
    AcceptOffer,
    CancelTicket,
    CheckInByCode,
    EndPrint,
    IssueTicket,
    RenewCertificate,
    RequestOffer,
    StartPrint,
    TransferTicket,
    WindowRequest,
)
from protocol.retained_messages import Board
from protocol.settings import HubAddress
from protocol.vocabulary import ReferralId, TicketId, WindowAction, WindowId

REQUEST_LIMIT_MIN_S = 2.0
"""Shortest time limit of a press, seconds: the hub may still carry it out 1.5 s after it came."""
OFFER_TIMEOUT_S = 1.0
"""Time limit of a request for an offer, seconds: a later answer is useless, because the visitor has read on."""
ACCEPT_TIMEOUT_S = 4.0
"""Time limit of accepting an offer, seconds: the hub itself waits 3 s for the other site."""


KEY_REFUSED = frozenset({401, 403})
"""HTTP statuses that refuse the device's key."""


class HubError(OSError):
    """Parent of errors of a request to the hub."""


class HubAway(HubError):
    """The hub did not answer in time; repeat with the same ``request_id``, or show it to the person."""


class HubRefused(HubError):
    """The hub refused; ``answer`` has the reason."""

    def __init__(self, status: int, answer: ErrorAnswer) -> None:
        super().__init__(f"{answer.error}: {answer.message.en}")
        self.status = status
        self.answer = answer


def _cause_of(error: OSError | None) -> object | None:
    """Return why the hub did not answer, without the request, so that all requests have the same cause."""
    if isinstance(error, HubRefused):
        return error if error.status in KEY_REFUSED else None
    return None if error is None else error.__cause__ or error


def new_request_id(device: str) -> str:
    """Return an id that no other command has: make one per touch or press, and keep it for repeats."""
    return f"{device[:30]}:{secrets.token_hex(12)}"


class HubClient:
    """A device's connection to its hub. Safe to use from several threads; never repeats a request by itself.

    ``timeout_s`` bounds connecting, waiting and the whole of the answer together, to its last byte; ``offer_s`` and
    ``place_s`` do so for the two requests that have a limit of their own. Every method raises HubAway and HubRefused.
    """

    def __init__(
        self,
        address: HubAddress,
        *,
        timeout_s: float = REQUEST_LIMIT_MIN_S,
        offer_s: float = OFFER_TIMEOUT_S,
        place_s: float = ACCEPT_TIMEOUT_S,
        tls: ssl.SSLContext | None = None,
        on_result: Callable[[object | None], None] = lambda cause: None,  # noqa: ARG005
    ) -> None:
        """``on_result`` is called with None when the hub has answered, and otherwise with the cause.

        A refusal is an answer, unless it refuses the device's key.
        """
        self._timeout_s, self._offer_s, self._place_s = timeout_s, offer_s, place_s
        self._json = JsonClient(
            address.url.rstrip("/"),
            server="hub",
            key=address.key,
            at_once=4,
            away=HubAway,
            refused=HubRefused,
            refusal=ErrorAnswer,
            tls=tls,
            on_result=lambda error: on_result(_cause_of(error)),
        )

    def issue(self, request: IssueTicket) -> TicketAnswer:
        """Issue a ticket. Refused: unknown_service, service_not_served, hall_closed, unknown_priority."""
        return self._post("/v1/tickets", request, TicketAnswer)

    def offer(self, request: RequestOffer) -> OfferAnswer:
        """Return the offer of a site that would call this visitor sooner, if there is one."""
        return self._post("/v1/offers", request, OfferAnswer, within_s=self._offer_s)

    def accept_offer(self, request: AcceptOffer) -> ReferralAnswer:
        """Reserve a place at the offered site. Refused with the reason when there is none."""
        return self._post("/v1/referrals", request, ReferralAnswer, within_s=self._place_s)

    def check_in(self, request: CheckInByCode) -> TicketAnswer:
        """Check in a visitor whom another site referred. Refused: unknown_ticket, not_referred, no_return_left, …"""
        return self._post("/v1/check-ins", request, TicketAnswer)

    def command_window(self, window: WindowId, action: WindowAction, request: WindowRequest) -> TicketAnswer:
        """Run a command at a window: ``action`` is one that is answered with a ticket."""
        return self._post(f"/v1/windows/{window}/{action}", request, TicketAnswer)

    def call_number(self, window: WindowId, number: str, request: WindowRequest) -> TicketAnswer:
        """Call a chosen number to a window."""
        return self._post(f"/v1/windows/{window}/call/{number}", request, TicketAnswer)

    def transfer(self, window: WindowId, request: TransferTicket) -> TicketAnswer:
        """Transfer the visitor at a window to another service of the site."""
        return self._post(f"/v1/windows/{window}/transfer", request, TicketAnswer)

    def set_window(self, window: WindowId, action: WindowAction, request: WindowRequest) -> WindowAnswer:
        """Open, pause or close a window: ``action`` is open, pause or close."""
        return self._post(f"/v1/windows/{window}/{action}", request, WindowAnswer)

    def cancel(self, ticket: TicketId, request: CancelTicket) -> TicketAnswer:
        """Cancel a ticket."""
        return self._post(f"/v1/tickets/{ticket}/cancel", request, TicketAnswer)

    def start_print(self, ticket: TicketId | ReferralId, request: StartPrint) -> PrintJob:
        """Start the one reprint of a ticket, or of a referral's paper. Refused: unknown_ticket, reprint_used."""
        return self._post(f"/v1/tickets/{ticket}/prints", request, PrintJob)

    def end_print(self, job: str, request: EndPrint) -> PrintJob:
        """Report how a print job ended."""
        return self._post(f"/v1/prints/{job}/outcome", request, PrintJob)

    def ticket(self, ticket: TicketId) -> TicketAnswer:
        """Return the current state of a ticket."""
        return self._get(f"/v1/tickets/{ticket}", TicketAnswer)

    def services(self) -> ServicesAnswer:
        """Return the kiosk's menu."""
        return self._get("/v1/services", ServicesAnswer)

    def windows(self) -> WindowsAnswer:
        """Return all windows."""
        return self._get("/v1/windows", WindowsAnswer)

    def board(self) -> Board:
        """Return what the hall screens show."""
        return self._get("/v1/board", Board)

    def renew_certificate(self, request: RenewCertificate) -> CertificateAnswer:
        """Return the next certificate of this device."""
        return self._post("/v1/certificates", request, CertificateAnswer)

    def _get(self, path: str, answer: type[AnswerModel]) -> AnswerModel:
        return self._json.request("GET", path, answer, within_s=self._timeout_s)

    def _post(
        self,
        path: str,
        request: BaseModel,
        answer: type[AnswerModel],
        *,
        within_s: float | None = None,
    ) -> AnswerModel:
        # a field that is None is left out: a hub not yet updated forbids the fields that it does not know
        body = request.model_dump_json(exclude_none=True).encode()
        return self._json.request("POST", path, answer, body=body, within_s=within_s or self._timeout_s)
