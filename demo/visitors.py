"""Simulated visitors at a kiosk without a screen: real requests to the hub, real paper from a simulated printer."""

from __future__ import annotations

import random
import threading

from demo.narration import Narrator
from demo.rhythm import Rhythm
from demo.settings_files import simulated_kiosk_settings
from demo.stage import SIMULATED_KIOSK, Stage
from kiosk.events import MenuCame, News, PrintTicket, TicketCame
from kiosk.menu import find_service
from kiosk.workers import Workers
from protocol.hub_client import new_request_id
from protocol.messages import IssueTicket, ServicesAnswer


class Visitors(threading.Thread):
    """The stream of visitors, until ``ended``. Prints on the printer at ``printer_port``."""

    def __init__(
        self, stage: Stage, *, printer_port: int, rhythm: Rhythm, narrator: Narrator, ended: threading.Event
    ) -> None:
        super().__init__(name="visitors", daemon=True)
        self._workers = Workers(simulated_kiosk_settings(stage, printer_port=printer_port), tell=self._hear)
        self._pages = stage.url
        self._rhythm = rhythm
        self._narrator = narrator
        self._ended = ended
        self._chance: random.Random = rhythm.person("visitors")
        self._menu: ServicesAnswer | None = None

    def run(self) -> None:
        """Go on until the demo ends."""
        self._workers.start()
        came = 0
        while not self._ended.wait(self._rhythm.next_visitor_s(self._chance, came=came)):
            wish = self._rhythm.wish(self._chance)
            if self._menu is None or not self._rhythm.stays(wish, waiting=_waiting(self._menu)):
                continue
            came += 1
            self._workers.hub_link.ask(
                IssueTicket(
                    request_id=new_request_id(SIMULATED_KIOSK),
                    service=wish.service,
                    language=wish.language,
                    priority=wish.priority,
                )
            )
        self._workers.stop()

    def _hear(self, news: News) -> None:
        """Take what the kiosk's workers tell; in their threads."""
        match news:
            case MenuCame(menu=menu):
                self._menu = menu
            case TicketCame(ticket=ticket) if self._menu is not None:
                service = find_service(self._menu, ticket.service)
                if service is not None:
                    self._narrator.ticket(ticket, service, page=self._pages + ticket.page)
                    order = PrintTicket(ticket=ticket, service=service, hall=self._menu.name, again=False)
                    self._workers.print_desk.order(order)


def _waiting(menu: ServicesAnswer) -> dict[str, int]:
    return {service.id: service.waiting for service in menu.services}
