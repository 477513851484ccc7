"""The event queue of the simulation: a heap of future events, and a clock that jumps from one event to the next."""

from __future__ import annotations

import heapq
from collections.abc import Callable

EventAction = Callable[[], None]


class EventQueue:
    """Future events, in minutes after opening; events of the same minute run in the order of their scheduling."""

    def __init__(self) -> None:
        self.now_min = 0.0
        self._scheduled = 0  # breaks ties of the heap, so that equal minutes keep their order
        self._events: list[tuple[float, int, EventAction]] = []

    def schedule_at(self, minute: float, action: EventAction) -> None:
        """Schedule an event at a minute that has not passed."""
        self._scheduled += 1
        heapq.heappush(self._events, (minute, self._scheduled, action))

    def schedule_after(self, minutes: float, action: EventAction) -> None:
        """Schedule an event in so many minutes from now."""
        self.schedule_at(self.now_min + minutes, action)

    def run(self) -> None:
        """Run all events in order of time until none is left."""
        while self._events:
            self.now_min, _, action = heapq.heappop(self._events)
            action()
