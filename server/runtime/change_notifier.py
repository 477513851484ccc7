"""Wakes those who wait for something new."""

from __future__ import annotations

import asyncio


class ChangeNotifier:
    """Rung from any thread; heard by everybody who waits on the loop it was made on."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._rung = asyncio.Event()
        self.closed = False
        """Whether it has rung for the last time: nobody should wait any more."""

    def notify(self) -> None:
        """Wake everybody who waits now."""
        self._loop.call_soon_threadsafe(self._wake_all)

    def _wake_all(self) -> None:
        rung, self._rung = self._rung, asyncio.Event()
        rung.set()

    def close(self) -> None:
        """Ring for the last time, on the loop: the server stops."""
        self.closed = True
        self._wake_all()

    @property
    def next_change(self) -> asyncio.Event:
        """Is set by the next ring: take it before looking at what may change."""
        return self._rung
