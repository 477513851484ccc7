"""Lets requests without a key run by turns, so that a hundred of one address leave the loop free for others."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable

RUNNING_MAX = 8
"""Number of requests without a key that are answered at once for one address, or one customer's network."""


class RequestTurns:
    """The requests of one listener that run or wait, by share. Lives on the event loop.

    ``holder`` is a connection: it has one request at a time.
    """

    def __init__(self) -> None:
        self._running: defaultdict[str, set[object]] = defaultdict(set)
        self._waiting: defaultdict[str, deque[tuple[object, Callable[[], None]]]] = defaultdict(deque)

    def take(self, share: str, holder: object, begin: Callable[[], None]) -> None:
        """Call ``begin`` when it is the holder's turn, maybe at once."""
        if len(self._running[share]) < RUNNING_MAX:
            self._running[share].add(holder)
            begin()
        else:
            self._waiting[share].append((holder, begin))

    def give_back(self, share: str, holder: object) -> None:
        """End the holder's turn, or its waiting; then it is the turn of whoever has waited longest."""
        if holder not in self._running.get(share, ()):
            self._stop_waiting(share, holder)
            return
        self._running[share].discard(holder)
        while self._waiting.get(share) and len(self._running[share]) < RUNNING_MAX:
            following, begin = self._waiting[share].popleft()
            self._running[share].add(following)
            begin()
        if not self._running[share]:
            del self._running[share]

    def _stop_waiting(self, share: str, holder: object) -> None:
        waiting = self._waiting.get(share)
        if waiting is not None:
            self._waiting[share] = deque(pair for pair in waiting if pair[0] is not holder)
            if not self._waiting[share]:
                del self._waiting[share]
