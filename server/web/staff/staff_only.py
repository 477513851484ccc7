"""Keeps everybody without a session of the staff away from what costs memory: NiceGUI's pages, files and WebSockets."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from server.auth import session
from server.auth.login_service import Role

OPEN_TO_ALL = frozenset({"login", "logout", "language", "favicon.ico"})
"""First path segments of what is there without a login."""


class StaffOnly:
    """Lets requests with a role in their session through; pages check themselves whether the role is still valid.

    ``homes`` are the pages of each role, whose addresses lead to the login instead.
    """

    def __init__(self, app: ASGIApp, *, homes: Mapping[Role, str]) -> None:
        self._app = app
        self._homes = homes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] == "lifespan" or _first_segment(scope) in OPEN_TO_ALL:
            await self._app(scope, receive, send)
        elif scope["session"].get("role") in session.ROLES:
            _note_known(scope)
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await WebSocketClose()(scope, receive, send)
        else:
            await self._refusal(scope)(scope, receive, send)

    def _refusal(self, scope: Scope) -> Response:
        for role, home in self._homes.items():
            if home == f"/{_first_segment(scope)}":
                return RedirectResponse(f"/login?role={role}", status_code=303)
        return Response(status_code=403)


def _first_segment(scope: Scope) -> str:
    segment: str = scope["path"].partition("/")[2].split("/", 1)[0]
    return segment


def _note_known(scope: Scope) -> None:
    """Keep the connection when others are closed for lack of room."""
    trust = scope.get("state", {}).get("peer_trust")
    if trust is not None:
        trust.note_known()
