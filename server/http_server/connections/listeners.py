"""The listeners of a server: each with its own people, addresses and encryption, all of one application."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from socket import socket
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from protocol.settings import server_url

NOWHERE = "/not-served-here"
"""An address that no application has."""


@dataclass(frozen=True, kw_only=True)
class Listener:
    """A bound socket and what is served there."""

    socket: socket
    tls: ssl.SSLContext | None = None
    """None: not encrypted."""
    paths: frozenset[str] | None = None
    """First path segments of the addresses that are served; None: all."""

    @property
    def asks_for_certificate(self) -> bool:
        """Whether a client may show a certificate."""
        return self.tls is not None and self.tls.verify_mode is not ssl.CERT_NONE

    @property
    def url(self) -> str:
        """The address of the socket."""
        host, port = self.socket.getsockname()[:2]
        return server_url(host, port, scheme="https" if self.tls else "http")

    def application(self, app: ASGIApp) -> ASGIApp:
        """Return the part of an application that is served here."""
        return app if self.paths is None else _Part(app, self.paths)


class _Part:
    """Answers addresses that another listener serves as if they did not exist."""

    def __init__(self, app: ASGIApp, paths: frozenset[str]) -> None:
        self._app = app
        self._paths = paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            scope.setdefault("state", {})["paths_served"] = self._paths
            if scope["path"].split("/", 2)[1] not in self._paths:
                scope["state"]["path_elsewhere"] = scope["path"]
                scope = {**scope, "path": NOWHERE, "raw_path": NOWHERE.encode()}
        await self._app(scope, receive, send)


def subject_name(certificate: Mapping[str, Any] | None) -> str:
    """Return whom a peer's certificate names, as ``ssl`` returns it; empty without one."""
    subject = [pair for part in (certificate or {}).get("subject", ()) for pair in part]
    return next((value for name, value in subject if name == "commonName"), "")
