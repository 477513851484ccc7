"""The cable between one branch of the demo and the county: a tiny TCP relay that can be cut and healed."""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
from typing import Self

LOCAL = "127.0.0.1"
AT_ONCE = 65_536
LOOK_S = 0.2
HANGS_UP_S = 5.0


class Cable:
    """Listens on ``port`` and carries every connection on to the county. Cut, it hangs up and takes no new one."""

    def __init__(self, *, port: int, to: int) -> None:
        self.port = port
        self._to = to
        self._whole = threading.Event()
        self._over = threading.Event()
        self._carrier = threading.Thread(target=self._carry, name="cable", daemon=True)

    def __enter__(self) -> Self:
        """Begin to carry."""
        self._whole.set()
        self._carrier.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Hang up for good."""
        self._over.set()
        self._whole.set()
        self._carrier.join(HANGS_UP_S)

    def cut(self) -> None:
        """Hang up all connections and take no new one."""
        self._whole.clear()

    def heal(self) -> None:
        """Take connections again."""
        self._whole.set()

    def _carry(self) -> None:
        while self._whole.wait() and not self._over.is_set():
            with _Whole(self._port_taken(), to=self._to) as connections:
                while self._whole.is_set() and not self._over.is_set():
                    connections.carry_on()

    def _port_taken(self) -> socket.socket:
        return socket.create_server((LOCAL, self.port), backlog=32)


class _Whole:
    """The connections of a cable that is not cut: each is two sockets, and what comes from one goes to the other."""

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

    def carry_on(self) -> None:
        """Carry what there is, or wait a moment."""
        for key, _ in self._poll.select(LOOK_S):
            if key.fileobj is self._listening:
                self._begin()
            elif isinstance(key.fileobj, socket.socket) and key.fileobj in self._other:
                self._pass_on(key.fileobj)

    def _begin(self) -> None:
        here, _ = self._listening.accept()
        try:
            there = socket.create_connection((LOCAL, self._to), timeout=HANGS_UP_S)
        except OSError:
            here.close()  # the county is away: the hub asks again later
            return
        here.settimeout(HANGS_UP_S)
        for end, other in ((here, there), (there, here)):
            self._other[end] = other
            self._poll.register(end, selectors.EVENT_READ)

    def _pass_on(self, end: socket.socket) -> None:
        other = self._other[end]
        with contextlib.suppress(OSError):
            said = end.recv(AT_ONCE)
            if said:
                other.sendall(said)
                return
        for side in (end, other):
            self._poll.unregister(side)
            del self._other[side]
            side.close()
