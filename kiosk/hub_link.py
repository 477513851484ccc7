"""Asks the hub from threads of its own, so that the screen never waits for the network."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable

from kiosk.events import (
    ArrivalCame,
    HubLost,
    MenuCame,
    News,
    OfferCame,
    PlaceCame,
    RequestRefused,
    RequestUnanswered,
    TicketCame,
)
from kiosk.state import Command
from protocol.hub_client import HubAway, HubClient, HubError, HubRefused
from protocol.requests import AcceptOffer, IssueTicket, RequestOffer

log = logging.getLogger(__name__)

MENU_EVERY_S = 3.0
"""How old the waiting counts on the tiles may be."""
_NOT_SOONER_S = 0.5
_AWAY_AFTER = 2
"""So many menus in a row not answered: the hub is away."""
ASK_WITHIN_S = 6.0
"""How long a visitor's request is repeated before the kiosk sends the visitor to the staff."""
_PAUSE_S = 0.4
_KEY_REFUSED = frozenset({401, 403})


class HubLink:
    """Keeps the menu fresh and takes visitors' requests to the hub; tells what came of it through ``tell``."""

    def __init__(self, client: HubClient, *, tell: Callable[[News], None], ask_within_s: float = ASK_WITHIN_S) -> None:
        self._client = client
        self._tell = tell
        self._ask_within_s = ask_within_s
        self._requests: queue.SimpleQueue[Command | None] = queue.SimpleQueue()
        self._questions: queue.SimpleQueue[RequestOffer | None] = queue.SimpleQueue()
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._keep_menu, name="menu", daemon=True),
            threading.Thread(target=self._keep_asking, name="tickets", daemon=True),
            threading.Thread(target=self._keep_questioning, name="offers", daemon=True),
        ]

    def start(self) -> None:
        """Begin to ask."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Ask no more; a request under way is given up within the client's time limit."""
        self._stopping.set()
        self._wake.set()
        self._requests.put(None)
        self._questions.put(None)

    def ask(self, command: Command) -> None:
        """Take a visitor's request; the answer comes as TicketCame, PlaceCame, ArrivalCame or a Request… of no."""
        self._requests.put(command)

    def ask_for_offer(self, question: RequestOffer) -> None:
        """Ask once whether it is sooner elsewhere; OfferCame tells of an offer, nothing tells of none."""
        self._questions.put(question)

    def look_again(self) -> None:
        """Fetch the menu now: the hall has changed."""
        self._wake.set()

    def _keep_menu(self) -> None:
        missed = 0
        while True:
            self._wake.clear()
            if self._stopping.is_set():
                return
            try:
                self._tell(MenuCame(menu=self._client.services()))
                missed = 0
            except HubError as error:
                missed += 1
                log.warning("no menu from the hub: %s", error)
                if missed >= _AWAY_AFTER:
                    self._tell(HubLost())
            self._stopping.wait(_NOT_SOONER_S)
            self._wake.wait(MENU_EVERY_S if missed == 0 else _NOT_SOONER_S)

    def _keep_asking(self) -> None:
        while (command := self._requests.get()) is not None:
            self._tell(self._asked(command))
            self.look_again()

    def _asked(self, command: Command) -> News:
        """Ask, and ask the same again while the hub does not answer: the request's id makes that harmless.

        A place elsewhere is asked for once: its visitor is told within seconds, and the hub keeps none unasked.
        """
        give_up = time.monotonic() + self._ask_within_s
        while True:
            try:
                return self._answer(command)
            except HubRefused as refused:
                return self._refused(command, refused)
            except HubAway as away:
                log.warning("no answer to %s: %s", command.request_id, away)
            once = isinstance(command, AcceptOffer)
            if once or time.monotonic() + _PAUSE_S >= give_up or self._stopping.wait(_PAUSE_S):
                return RequestUnanswered(request_id=command.request_id)

    def _answer(self, command: Command) -> News:
        match command:
            case IssueTicket():
                return TicketCame(request_id=command.request_id, ticket=self._client.issue(command))
            case AcceptOffer():
                return PlaceCame(request_id=command.request_id, referral=self._client.accept_offer(command))
            case _:
                return ArrivalCame(request_id=command.request_id, ticket=self._client.check_in(command))

    def _refused(self, command: Command, refused: HubRefused) -> News:
        """A refused visitor reads why; a refused kiosk is a matter for the staff."""
        if refused.status in _KEY_REFUSED:
            log.error("the hub does not accept this kiosk's key: %s", refused)
            return RequestUnanswered(request_id=command.request_id)
        answer = refused.answer
        return RequestRefused(request_id=command.request_id, message=answer.message, error=answer.error)

    def _keep_questioning(self) -> None:
        while (question := self._questions.get()) is not None:
            if not self._questions.empty():
                continue  # the visitor has chosen something else since
            try:
                answer = self._client.offer(question)
            except HubError as error:
                log.warning("no offer for %s: %s", question.request_id, error)
                continue
            if answer.offer is not None:
                self._tell(OfferCame(request_id=question.request_id, offer=answer.offer))
