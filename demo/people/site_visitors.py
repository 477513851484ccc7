"""Simulated visitors at a kiosk without a screen: real requests to the hub, real paper from a simulated printer.

A visitor who accepts an offer of another site becomes a traveller (``demo.people.travellers``).
"""

from __future__ import annotations

import random
import threading

from demo.narration import Narrator
from demo.people.rhythm import Rhythm, VisitPlan
from demo.people.travellers import Departures
from demo.setup.settings_files import simulated_kiosk_settings
from demo.setup.site_setup import SIMULATED_KIOSK, SiteSetup
from kiosk.state.events import MenuReceived, News, ReferralReceived, RequestRefused, RequestUnanswered, TicketReceived
from kiosk.state.kiosk_state import printout_of
from kiosk.state.menu import find_service
from kiosk.workers.kiosk_workers import KioskWorkers
from protocol.answers import Offer, ReferralAnswer, ServiceAnswer, ServicesAnswer, TicketAnswer
from protocol.clients.hub_client import HubClient, HubError, new_request_id
from protocol.requests import AcceptOffer, IssueTicket, RequestOffer
from protocol.vocabulary import Language


class Visitors(threading.Thread):
    """The arrivals of one site, until ``ended``; tickets are printed on the printer at ``printer_port``."""

    def __init__(
        self,
        setup: SiteSetup,
        *,
        printer_port: int,
        rhythm: Rhythm,
        departures: Departures,
        narrator: Narrator,
        ended: threading.Event,
    ) -> None:
        super().__init__(name=f"visitors of {setup.site}", daemon=True)
        self._workers = KioskWorkers(simulated_kiosk_settings(setup, printer_port=printer_port), report=self._on_news)
        self._hub = HubClient(setup.hub_address(SIMULATED_KIOSK))
        self._pages = setup.url
        self._rhythm = rhythm
        self._departures = departures
        self._narrator = narrator
        self._ended = ended
        self._rng: random.Random = rhythm.random_source("visitors")
        self._menu: ServicesAnswer | None = None
        self._pending_plans: dict[str, VisitPlan] = {}
        """Visits whose offer was accepted, by request id, until the other site has reserved a place or refused."""

    def run(self) -> None:
        """Let visitors arrive until the demo ends."""
        self._workers.start()
        came = 0
        while not self._ended.wait(self._rhythm.next_visitor_s(self._rng, came=came)):
            plan = self._rhythm.visit_plan(self._rng)
            if self._menu is None or not self._rhythm.stays(plan, waiting=_waiting(self._menu)):
                continue
            came += 1
            offer = self._offer(plan) if self._menu.county else None
            if offer is not None and self._rhythm.accepts_offer(self._rng):
                self._accept_offer(plan, offer)
            else:
                self._issue(plan, declined=offer)
        self._workers.stop()

    def _offer(self, plan: VisitPlan) -> Offer | None:
        """Request an offer; None when there is none or the hub does not answer."""
        request = RequestOffer(
            request_id=new_request_id(SIMULATED_KIOSK),
            service=plan.service,
            language=plan.language,
            priority=plan.priority,
        )
        try:
            return self._hub.offer(request).offer
        except HubError:
            return None

    def _issue(self, plan: VisitPlan, *, declined: Offer | None = None) -> None:
        self._workers.hub_link.submit(
            IssueTicket(
                request_id=new_request_id(SIMULATED_KIOSK),
                service=plan.service,
                language=plan.language,
                priority=plan.priority,
                offer=declined.id if declined else None,
            )
        )

    def _accept_offer(self, plan: VisitPlan, offer: Offer) -> None:
        accepted = AcceptOffer(request_id=new_request_id(SIMULATED_KIOSK), offer=offer.id, language=plan.language)
        self._pending_plans[accepted.request_id] = plan
        self._workers.hub_link.submit(accepted)

    def _on_news(self, news: News) -> None:
        """Handle news of the kiosk's workers; called in their threads."""
        match news:
            case MenuReceived(menu=menu):
                self._menu = menu
            case TicketReceived(ticket=ticket) if self._menu is not None:
                service = find_service(self._menu, ticket.service)
                if service is not None:
                    self._narrator.ticket(ticket, service, page=self._pages + ticket.page)
                    self._print(ticket, service, language=ticket.language)
            case ReferralReceived(request_id=request_id, referral=referral) if self._menu is not None:
                plan = self._pending_plans.pop(request_id)
                service = find_service(self._menu, referral.service)
                if service is not None:
                    self._print(referral, service, language=plan.language)
                self._departures(referral.number)
            case RequestRefused(request_id=request_id) | RequestUnanswered(request_id=request_id):
                if request_id in self._pending_plans:
                    self._issue(self._pending_plans.pop(request_id))

    def _print(self, answer: TicketAnswer | ReferralAnswer, service: ServiceAnswer, *, language: Language) -> None:
        if self._menu is not None:
            printout = printout_of(answer, service, menu=self._menu, language=language)
            self._workers.print_queue.enqueue(printout)


def _waiting(menu: ServicesAnswer) -> dict[str, int]:
    return {service.id: service.waiting for service in menu.services}
