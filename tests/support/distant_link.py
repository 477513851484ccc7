"""A TCP link to a distant server: every byte arrives a fixed time later, and round trips are counted.

Bytes that follow each other are delayed together, as on a long cable, so a pipeline costs one delay.
"""

from __future__ import annotations

import contextlib
import queue
import socket
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from ports import LOCAL

AT_ONCE = 65_536


class DistantLink:
    """Listens on a port of its own and carries each connection to ``to``, half of ``round_trip_s`` late each way."""

    def __init__(self, *, to: int, round_trip_s: float = 0.0) -> None:
        self._to = to
        self._late_s = round_trip_s / 2
        self._listening = socket.create_server((LOCAL, 0))
        self.port: int = self._listening.getsockname()[1]
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._round_trips = 0

    def __enter__(self) -> Self:
        """Begin to carry."""
        threading.Thread(target=self._accept, name="distant link", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the listener and every connection."""
        self._listening.close()
        for end in list(self._open):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    @property
    def round_trips(self) -> int:
        """How often a client has sent something after an answer, over all connections."""
        return self._round_trips

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # the listening socket is closed at the end
            while True:
                client, _ = self._listening.accept()
                threading.Thread(target=self._carry, args=[client], daemon=True).start()

    def _carry(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError), client, socket.create_connection((LOCAL, self._to)) as server:
            for end in (client, server):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._open |= {client, server}
            answered = threading.Event()
            answered.set()
            back = threading.Thread(target=self._copy, args=[server, client, answered.set], daemon=True)
            back.start()
            self._copy(client, server, lambda: self._count(answered))
            back.join()
            self._open -= {client, server}

    def _count(self, answered: threading.Event) -> None:
        if answered.is_set():
            answered.clear()
            with self._lock:
                self._round_trips += 1

    def _copy(self, source: socket.socket, target: socket.socket, note: Callable[[], None]) -> None:
        """Copy one direction until its end; ``note`` is called for each piece."""
        pieces: queue.SimpleQueue[tuple[float, bytes]] = queue.SimpleQueue()
        threading.Thread(target=self._deliver, args=[pieces, target], daemon=True).start()
        with contextlib.suppress(OSError):
            while piece := source.recv(AT_ONCE):
                note()
                pieces.put((time.monotonic() + self._late_s, piece))
        pieces.put((time.monotonic() + self._late_s, b""))

    def _deliver(self, pieces: queue.SimpleQueue[tuple[float, bytes]], target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                due, piece = pieces.get()
                time.sleep(max(0.0, due - time.monotonic()))
                if not piece:
                    target.shutdown(socket.SHUT_WR)
                    return
                target.sendall(piece)
