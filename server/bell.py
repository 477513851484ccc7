"""Wakes those who wait for something new."""

from __future__ import annotations

import asyncio


class Bell:
    """Rung from any thread; heard by everybody who waits on the loop it was made on."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._rung = asyncio.Event()
        self.silent = False
        """Whether it has rung for the last time: nobody should wait any more."""

    def ring(self) -> None:
        """Wake everybody who waits now."""
        self._loop.call_soon_threadsafe(self._swing)

    def _swing(self) -> None:
        rung, self._rung = self._rung, asyncio.Event()
        rung.set()

    def ring_out(self) -> None:
        """Ring for the last time, on the loop: the server stops."""
        self.silent = True
        self._swing()

    @property
    def next(self) -> asyncio.Event:
        """Is set by the next ring: take it before looking at what may change."""
        return self._rung
