"""The hub serves pages beside its own interface: the page behind a ticket's QR, and the staff's pages."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from starlette.routing import Match, Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from server.hub.hub_site import HubSite
from server.hub.running import RunningHub
from server.web import ticket_page
from server.web.served_site import Site

log = logging.getLogger(__name__)

PATHS = frozenset({"login", "logout", "language", "clerk", "manager", "_nicegui", "_nicegui_ws", "favicon.ico"})
"""First parts of the addresses that belong to the staff's pages; every other stays the hub's own."""


def add_ticket_page(app: FastAPI) -> None:
    """Serve the page behind a ticket's QR."""

    def site_of(request: Request) -> Site:
        hub: RunningHub = request.app.state.hub
        return HubSite(hub)

    app.include_router(ticket_page.router(site_of))


@asynccontextmanager
async def staff_pages(app: FastAPI, hub: RunningHub) -> AsyncIterator[None]:
    """Serve the staff's pages while the block lasts. They are loaded when the hub is already at work."""
    loaded: asyncio.Future[ASGIApp] = asyncio.get_running_loop().create_future()
    closing = asyncio.Event()
    task = asyncio.create_task(_serve(hub, loaded, closing), name="staff pages")
    app.router.routes.append(_StaffPages(loaded))
    try:
        yield
    finally:
        closing.set()
        await task


class _StaffPages(Mount):
    """Takes only the staff's addresses, so that the hub's own 404 and 405 stay what they are."""

    def __init__(self, loaded: asyncio.Future[ASGIApp]) -> None:
        async def forward(scope: Scope, receive: Receive, send: Send) -> None:
            await (await asyncio.shield(loaded))(scope, receive, send)

        super().__init__("", app=forward)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match by the first part of the path."""
        if scope["path"].split("/", 2)[1:2] and scope["path"].split("/", 2)[1] in PATHS:
            return super().matches(scope)
        return Match.NONE, {}


async def _serve(hub: RunningHub, loaded: asyncio.Future[ASGIApp], closing: asyncio.Event) -> None:
    """Load the pages off the event loop, then keep them alive until the hub stops."""
    try:
        application: Any = await asyncio.to_thread(import_module, "server.web.application")
        secret, folder = hub.access.session_secret(), hub.settings.data / "web"
        pages: FastAPI = application.staff_pages(HubSite(hub), secret=secret, folder=Path(folder))
    except Exception as error:
        log.exception("the staff's pages cannot be served")
        loaded.set_exception(error)
        return
    async with pages.router.lifespan_context(pages):
        loaded.set_result(pages)
        await closing.wait()
