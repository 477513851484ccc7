"""Pages mounted into a server's application: when they cannot be served, the server logs it and goes on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx
import pytest
from fastapi import FastAPI

from server.http_server import errors
from server.web.staff.lazy_mount import mount_lazily


def server() -> FastAPI:
    app = FastAPI()
    errors.install(app)

    @app.get("/healthz")
    async def health() -> str:
        return "ok"

    return app


def broken(*, when: str) -> Callable[[], FastAPI]:
    """Return a load of pages that fails then: while they load, as they start, or as they stop."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        if when == "start":
            raise OSError(when)
        yield
        if when == "stop":
            raise OSError(when)

    def load() -> FastAPI:
        if when == "load":
            raise OSError(when)
        pages = FastAPI(lifespan=lifespan)

        @pages.get("/login")
        async def login() -> str:
            return "come in"

        return pages

    return load


async def answers(load: Callable[[], FastAPI]) -> tuple[int, int]:
    """Return how a server answers for its pages and for itself while they are served, and end it."""
    app = server()
    async with mount_lazily(app, load, paths=frozenset()):
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://server") as visitor, asyncio.timeout(30):
            return (await visitor.get("/login")).status_code, (await visitor.get("/healthz")).status_code


@pytest.mark.parametrize(("when", "status"), [("load", 500), ("start", 500), ("stop", 200)])
def test_pages_that_fail_keep_nobody_waiting_and_the_server_at_work(
    when: str, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    assert asyncio.run(answers(broken(when=when))) == (status, 200)
    assert "the staff's pages cannot be served" in caplog.text
