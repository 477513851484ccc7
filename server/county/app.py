"""Builds the county's web application."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext

from fastapi import FastAPI

from server.county import bootstrap, joining_routes, pages, routes
from server.county.settings import CountySettings
from server.http_server.application import create_application

LARGEST_BODY = 8 * 1024 * 1024
"""Size limit of a request body, bytes; far above a push of some hundred entries with a site's catalogue."""


def create_app(settings: CountySettings, *, with_pages: bool = False) -> FastAPI:
    """Return the application; its lifespan starts and stops the county.

    Only one application of a process can serve the managers' pages: NiceGUI keeps its state in globals.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.county = await bootstrap.start_county(settings)
        try:
            async with pages.managers_pages(app, app.state.county) if with_pages else nullcontext():
                yield
        finally:
            await bootstrap.stop_county(app.state.county)

    return create_application(
        title="Jiaohao county",
        description="All sites together. Hubs push their journals and poll their view of the others.",
        lifespan=lifespan,
        largest_body=LARGEST_BODY,
        check_key=routes.key_owner,
        routers=(routes.router, joining_routes.router),
    )
