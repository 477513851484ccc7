"""A visitor who is on the way here and changes her mind: asked once more, then the place is withdrawn.

Only the page of this site's own ticket does it: a place that is merely held is still the other site's.
"""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from protocol.vocabulary import Text, TicketId, TicketState
from server.domain.model.hall import Hall
from server.domain.model.tickets import Ticket
from server.web.site_service import NotDone, SiteService
from server.web.visitor.plain_page import both, page
from server.web.visitor.referral_blocks import block, key

SURE = Text(zh="要取消这个号码吗？", en="Withdraw this number?")
FOR_GOOD = Text(zh="取消后不能恢复，以后要办请重新取号。", en="It cannot be undone. Later you would take a new number.")
WITHDRAW = Text(zh="取消号码", en="Withdraw it")
KEEP = Text(zh="不取消，我还要去", en="Keep it, I am coming")
NOT_DONE = Text(zh="没有取消", en="Nothing was withdrawn")
BACK = Text(zh="回到我的号码", en="Back to my number")


def on_the_way(hall: Hall, ticket: TicketId) -> Ticket | None:
    """Return the ticket of a visitor who is on the way here, once it is this site's; None for any other."""
    found = hall.tickets.get(ticket)
    return found if found is not None and found.state is TicketState.TRAVELLING and found.confirmed else None


def router(site_of: Callable[[Request], SiteService]) -> APIRouter:
    """Return the routes of the withdrawal; they need no key, for a ticket's address cannot be guessed."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/t/{ticket}/withdraw")
    async def ask(ticket: TicketId, request: Request) -> Response:
        found = on_the_way(site_of(request).hall, ticket)
        return _to_ticket(ticket) if found is None else _question(found)

    @routes.post("/t/{ticket}/withdraw")
    async def withdraw(ticket: TicketId, request: Request) -> Response:
        site = site_of(request)
        found = on_the_way(site.hall, ticket)
        if found is None:
            return _to_ticket(ticket)
        try:
            await site.withdraw(ticket, request_id=f"page:{ticket}")
        except NotDone as refused:
            return _page(found, NOT_DONE, refused.message, key(f"/t/{ticket}", BACK, found.language))
        return _to_ticket(ticket)

    return routes


def _to_ticket(ticket: TicketId) -> Response:
    return RedirectResponse(f"/t/{ticket}", status_code=303, headers={"Cache-Control": "no-store"})


def _question(ticket: Ticket) -> HTMLResponse:
    address, language = f"/t/{escape(ticket.id)}", ticket.language
    button = f'<button type="submit">{both(WITHDRAW, language)}</button>'
    more = f'<form method="post" action="{address}/withdraw">{button}</form>{key(address, KEEP, language)}'
    return _page(ticket, SURE, FOR_GOOD, more)


def _page(ticket: Ticket, title: Text, words: Text, more: str) -> HTMLResponse:
    language = ticket.language
    body = f'<p class="number">{escape(ticket.number)}</p>' + block("passed", title, [words], language, more=more)
    return page(body, title=title.in_language(language), language=language)
