"""What is going to happen, in order of time: a heap, and a clock that jumps from one event to the next."""

from __future__ import annotations

import heapq
from collections.abc import Callable

EventAction = Callable[[], None]


class EventQueue:
    """Events at minutes after opening; at the same minute, the one entered first happens first."""

    def __init__(self) -> None:
        self.now_min = 0.0
        self._entered = 0
        self._coming: list[tuple[float, int, EventAction]] = []

    def at(self, minute: float, action: EventAction) -> None:
        """Let something happen at a minute that has not passed."""
        self._entered += 1
        heapq.heappush(self._coming, (minute, self._entered, action))

    def after(self, minutes: float, action: EventAction) -> None:
        """Let something happen so many minutes from now."""
        self.at(self.now_min + minutes, action)

    def run(self) -> None:
        """Let everything happen, until nothing is left to come."""
        while self._coming:
            self.now_min, _, action = heapq.heappop(self._coming)
            action()
