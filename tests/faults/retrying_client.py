"""A client that retries until it has an answer, always with the same ``request_id``, as a kiosk does."""

from __future__ import annotations

import http.client
import itertools
import json
import secrets
import socket
import time
from dataclasses import dataclass
from typing import Any

GIVE_UP_S = 180.0
TOO_LATE = b'"error":"too_late"'
"""Part of the refusal of a command that waited for longer than its sender does: it was not carried out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredRequest:
    """One request with its final answer; ``status`` and ``body`` are exactly what came over HTTP."""

    path: str
    request: dict[str, Any]
    status: int
    body: bytes
    seconds: float
    """Time from the first try to the answer."""
    tries: int

    @property
    def answer(self) -> dict[str, Any]:
        """Fields of the answer."""
        fields: dict[str, Any] = json.loads(self.body)
        return fields


class Unanswered(AssertionError):
    """A request had no answer within ``GIVE_UP_S``."""


class RetryingClient:
    """One device on one kept-alive connection, with all its answered requests in order."""

    def __init__(self, *, port: int, device: str, key: str, host: str = "127.0.0.1") -> None:
        self.device = device
        self.answered: list[AnsweredRequest] = []
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        self._connection = http.client.HTTPConnection(host, port, timeout=30)
        self._ids = (f"{device}:{secrets.token_hex(6)}:{n}" for n in itertools.count())

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def command(self, path: str, **fields: Any) -> AnsweredRequest:
        """Send a new command until it is answered."""
        return self.repeat(path, {"request_id": next(self._ids), **fields})

    def repeat(self, path: str, request: dict[str, Any]) -> AnsweredRequest:
        """Send a request, which may have been sent before, until it is answered. Raises Unanswered."""
        began = time.perf_counter()
        body = json.dumps(request).encode()
        for tries in itertools.count(1):
            try:
                status, answer = self._once(path, body)
            except (OSError, http.client.HTTPException) as error:
                self.close()
                if time.perf_counter() - began > GIVE_UP_S:
                    raise Unanswered(f"{self.device} had no answer to {path}: {error!r}") from error
                time.sleep(0.02)  # the pause of a device between two tries
                continue
            answered = AnsweredRequest(
                path=path,
                request=request,
                status=status,
                body=answer,
                seconds=time.perf_counter() - began,
                tries=tries,
            )
            self.answered.append(answered)
            return answered
        raise AssertionError("unreachable")

    def _once(self, path: str, body: bytes) -> tuple[int, bytes]:
        if self._connection.sock is None:
            self._connection.connect()
            self._connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._connection.request("POST", path, body, self._headers)
        response = self._connection.getresponse()
        answer = response.read()
        if response.status >= 500 or TOO_LATE in answer:
            raise http.client.HTTPException(f"{response.status}: {answer!r}")
        return response.status, answer
