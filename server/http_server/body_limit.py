"""Refuses too large request bodies before they are read into memory."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_WITHOUT_KEY = 64 * 1024
"""Size limit of the body of a request without a valid key, bytes."""


class BodyLimit:
    """Lets no request under ``/v1/`` carry more than ``largest`` bytes, and much only with a key.

    ``check_key`` raises what a request without a valid key is answered with.
    """

    def __init__(self, app: ASGIApp, *, largest: int, check_key: Callable[[Request], Awaitable[object]]) -> None:
        self._app = app
        self._largest = largest
        self._check_key = check_key

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and count the bytes of its body."""
        if scope["type"] == "http" and scope["path"].startswith("/v1/"):
            receive = self._counted(receive, scope)
        await self._app(scope, receive, send)

    def _counted(self, receive: Receive, scope: Scope) -> Receive:
        """Count the received bytes: a body may be longer than announced, or come without a length."""
        total, allowed = 0, min(self._largest, LARGEST_WITHOUT_KEY)

        async def counted() -> Message:
            nonlocal total, allowed
            if total == 0:
                allowed = await self._allowed(scope, _announced(scope), allowed)
            message = await receive()
            total += len(message.get("body", b""))
            allowed = await self._allowed(scope, total, allowed)
            return message

        return counted

    async def _allowed(self, scope: Scope, size: int, allowed: int) -> int:
        """Return the limit for a request of this size. Raises HTTPException 413, or what ``check_key`` raises."""
        if size <= allowed:
            return allowed
        if size > self._largest:
            raise HTTPException(413, detail=str(self._largest))
        await self._check_key(Request(scope))
        return self._largest


def _announced(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0
