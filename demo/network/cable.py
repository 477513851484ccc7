"""The network cable between one branch and the county: a small TCP relay that can be cut and healed."""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
from typing import Self

LOCAL = "127.0.0.1"
RECEIVE_BYTES = 65_536
POLL_S = 0.2
CLOSE_WITHIN_S = 5.0


class Cable:
    """A relay from ``port`` to the county's port. While cut, all connections are closed and none is accepted."""

    def __init__(self, *, port: int, to: int) -> None:
        self.port = port
        self._to = to
        self._connected = threading.Event()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._relay, name="cable", daemon=True)

    def __enter__(self) -> Self:
        """Start relaying."""
        self._connected.set()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Close all connections and end the relay."""
        self._closed.set()
        self._connected.set()
        self._thread.join(CLOSE_WITHIN_S)

    def cut(self) -> None:
        """Close all connections and accept none."""
        self._connected.clear()

    def heal(self) -> None:
        """Accept connections again."""
        self._connected.set()

    def _relay(self) -> None:
        while self._connected.wait() and not self._closed.is_set():
            with _Connections(self._listen(), to=self._to) as connections:
                while self._connected.is_set() and not self._closed.is_set():
                    connections.relay_once()

    def _listen(self) -> socket.socket:
        return socket.create_server((LOCAL, self.port), backlog=32)


class _Connections:
    """The connections of a cable that is not cut: each is a pair of sockets, bytes of one go to the other."""

    def __init__(self, listening: socket.socket, *, to: int) -> None:
        self._listening = listening
        self._to = to
        self._poll = selectors.DefaultSelector()
        self._poll.register(listening, selectors.EVENT_READ)
        self._other: dict[socket.socket, socket.socket] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for end in (*self._other, self._listening):
            end.close()
        self._poll.close()

    def relay_once(self) -> None:
        """Relay what has arrived, waiting for it at most POLL_S."""
        for key, _ in self._poll.select(POLL_S):
            if key.fileobj is self._listening:
                self._accept()
            elif isinstance(key.fileobj, socket.socket) and key.fileobj in self._other:
                self._forward(key.fileobj)

    def _accept(self) -> None:
        here, _ = self._listening.accept()
        try:
            there = socket.create_connection((LOCAL, self._to), timeout=CLOSE_WITHIN_S)
        except OSError:
            here.close()  # the county is away: the hub connects again later
            return
        here.settimeout(CLOSE_WITHIN_S)
        for end, other in ((here, there), (there, here)):
            self._other[end] = other
            self._poll.register(end, selectors.EVENT_READ)

    def _forward(self, end: socket.socket) -> None:
        other = self._other[end]
        with contextlib.suppress(OSError):
            received = end.recv(RECEIVE_BYTES)
            if received:
                other.sendall(received)
                return
        for side in (end, other):
            self._poll.unregister(side)
            del self._other[side]
            side.close()
