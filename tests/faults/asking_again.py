"""A device that asks until it is answered, always with the same ``request_id``, as a kiosk does when its hub dies."""

from __future__ import annotations

import http.client
import itertools
import json
import secrets
import socket
import threading
import time
from dataclasses import dataclass
from typing import Any

GIVE_UP_S = 180.0
TOO_LATE = b'"error":"too_late"'
"""A command that lay behind others for longer than its sender waits: it was not carried out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One command with its final answer. ``status`` and ``body`` are exactly what came over HTTP."""

    path: str
    request: dict[str, Any]
    status: int
    body: bytes
    seconds: float
    """From the first try to the answer."""
    tries: int

    @property
    def answer(self) -> dict[str, Any]:
        """The answer's fields."""
        fields: dict[str, Any] = json.loads(self.body)
        return fields


class Unanswered(AssertionError):
    """A command had no answer for so long that the hub is taken for dead."""


class Asker:
    """One device on one kept connection, with all that it asked in order."""

    def __init__(self, *, port: int, device: str, key: str, host: str = "127.0.0.1") -> None:
        self.device = device
        self.asked: list[Asked] = []
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        self._connection = http.client.HTTPConnection(host, port, timeout=30)
        self._ids = (f"{device}:{secrets.token_hex(6)}:{n}" for n in itertools.count())

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def command(self, path: str, **fields: Any) -> Asked:
        """Carry out a new command, asking again after every lost connection, and remember the answer."""
        return self.repeat(path, {"request_id": next(self._ids), **fields})

    def repeat(self, path: str, request: dict[str, Any]) -> Asked:
        """Ask a request that may have been asked before, until there is an answer. Raises Unanswered."""
        began = time.perf_counter()
        body = json.dumps(request).encode()
        for tries in itertools.count(1):
            try:
                status, answer = self._once(path, body)
            except (OSError, http.client.HTTPException) as error:
                self.close()
                if time.perf_counter() - began > GIVE_UP_S:
                    raise Unanswered(f"{self.device} had no answer to {path}: {error!r}") from error
                time.sleep(0.02)  # what a device waits between two tries
                continue
            asked = Asked(
                path=path,
                request=request,
                status=status,
                body=answer,
                seconds=time.perf_counter() - began,
                tries=tries,
            )
            self.asked.append(asked)
            return asked
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


class Crowd:
    """Threads that work until they are done; the first error of any of them is raised by ``finish``."""

    def __init__(self) -> None:
        self._threads: list[threading.Thread] = []
        self._errors: list[BaseException] = []
        self.stopping = threading.Event()

    def add(self, work: Any, *arguments: Any) -> None:
        """Let a thread do this."""

        def run() -> None:
            try:
                work(*arguments)
            except BaseException as error:  # noqa: BLE001 - raised again by whoever waits for the crowd
                self._errors.append(error)
                self.stopping.set()

        thread = threading.Thread(target=run, daemon=True)
        self._threads.append(thread)
        thread.start()

    def finish(self) -> None:
        """Wait until all have done their work."""
        for thread in self._threads:
            thread.join()
        if self._errors:
            raise self._errors[0]

    def stop(self) -> None:
        """Tell those who work without end to stop, and wait for them."""
        self.stopping.set()
        self.finish()
