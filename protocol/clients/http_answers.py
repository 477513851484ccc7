"""HTTP answers that are complete within a total deadline and a size limit, or count as no answer.

A socket's time-out holds for each piece: a server that sends a byte a second never runs into it. Here every byte of an
answer, its head included, is read against one deadline.
"""

from __future__ import annotations

import http.client
import io
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

MAX_ANSWER_BYTES = 16 * 1024 * 1024
"""Length limit of an answer, bytes: many times what hub and county exchange at once."""
CHUNK_BYTES = 64 * 1024
KEEP_ALIVE_S = 5
"""Time for which hub and county, as servers, keep an idle connection open, seconds."""
REUSE_WITHIN_S = 2.0
"""Idle time after which a client opens a new connection, seconds: shorter than ``KEEP_ALIVE_S``, because a request into
a connection that the server is just closing has no answer."""


class NoHttpAnswer(OSError):
    """No connection, no whole answer in time, or one beyond the size limit."""


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """The status and the body of a complete answer."""

    status: int
    body: bytes
    date: str | None = None
    """The server's time when it answered, as HTTP writes it."""


class HttpConnections:
    """A pool of connections to one server, kept open. Safe to use from several threads; never repeats by itself."""

    def __init__(self, *, at_once: int, headers: Mapping[str, str], tls: ssl.SSLContext | None = None) -> None:
        """``tls`` says whom to trust and whether by name; left out, whom the system trusts."""
        self._headers = headers
        named = None if tls is None or tls.check_hostname else False
        self._pools = urllib3.PoolManager(
            retries=False, maxsize=at_once, cert_reqs="CERT_REQUIRED", ssl_context=tls, assert_hostname=named
        )
        self._pools.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}

    def request(self, method: str, url: str, *, body: bytes | None, within_s: float) -> HttpAnswer:
        """Return the whole answer, received within ``within_s`` seconds from now, connecting included.

        Raises NoHttpAnswer.
        """
        limit = urllib3.Timeout(total=within_s)
        try:
            response = self._pools.request(
                method, url, body=body, headers=self._headers, timeout=limit, preload_content=False
            )
            return HttpAnswer(status=response.status, body=_read_whole(response), date=response.headers.get("Date"))
        except NoHttpAnswer:
            raise
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise NoHttpAnswer(str(error)) from error

    def close(self) -> None:
        """Close the connections that are idle."""
        self._pools.clear()


def _read_whole(response: urllib3.BaseHTTPResponse) -> bytes:
    body = bytearray()
    while chunk := response.read(CHUNK_BYTES, decode_content=False):
        body += chunk
        if len(body) > MAX_ANSWER_BYTES:
            response.close()
            raise NoHttpAnswer(f"the answer is longer than {MAX_ANSWER_BYTES} bytes")
    return bytes(body)


class _DeadlineReader(io.RawIOBase):
    """The bytes that a socket receives until one deadline: the time-out it has now, for all reads together."""

    def __init__(self, received: io.RawIOBase, sock: socket.socket) -> None:
        self._received = received
        self._sock = sock
        self._deadline = time.monotonic() + (sock.gettimeout() or 0.0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:  # noqa: ANN401 - a writable buffer
        left = self._deadline - time.monotonic()
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
        self.fp = io.BufferedReader(_DeadlineReader(self.fp.detach(), sock))


class _Connection(HTTPConnection):
    response_class = _Response
    _answered_at = 0.0

    def getresponse(self) -> urllib3.HTTPResponse:  # type: ignore[override] # as urllib3 has it
        response = super().getresponse()
        self._answered_at = time.monotonic()
        return response

    @property
    def is_connected(self) -> bool:
        return super().is_connected and time.monotonic() - self._answered_at < REUSE_WITHIN_S


class _SecureConnection(_Connection, HTTPSConnection):
    pass


class _Pool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _SecureConnection
