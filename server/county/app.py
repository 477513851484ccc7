"""Builds the county's web application."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext

from fastapi import FastAPI

from server.county import bootstrap, pages, routes
from server.county.settings import CountySettings
from server.http_server import errors
from server.http_server.body_limit import BodyLimit
from server.runtime.version import VERSION

LARGEST_BODY = 8 * 1024 * 1024
"""Some hundred entries, a site's description among them, stay far below it."""


def create_app(settings: CountySettings, *, with_pages: bool = False) -> FastAPI:
    """Return the application; the county itself starts and stops with it.

    The managers' pages can be served by one application of a process.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.county = await bootstrap.start_county(settings)
        try:
            async with pages.managers_pages(app, app.state.county) if with_pages else nullcontext():
                yield
        finally:
            await bootstrap.stop_county(app.state.county)

    app = FastAPI(
        title="Jiaohao county",
        version=VERSION,
        description="All sites together. Hubs push their journals and ask what they are told of the others.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        openapi_url=None,  # the route that describes the interface wants a key, as all others do
    )
    errors.install(app)
    app.add_middleware(BodyLimit, largest=LARGEST_BODY)
    app.include_router(routes.router)
    return app
