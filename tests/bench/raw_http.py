"""The cheapest HTTP client of a hub: one kept-alive connection, each request sent in one piece."""

from __future__ import annotations

import json
import secrets
import socket
import time
from typing import Any

IDLE_S = 3.0
"""Idle time after which the server may close a connection (uvicorn: 5 s), so that it is made anew, seconds."""


class RawHttp:
    """Sends requests on one connection; ``request`` returns the answer with the seconds it took."""

    def __init__(self, port: int, *, key: str = "none") -> None:
        self._port = port
        self._head = f"Host: 127.0.0.1:{port}\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\n"
        self._socket: socket.socket | None = None
        self._used = 0.0

    def request(self, path: str, **fields: Any) -> tuple[dict[str, Any], float]:
        """Send a new command; anything but 200 is an error."""
        body = json.dumps({"request_id": secrets.token_hex(12), **fields}).encode()
        request = f"POST {path} HTTP/1.1\r\n{self._head}Content-Length: {len(body)}\r\n\r\n".encode() + body
        connection = self._connected()
        began = time.perf_counter()
        connection.sendall(request)
        status, answer = _read(connection)
        self._used = time.perf_counter()
        if status != 200:
            raise AssertionError(f"{path}: {status} {answer.decode()}")
        return json.loads(answer), self._used - began

    def _connected(self) -> socket.socket:
        if self._socket is not None and time.perf_counter() - self._used < IDLE_S:
            return self._socket
        self.close()
        self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self._socket

    def close(self) -> None:
        """Close the connection."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def _read(connection: socket.socket) -> tuple[int, bytes]:
    """Return status and body of one answer with a Content-Length."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += _some(connection)
    head, _, body = received.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    fields = dict(line.lower().split(": ", 1) for line in lines[1:])
    while len(body) < int(fields["content-length"]):
        body += _some(connection)
    return int(lines[0].split()[1]), body


def _some(connection: socket.socket) -> bytes:
    received = connection.recv(65536)
    if not received:
        raise ConnectionError("the server closed the connection")
    return received
