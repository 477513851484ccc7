"""HTTP answers that are there whole, within their time and of a decent size, or count as not heard.

A socket's time-out is one for each piece: whoever sends a byte a second never runs into it. Here every byte of an
answer, its head too, is read against one point in time.
"""

from __future__ import annotations

import http.client
import io
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

LARGEST = 16 * 1024 * 1024
"""Bytes of the longest answer: many times what hub and county say at once."""
PIECE = 64 * 1024
KEPT_OPEN_S = 5
"""How long hub and county keep a connection on which nothing is asked."""
LEFT_AFTER_S = 2.0
"""Whoever asks leaves it sooner: a question into a connection that is just being closed has no answer."""


class NoHttpAnswer(OSError):
    """No connection, no whole answer in time, or one without end."""


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """An answer as it came."""

    status: int
    body: bytes


class HttpConnections:
    """Connections to one server, kept open. Safe to use from several threads; never repeats by itself."""

    def __init__(self, *, at_once: int, headers: Mapping[str, str], ca: str | None = None) -> None:
        self._headers = headers
        self._pools = urllib3.PoolManager(retries=False, maxsize=at_once, cert_reqs="CERT_REQUIRED", ca_certs=ca)
        self._pools.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}

    def ask(self, method: str, url: str, *, body: bytes | None, within_s: float) -> HttpAnswer:
        """Return the whole answer, heard within ``within_s`` from now, connecting included. Raises NotHeard."""
        limit = urllib3.Timeout(total=within_s)
        try:
            response = self._pools.request(
                method, url, body=body, headers=self._headers, timeout=limit, preload_content=False
            )
            return HttpAnswer(status=response.status, body=_whole(response))
        except NoHttpAnswer:
            raise
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise NoHttpAnswer(str(error)) from error

    def close(self) -> None:
        """Close the connections that nobody uses."""
        self._pools.clear()


def _whole(response: urllib3.BaseHTTPResponse) -> bytes:
    body = bytearray()
    while piece := response.read(PIECE, decode_content=False):
        body += piece
        if len(body) > LARGEST:
            response.close()
            raise NoHttpAnswer(f"the answer is longer than {LARGEST} bytes")
    return bytes(body)


class _Until(io.RawIOBase):
    """What a socket receives until a point in time: that of the time-out which the socket has now."""

    def __init__(self, received: io.RawIOBase, sock: socket.socket) -> None:
        self._received = received
        self._sock = sock
        self._until = time.monotonic() + (sock.gettimeout() or 0.0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:  # noqa: ANN401 - a writable buffer
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        self._sock.settimeout(left)
        return self._received.readinto(buffer)

    def close(self) -> None:
        self._received.close()
        super().close()


class _Response(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - http.client's
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(_Until(self.fp.detach(), sock))


class _Connection(HTTPConnection):
    response_class = _Response
    _answered = 0.0

    def getresponse(self) -> urllib3.HTTPResponse:  # type: ignore[override] # as urllib3 has it
        response = super().getresponse()
        self._answered = time.monotonic()
        return response

    @property
    def is_connected(self) -> bool:
        return super().is_connected and time.monotonic() - self._answered < LEFT_AFTER_S


class _SecureConnection(_Connection, HTTPSConnection):
    pass


class _Pool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _SecureConnection
