"""Simulated visitors at a kiosk without a screen: real requests to the hub, real paper from a simulated printer.

Who is offered another site may go there: see ``demo.people.travellers``.
"""

from __future__ import annotations

import random
import threading

from demo.narration import Narrator
from demo.people.rhythm import Rhythm, VisitPlan
from demo.people.travellers import SendOff
from demo.setup.settings_files import simulated_kiosk_settings
from demo.setup.site_setup import SIMULATED_KIOSK, SiteSetup
from kiosk.effects import PrintReferral, PrintTicket
from kiosk.events import MenuCame, News, PlaceCame, RequestRefused, RequestUnanswered, TicketCame
from kiosk.issued import Sent
from kiosk.menu import find_service
from kiosk.workers import Workers
from protocol.answers import Offer, ServicesAnswer
from protocol.hub_client import HubClient, HubError, new_request_id
from protocol.requests import AcceptOffer, IssueTicket, RequestOffer


class Visitors(threading.Thread):
    """The stream of visitors, until ``ended``. Prints on the printer at ``printer_port``."""

    def __init__(
        self,
        stage: SiteSetup,
        *,
        printer_port: int,
        rhythm: Rhythm,
        send_off: SendOff,
        narrator: Narrator,
        ended: threading.Event,
    ) -> None:
        super().__init__(name=f"visitors of {stage.site}", daemon=True)
        self._workers = Workers(simulated_kiosk_settings(stage, printer_port=printer_port), tell=self._hear)
        self._hub = HubClient(stage.hub_address(SIMULATED_KIOSK))
        self._pages = stage.url
        self._rhythm = rhythm
        self._send_off = send_off
        self._narrator = narrator
        self._ended = ended
        self._chance: random.Random = rhythm.person("visitors")
        self._menu: ServicesAnswer | None = None
        self._on_the_point: dict[str, VisitPlan] = {}
        """What those came for who accepted an offer, by request, until the other site holds a place."""

    def run(self) -> None:
        """Go on until the demo ends."""
        self._workers.start()
        came = 0
        while not self._ended.wait(self._rhythm.next_visitor_s(self._chance, came=came)):
            wish = self._rhythm.wish(self._chance)
            if self._menu is None or not self._rhythm.stays(wish, waiting=_waiting(self._menu)):
                continue
            came += 1
            offer = self._offer(wish) if self._menu.county else None
            if offer is not None and self._rhythm.goes(self._chance):
                self._go_there(wish, offer)
            else:
                self._take_number(wish, declined=offer)
        self._workers.stop()

    def _offer(self, wish: VisitPlan) -> Offer | None:
        """Ask whether it is sooner elsewhere; a hub that does not answer offers nothing."""
        asked = RequestOffer(
            request_id=new_request_id(SIMULATED_KIOSK),
            service=wish.service,
            language=wish.language,
            priority=wish.priority,
        )
        try:
            return self._hub.offer(asked).offer
        except HubError:
            return None

    def _take_number(self, wish: VisitPlan, *, declined: Offer | None = None) -> None:
        self._workers.hub_link.ask(
            IssueTicket(
                request_id=new_request_id(SIMULATED_KIOSK),
                service=wish.service,
                language=wish.language,
                priority=wish.priority,
                offer=declined.id if declined else None,
            )
        )

    def _go_there(self, wish: VisitPlan, offer: Offer) -> None:
        accepted = AcceptOffer(request_id=new_request_id(SIMULATED_KIOSK), offer=offer.id, language=wish.language)
        self._on_the_point[accepted.request_id] = wish
        self._workers.hub_link.ask(accepted)

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
            case PlaceCame(request_id=request_id, referral=referral) if self._menu is not None:
                wish = self._on_the_point.pop(request_id)
                service = find_service(self._menu, referral.service)
                if service is not None:
                    sent = Sent(referral=referral, service=service, language=wish.language)
                    self._workers.print_desk.order(PrintReferral(sent=sent, again=False))
                self._send_off(referral.number)
            case RequestRefused(request_id=request_id) | RequestUnanswered(request_id=request_id):
                if request_id in self._on_the_point:
                    self._take_number(self._on_the_point.pop(request_id))


def _waiting(menu: ServicesAnswer) -> dict[str, int]:
    return {service.id: service.waiting for service in menu.services}
