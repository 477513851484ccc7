"""Serves pages next to the hub's own interface: the page behind a ticket's QR, and the staff's pages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request

from server.hub.bootstrap import HubServices
from server.hub.hub_site_service import HubSiteService
from server.hub.listening.hub_listeners import STAFF_PAGES
from server.web import error_page
from server.web.site_service import SiteService
from server.web.staff.lazy_mount import mount_lazily
from server.web.visitor import cancel_page, ticket_page


def add_ticket_page(app: FastAPI) -> None:
    """Serve the page behind a ticket's QR, the pages that cancel a ticket, and that of errors."""
    error_page.add(app)

    def site_of(request: Request) -> SiteService:
        hub: HubServices = request.app.state.hub
        return HubSiteService(hub)

    for pages in (ticket_page, cancel_page):
        app.include_router(pages.router(site_of))


@asynccontextmanager
async def staff_pages(app: FastAPI, hub: HubServices) -> AsyncIterator[None]:
    """Serve the staff's pages while the block lasts."""

    def load() -> FastAPI:
        application: Any = import_module("server.web.staff.nicegui_app")
        secret, folder = hub.access.session_secret(), Path(hub.settings.data / "web")
        pages: FastAPI = application.staff_pages(HubSiteService(hub), secret=secret, folder=folder)
        return pages

    async with mount_lazily(app, load, paths=STAFF_PAGES):
        yield
