"""A TCP proxy before a server with faults that a test switches on: cut, stalled, slow, or losing every answer.

::

    with BadLink(to=county_port) as link:
        link.go(Way.ANSWERS_LOST)
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from enum import Enum
from types import TracebackType
from typing import Self

from ports import LOCAL

AT_ONCE = 65_536
LATE_S = 0.5


class Way(Enum):
    """What happens to the bytes that are sent."""

    WELL = "carried"
    CUT = "hung up at once"
    STALLED = "taken, and nothing comes back"
    SLOW = "carried, and each piece of an answer comes late"
    ANSWERS_LOST = "carried to the server; its answer is lost and the connection with it"


class BadLink:
    """Listens on a port of its own; with ``secret`` it accepts TLS alone."""

    def __init__(self, *, to: int, secret: ssl.SSLContext | None = None) -> None:
        self._to = to
        self._secret = secret
        self._listening = socket.create_server((LOCAL, 0))
        self.port: int = self._listening.getsockname()[1]
        self._way = Way.WELL
        self._open: set[socket.socket] = set()
        self._last: bytes | None = None
        self.answers_lost = 0

    def __enter__(self) -> Self:
        """Accept connections."""
        threading.Thread(target=self._accept, name="bad link", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close all connections."""
        self._listening.close()
        self.go(Way.CUT)

    @property
    def url(self) -> str:
        """The server's URL through this proxy."""
        return f"{'https' if self._secret else 'http'}://{LOCAL}:{self.port}"

    def go(self, way: Way, *, carrying: socket.socket | None = None) -> None:
        """Switch to ``way``; open connections end, except the one that is still ``carrying``."""
        self._way = way
        for end in self._open - {carrying}:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def cut_after(self, last: bytes) -> None:
        """Cut the link as soon as an answer with these bytes in it has been carried."""
        self._last = last

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # the listening socket is closed at the end
            while True:
                here, _ = self._listening.accept()
                threading.Thread(target=self._carry, args=[here], daemon=True).start()

    def _carry(self, here: socket.socket) -> None:
        self._open.add(here)
        with contextlib.suppress(OSError), here, socket.create_connection((LOCAL, self._to)) as there:
            if self._way is Way.CUT:
                return
            with here if self._secret is None else self._secret.wrap_socket(here, server_side=True) as end:
                threading.Thread(target=self._answer, args=[there, end], daemon=True).start()
                while received := end.recv(AT_ONCE):
                    if self._way is not Way.STALLED:
                        there.sendall(received)
                there.shutdown(socket.SHUT_RDWR)
        self._open.discard(here)

    def _answer(self, there: socket.socket, here: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while received := there.recv(AT_ONCE):
                if self._way is Way.ANSWERS_LOST:
                    self.answers_lost += 1
                    break
                if self._way is Way.SLOW:
                    time.sleep(LATE_S)
                last = self._last is not None and self._last in received
                if last:
                    self._last = None
                    self.go(Way.CUT, carrying=here)  # first: who receives the answer finds the link cut
                here.sendall(received)
                if last:
                    break
            here.shutdown(socket.SHUT_RDWR)
