"""The control of ``floods``: a hub on uvicorn's own protocols, without the bounds."""

from __future__ import annotations

import sys
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from server.http_server import uvicorn_server
from server.hub.main import main


def _http(*, table: object, listener: object, largest_body: int, **named: Any) -> HttpToolsProtocol:  # noqa: ARG001
    return HttpToolsProtocol(**named)


def _websocket(*, table: object, **named: Any) -> WebSocketsSansIOProtocol:  # noqa: ARG001
    return WebSocketsSansIOProtocol(**named)


if __name__ == "__main__":
    uvicorn_server.BoundedHttp = _http  # type: ignore[assignment,misc]
    uvicorn_server.BoundedWebSocket = _websocket  # type: ignore[assignment,misc]
    sys.exit(main())
