"""Builds a FastAPI application of ours: errors in one form, bodies limited, the interface described behind a key."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager

from fastapi import APIRouter, FastAPI, Request

from server.http_server import errors
from server.http_server.body_limit import BodyLimit
from server.runtime.version import VERSION


def create_application(
    *,
    title: str,
    description: str,
    lifespan: Callable[[FastAPI], AbstractAsyncContextManager[None]],
    largest_body: int,
    check_key: Callable[[Request], Awaitable[object]],
    routers: Iterable[APIRouter],
) -> FastAPI:
    """Return an application; ``lifespan`` starts and stops what its routes need, ``largest_body`` is in bytes.

    ``check_key`` raises what a large request without a valid key is answered with.
    """
    app = FastAPI(
        title=title,
        version=VERSION,
        description=description,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        openapi_url=None,  # the route that describes the interface wants a key, as all others do
    )
    errors.install(app)
    app.add_middleware(BodyLimit, largest=largest_body, check_key=check_key)
    for router in routers:
        app.router.routes.extend(router.routes)  # include_router() would match each request against routers first
    return app
