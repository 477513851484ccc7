"""The hub serves pages beside its own interface: the page behind a ticket's QR, and the staff's pages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request

from server.hub.hub_site import HubSite
from server.hub.running import RunningHub
from server.web import ticket_page, withdrawal_page
from server.web.beside import served_beside
from server.web.served_site import Site

PATHS = frozenset({"clerk", "manager"})


def add_ticket_page(app: FastAPI) -> None:
    """Serve the page behind a ticket's QR, and the withdrawal of a place that is on it."""

    def site_of(request: Request) -> Site:
        hub: RunningHub = request.app.state.hub
        return HubSite(hub)

    for pages in (ticket_page, withdrawal_page):
        app.include_router(pages.router(site_of))


@asynccontextmanager
async def staff_pages(app: FastAPI, hub: RunningHub) -> AsyncIterator[None]:
    """Serve the staff's pages while the block lasts."""

    def load() -> FastAPI:
        application: Any = import_module("server.web.application")
        secret, folder = hub.access.session_secret(), Path(hub.settings.data / "web")
        pages: FastAPI = application.staff_pages(HubSite(hub), secret=secret, folder=folder)
        return pages

    async with served_beside(app, load, paths=PATHS):
        yield
