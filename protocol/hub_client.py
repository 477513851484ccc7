"""Asks the hub over HTTP: one method per command, an answer or a named error.

Errors::

    HubError
    ├── HubAway      nothing was heard: no connection, no whole answer in time, a 5xx. Nobody knows if it was done.
    └── Refused      the hub said no, with a name for programs and a sentence for people. Nothing was done.
"""

from __future__ import annotations

import json
import secrets
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from protocol.answers import (
    ErrorAnswer,
    OfferAnswer,
    PrintJob,
    ReferralAnswer,
    ServicesAnswer,
    TicketAnswer,
    WindowAnswer,
    WindowsAnswer,
)
from protocol.http_answers import HttpConnections, NoHttpAnswer
from protocol.requests import (
    AcceptOffer,
    CancelTicket,
    CheckInByCode,
    EndPrint,
    IssueTicket,
    Request,
    RequestOffer,
    StartPrint,
    TransferTicket,
    WindowCommand,
)
from protocol.retained_messages import Board
from protocol.settings import HubAddress

Answer = TypeVar("Answer", bound=BaseModel)

OFFER_WITHIN_S = 1.0
"""An offer that comes later is of no use: the visitor has begun to read."""
PLACE_WITHIN_S = 4.0
"""The hub itself gives up after 3 s without an answer from the other site."""


class HubError(OSError):
    """Parent of what can go wrong when asking the hub."""


class HubAway(HubError):
    """The hub did not answer in time; ask again with the same ``request_id``, or tell the person."""


class HubRefused(HubError):
    """The hub refused; ``answer`` says why."""

    def __init__(self, *, status: int, answer: ErrorAnswer) -> None:
        super().__init__(f"{answer.error}: {answer.message.en}")
        self.status = status
        self.answer = answer


def new_request_id(device: str) -> str:
    """Return an id no other command has: make one per touch or press, and keep it for repeats."""
    return f"{device[:30]}:{secrets.token_hex(12)}"


class HubClient:
    """A device's connection to its hub. Safe to use from several threads; never repeats by itself.

    ``timeout_s`` bounds connecting, waiting and the whole of the answer together, to its last byte; ``offer_s`` and
    ``place_s`` do so for the two questions that have a time of their own.
    """

    def __init__(
        self,
        address: HubAddress,
        *,
        timeout_s: float = 2.0,
        offer_s: float = OFFER_WITHIN_S,
        place_s: float = PLACE_WITHIN_S,
    ) -> None:
        self._base = address.url.rstrip("/")
        headers = {
            "Authorization": f"Bearer {address.key.get_secret_value()}",
            "Content-Type": "application/json",
        }
        self._within_s, self._offer_s, self._place_s = timeout_s, offer_s, place_s
        self._http = HttpConnections(at_once=4, headers=headers)

    def issue(self, command: IssueTicket) -> TicketAnswer:
        """Take a number. Refused: unknown_service, service_closed, hall_closed, unknown_priority."""
        return self._ask("POST", "/v1/tickets", command, TicketAnswer)

    def offer(self, command: RequestOffer) -> OfferAnswer:
        """Ask whether another site would call this visitor sooner."""
        return self._ask("POST", "/v1/offers", command, OfferAnswer, within_s=self._offer_s)

    def accept(self, command: AcceptOffer) -> ReferralAnswer:
        """Have a place held at the offered site. Refused with the reason when it cannot be."""
        return self._ask("POST", "/v1/referrals", command, ReferralAnswer, within_s=self._place_s)

    def check_in(self, command: CheckInByCode) -> TicketAnswer:
        """Check a visitor in whom another site sent. Refused: unknown_ticket, not_referred, no_return_left, …"""
        return self._ask("POST", "/v1/check-ins", command, TicketAnswer)

    def window(self, window: str, action: str, command: WindowCommand) -> TicketAnswer:
        """Press a key: ``action`` is call-next, recall, start, finish or no-show."""
        return self._ask("POST", f"/v1/windows/{window}/{action}", command, TicketAnswer)

    def call_number(self, window: str, number: str, command: WindowCommand) -> TicketAnswer:
        """Call one certain number to a window."""
        return self._ask("POST", f"/v1/windows/{window}/call/{number}", command, TicketAnswer)

    def transfer(self, window: str, command: TransferTicket) -> TicketAnswer:
        """Send the visitor at a window to another service of the site."""
        return self._ask("POST", f"/v1/windows/{window}/transfer", command, TicketAnswer)

    def set_window(self, window: str, action: str, command: WindowCommand) -> WindowAnswer:
        """Open, pause or close a window: ``action`` is open, pause or close."""
        return self._ask("POST", f"/v1/windows/{window}/{action}", command, WindowAnswer)

    def cancel(self, ticket: str, command: CancelTicket) -> TicketAnswer:
        """Withdraw a ticket."""
        return self._ask("POST", f"/v1/tickets/{ticket}/cancel", command, TicketAnswer)

    def start_print(self, ticket: str, command: StartPrint) -> PrintJob:
        """Ask for the one reprint of a ticket, or of a referral's paper. Refused: reprint_used."""
        return self._ask("POST", f"/v1/tickets/{ticket}/prints", command, PrintJob)

    def end_print(self, job: str, command: EndPrint) -> PrintJob:
        """Report how a print job ended."""
        return self._ask("POST", f"/v1/prints/{job}/outcome", command, PrintJob)

    def ticket(self, ticket: str) -> TicketAnswer:
        """Return a ticket as it stands."""
        return self._ask("GET", f"/v1/tickets/{ticket}", None, TicketAnswer)

    def services(self) -> ServicesAnswer:
        """Return the kiosk's menu."""
        return self._ask("GET", "/v1/services", None, ServicesAnswer)

    def windows(self) -> WindowsAnswer:
        """Return all windows."""
        return self._ask("GET", "/v1/windows", None, WindowsAnswer)

    def board(self) -> Board:
        """Return what the hall screens show."""
        return self._ask("GET", "/v1/board", None, Board)

    def _ask(
        self, method: str, path: str, command: Request | None, answer: type[Answer], *, within_s: float | None = None
    ) -> Answer:
        # what is not said is left out: a hub not yet updated forbids the fields it does not know
        body = command.model_dump_json(exclude_none=True).encode() if command is not None else None
        try:
            heard = self._http.ask(method, self._base + path, body=body, within_s=within_s or self._within_s)
        except NoHttpAnswer as error:
            raise HubAway(f"{method} {path}: {error}") from error
        if heard.status >= 500:
            raise HubAway(f"{method} {path}: HTTP {heard.status}")
        try:
            if heard.status >= 400:
                raise HubRefused(status=heard.status, answer=ErrorAnswer.model_validate_json(heard.body))
            return answer.model_validate_json(heard.body)
        except (ValidationError, json.JSONDecodeError) as error:
            raise HubAway(f"{method} {path}: the answer is not the hub's: {error}") from error
