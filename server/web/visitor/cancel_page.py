"""The pages on which a visitor who is on the way here cancels the ticket, after one question.

Only the site that owns the ticket offers this: a place that is merely reserved still belongs to the other site.
"""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from protocol.vocabulary import Text, TicketId, TicketState
from server.domain.model.hall import Hall
from server.domain.model.tickets import Ticket
from server.web.site_service import NotDone, SiteService
from server.web.visitor import visitor_text as text
from server.web.visitor.plain_page import page
from server.web.visitor.state_box import StateBox
from server.web.visitor.ticket_page import redirect_to_ticket


def cancellable_ticket(hall: Hall, ticket: TicketId) -> Ticket | None:
    """Return the ticket of a visitor who is on the way here, once this site owns it; None for any other."""
    found = hall.tickets.get(ticket)
    return found if found is not None and found.state is TicketState.TRAVELLING and found.confirmed else None


def router(site_of: Callable[[Request], SiteService]) -> APIRouter:
    """Return the routes of the cancellation; they need no key, for a ticket's address cannot be guessed."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/t/{ticket}/cancel")
    async def confirm(ticket: TicketId, request: Request) -> Response:
        found = cancellable_ticket(site_of(request).hall, ticket)
        return redirect_to_ticket(ticket) if found is None else _question_page(found)

    @routes.post("/t/{ticket}/cancel")
    async def cancel(ticket: TicketId, request: Request) -> Response:
        site = site_of(request)
        found = cancellable_ticket(site.hall, ticket)
        if found is None:
            return redirect_to_ticket(ticket)
        try:
            await site.cancel_own(ticket, request_id=f"page:{ticket}")
        except NotDone as refused:
            return _refusal_page(found, refused.message)
        return redirect_to_ticket(ticket)

    return routes


def _question_page(ticket: Ticket) -> HTMLResponse:
    box = StateBox(kind="passed", title=text.CANCEL_QUESTION, lines=(text.CANCEL_IS_FINAL,))
    return _page(ticket, box, confirm=text.CANCEL, back=text.KEEP)


def _refusal_page(ticket: Ticket, reason: Text) -> HTMLResponse:
    box = StateBox(kind="passed", title=text.NOT_CANCELLED, lines=(reason,))
    return _page(ticket, box, confirm=None, back=text.BACK)


def _page(ticket: Ticket, box: StateBox, *, confirm: Text | None, back: Text) -> HTMLResponse:
    return page(
        "visitor/cancel.html",
        title=box.title.in_language(ticket.language),
        language=ticket.language,
        number=ticket.number,
        box=box,
        address=f"/t/{ticket.id}",
        confirm=confirm,
        back=back,
    )
