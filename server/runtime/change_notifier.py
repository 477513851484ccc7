"""Wakes coroutines that wait for a change."""

from __future__ import annotations

import asyncio


class ChangeNotifier:
    """Notified from any thread; wakes everybody who waits on the loop on which it was created."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._event = asyncio.Event()
        self.closed = False
        """Whether the server stops, so that waiting has no point."""

    def notify(self) -> None:
        """Wake everybody who waits now; from any thread."""
        self._loop.call_soon_threadsafe(self.notify_on_loop)

    def notify_on_loop(self) -> None:
        """Wake everybody who waits now; only on the loop."""
        event, self._event = self._event, asyncio.Event()
        event.set()

    def close(self) -> None:
        """Wake everybody for the last time, on the loop: the server stops."""
        self.closed = True
        self.notify_on_loop()

    @property
    def next_change(self) -> asyncio.Event:
        """The event that the next change sets: take it before reading the state that may change."""
        return self._event
