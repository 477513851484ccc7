"""Mounts the staff's pages into a server's application: they are loaded while the server already works."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.routing import Match, Mount
from starlette.types import ASGIApp, Receive, Scope, Send

log = logging.getLogger(__name__)

SHARED_PATHS = frozenset({"login", "logout", "language", "_nicegui", "_nicegui_ws", "favicon.ico"})
"""First path segments of the addresses that all staff's pages have."""


@asynccontextmanager
async def mount_lazily(app: FastAPI, load: Callable[[], FastAPI], *, paths: frozenset[str]) -> AsyncIterator[None]:
    """Serve the pages that ``load`` returns while the block lasts; it may take long, and runs on a thread of its own.

    ``paths`` are the first path segments of the pages' own addresses; every other address stays the server's own.
    """
    loaded: asyncio.Future[ASGIApp] = asyncio.get_running_loop().create_future()
    closing = asyncio.Event()
    task = asyncio.create_task(_serve(load, loaded, closing), name="staff pages")
    app.router.routes.append(_StaffPages(loaded, SHARED_PATHS | paths))
    try:
        yield
    finally:
        closing.set()
        await task


class _StaffPages(Mount):
    """Matches only the staff's addresses, so that the server's own 404 and 405 stay what they are."""

    def __init__(self, loaded: asyncio.Future[ASGIApp], paths: frozenset[str]) -> None:
        self._paths = paths

        async def forward(scope: Scope, receive: Receive, send: Send) -> None:
            await (await asyncio.shield(loaded))(scope, receive, send)

        super().__init__("", app=forward)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match by the first segment of the path."""
        first = scope["path"].partition("/")[2].split("/", 1)[0]
        return super().matches(scope) if first in self._paths else (Match.NONE, {})


async def _serve(load: Callable[[], FastAPI], loaded: asyncio.Future[ASGIApp], closing: asyncio.Event) -> None:
    """Load the pages off the event loop, then keep them alive until the server stops; without them it goes on."""
    try:
        pages = await asyncio.to_thread(load)
        async with pages.router.lifespan_context(pages):
            loaded.set_result(pages)
            await closing.wait()
    except Exception as error:
        log.exception("the staff's pages cannot be served")
        if not loaded.done():
            loaded.set_exception(error)
