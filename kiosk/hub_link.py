"""Asks the hub from threads of its own, so that the screen never waits for the network."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable

from kiosk.events import HubLost, MenuCame, News, TicketCame, TicketRefused, TicketUnanswered
from protocol.hub_client import HubAway, HubClient, HubError, Refused
from protocol.messages import IssueTicket

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
        self._requests: queue.SimpleQueue[IssueTicket | None] = queue.SimpleQueue()
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._keep_menu, name="menu", daemon=True),
            threading.Thread(target=self._keep_asking, name="tickets", daemon=True),
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

    def ask(self, command: IssueTicket) -> None:
        """Take a visitor's request; the answer comes as TicketCame, TicketRefused or TicketUnanswered."""
        self._requests.put(command)

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

    def _asked(self, command: IssueTicket) -> News:
        """Ask, and ask the same again while the hub does not answer: the request's id makes that harmless."""
        give_up = time.monotonic() + self._ask_within_s
        while True:
            try:
                return TicketCame(request_id=command.request_id, ticket=self._client.issue(command))
            except Refused as refused:
                return self._refused(command, refused)
            except HubAway as away:
                log.warning("no answer to %s: %s", command.request_id, away)
            if time.monotonic() + _PAUSE_S >= give_up or self._stopping.wait(_PAUSE_S):
                return TicketUnanswered(request_id=command.request_id)

    def _refused(self, command: IssueTicket, refused: Refused) -> News:
        """A refused visitor reads why; a refused kiosk is a matter for the staff."""
        if refused.status in _KEY_REFUSED:
            log.error("the hub does not accept this kiosk's key: %s", refused)
            return TicketUnanswered(request_id=command.request_id)
        return TicketRefused(request_id=command.request_id, message=refused.answer.message)
