"""Builds the hub's web application."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext

from fastapi import FastAPI

from server.http_server import errors
from server.http_server.body_limit import BodyLimit
from server.hub import bootstrap, pages
from server.hub.routes import hall_routes, referral_routes, ticket_routes, window_routes
from server.hub.settings import HubSettings
from server.runtime.version import VERSION

LARGEST_BODY = 64 * 1024
"""No command of a device comes near it."""


def create_app(settings: HubSettings, *, with_staff_pages: bool = False) -> FastAPI:
    """Return the application; the hub itself starts and stops with it.

    The staff's pages can be served by one application of a process.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.hub = await bootstrap.start_hub(settings)
        try:
            async with pages.staff_pages(app, app.state.hub) if with_staff_pages else nullcontext():
                yield
        finally:
            await bootstrap.stop_hub(app.state.hub)

    app = FastAPI(
        title="Jiaohao hub",
        version=VERSION,
        description="One site's queue. Every command carries a request_id, which makes its repeats harmless.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        openapi_url=None,  # the route that describes the interface wants a key, as all others do
    )
    errors.install(app)
    app.add_middleware(BodyLimit, largest=LARGEST_BODY)
    for router in (ticket_routes.router, referral_routes.router, window_routes.router, hall_routes.router):
        app.include_router(router)
    pages.add_ticket_page(app)
    return app
