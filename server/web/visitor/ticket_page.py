"""The page behind a ticket's QR code: a visitor's phone shows the number, who is ahead, and the window when called."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from protocol.answers import Offer, ReferralAnswer, TicketAnswer
from protocol.county import VisitElsewhere
from protocol.text.dates import clock_with_seconds
from protocol.vocabulary import Language, Text, TicketId, TicketState
from server.domain.model.hall import Hall
from server.domain.model.tickets import ENDED
from server.domain.views import referral_views
from server.web.site_service import NotDone, SiteService
from server.web.visitor import visitor_text as text
from server.web.visitor.plain_page import page, read_form
from server.web.visitor.referral_view_model import offer_box, referred_box, visit_box
from server.web.visitor.state_box import StateBox
from server.web.visitor.ticket_view_model import materials_of, service_name, ticket_box

REFRESH_S = 10
"""Interval after which the page of an open ticket reloads itself, seconds."""
LONGEST_ID = 40
"""Maximum length of a ticket id in a query, characters."""


def router(site_of: Callable[[Request], SiteService]) -> APIRouter:
    """Return the routes of ticket pages; they need no key, for a ticket's address cannot be guessed."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/t/{ticket}")
    async def show(ticket: TicketId, request: Request) -> HTMLResponse:
        site = site_of(request)
        found = await _ticket(site, ticket)
        if found is None:
            referred = referral_views.referral_of_place(site.hall, ticket)
            return unknown() if referred is None else _place_page(site, referred)
        if found.referred is not None:
            return _place_page(site, found.referred)
        offered = await site.offer_while_waiting(ticket) if found.state is TicketState.WAITING else None
        return ticket_page(found, hall=site.hall, at=site.now().at, offered=offered)

    @routes.post("/t/{ticket}/accept-offer")
    async def accept_offer(ticket: TicketId, request: Request) -> Response:
        site = site_of(request)
        offer = (await read_form(request)).get("offer", "")
        made = site.hall.offers.get(offer)
        if made is None or made.fact.ticket != ticket:
            return await _not_accepted(site, ticket, text.OFFER_GONE)
        try:
            await site.accept_offer(offer, request_id=f"page:{offer}")
        except NotDone as refused:
            return await _not_accepted(site, ticket, refused.message)
        return redirect_to_ticket(ticket)

    return routes


def _place_page(site: SiteService, referred: ReferralAnswer) -> HTMLResponse:
    visit = site.visit_elsewhere(referred.ticket)
    return place_page(referred, hall=site.hall, at=site.now().at, visit=visit)


async def _ticket(site: SiteService, ticket: TicketId) -> TicketAnswer | None:
    return await site.ticket(ticket) if len(ticket) <= LONGEST_ID else None


async def _not_accepted(site: SiteService, ticket: TicketId, reason: Text) -> Response:
    """Show why an offer was not accepted. A visitor who no longer waits is shown the ticket's new state instead."""
    found = await _ticket(site, ticket)
    if found is not None and found.state is TicketState.WAITING:
        return unchanged_page(ticket, reason, language=found.language)
    return redirect_to_ticket(ticket)


def redirect_to_ticket(ticket: TicketId) -> RedirectResponse:
    """Return the redirect to a ticket's page, after a form was posted."""
    return RedirectResponse(_address(ticket), status_code=303, headers={"Cache-Control": "no-store"})


def _address(ticket: TicketId) -> str:
    return f"/t/{quote(ticket, safe='')}"


def unchanged_page(ticket: TicketId, reason: Text, *, language: Language) -> HTMLResponse:
    """Return a page that shows why nothing has changed, and goes back to the ticket's page by itself."""
    return page(
        "visitor/unchanged.html",
        title=text.UNCHANGED.in_language(language),
        language=language,
        refresh_s=REFRESH_S,
        next_address=_address(ticket),
        box=StateBox(kind="passed", title=text.UNCHANGED, lines=(reason,)),
        back=text.BACK,
    )


def unknown() -> HTMLResponse:
    """Return the page of an address that no ticket has."""
    return page(
        "visitor/message.html",
        title=text.NO_TICKET.zh,
        language=Language.ZH,
        status=404,
        heading=text.NO_TICKET,
        text=text.SCAN_AGAIN,
        again=None,
    )


def place_page(
    referred: ReferralAnswer, *, hall: Hall, at: datetime, visit: VisitElsewhere | None = None
) -> HTMLResponse:
    """Return the page of a place at another site, at the hall that the visitor came from.

    ``visit`` is the visitor's state there once checked in. The page loads itself again until the time to check in is
    over, or the visit.
    """
    kept = at < referred.kept_until
    is_open = kept if visit is None else visit.state is not None
    return page(
        "visitor/ticket.html",
        page_there=text.PAGE_THERE,
        title=referred.number,
        language=referred.language,
        refresh_s=REFRESH_S if is_open else None,
        site=referred.site.name,
        number=referred.number,
        service=service_name(hall, referred.service),
        box=referred_box(referred, kept=kept) if visit is None else visit_box(referred, visit),
        bring=text.BRING,
        materials=materials_of(hall, referred.service) if kept and visit is None else (),
        offer=None,
        refreshed=_refreshed(hall, at) if is_open else None,
    )


def ticket_page(shown: TicketAnswer, *, hall: Hall, at: datetime, offered: Offer | None = None) -> HTMLResponse:
    """Return the page of a ticket in its present state; it loads itself again until the ticket has ended.

    ``offered`` is the other site that is shown to a waiting visitor.
    """
    service = service_name(hall, shown.service)
    is_open = (shown.state not in ENDED or shown.assumed) and shown.business_day == hall.day
    return page(
        "visitor/ticket.html",
        page_there=text.PAGE_THERE,
        title=f"{shown.number} {service.in_language(shown.language)}",
        language=shown.language,
        refresh_s=REFRESH_S if is_open else None,
        site=hall.site.catalogue.name,
        number=shown.number,
        service=service,
        box=ticket_box(shown, hall, is_open=is_open),
        bring=text.BRING,
        materials=materials_of(hall, shown.service) if is_open and shown.state is TicketState.WAITING else (),
        offer=offer_box(offered, ticket=shown.id) if offered else None,
        refreshed=_refreshed(hall, at) if is_open else None,
    )


def _refreshed(hall: Hall, at: datetime) -> Text:
    return text.refreshed(clock_with_seconds(at, hall.site.catalogue.time_zone), REFRESH_S)
