"""Builds the hub's web application."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext

from fastapi import FastAPI

from server.http_server.application import create_application
from server.hub import bootstrap, pages
from server.hub.routes import enrolment_routes, hall_routes, referral_routes, ticket_routes, window_routes
from server.hub.routes.guards import any_device
from server.hub.settings import HubSettings

LARGEST_BODY = 64 * 1024
"""Size limit of a request body, bytes; far above the largest command of a device."""


def create_app(settings: HubSettings, *, with_staff_pages: bool = False) -> FastAPI:
    """Return the application; its lifespan starts and stops the hub.

    Only one application of a process can serve the staff's pages: NiceGUI keeps its state in globals.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.hub = await bootstrap.start_hub(settings)
        try:
            async with pages.staff_pages(app, app.state.hub) if with_staff_pages else nullcontext():
                yield
        finally:
            await bootstrap.stop_hub(app.state.hub)

    app = create_application(
        title="Jiaohao hub",
        description="One site's queue. Every command carries a request_id, which makes its repeats harmless.",
        lifespan=lifespan,
        largest_body=LARGEST_BODY,
        check_key=any_device,
        routers=(
            ticket_routes.router,
            referral_routes.router,
            window_routes.router,
            hall_routes.router,
            enrolment_routes.router,
        ),
    )
    pages.add_ticket_page(app)
    return app
