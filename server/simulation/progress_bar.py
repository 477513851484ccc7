"""A bar that says how far a long run is."""

from __future__ import annotations

import sys
from time import monotonic
from typing import Self

WIDTH = 30


class ProgressBar:
    """Drawn on the error output, when that is a terminal; gone when the run is over."""

    def __init__(self) -> None:
        self._began = monotonic()
        self._shown = sys.stderr.isatty()

    def __enter__(self) -> Self:
        self.show(0.0)
        return self

    def __exit__(self, *how: object) -> None:
        if self._shown:
            sys.stderr.write("\r\x1b[K")

    def show(self, done: float) -> None:
        """Draw the bar with this share done."""
        if not self._shown:
            return
        filled = round(WIDTH * done)
        bar = "█" * filled + "░" * (WIDTH - filled)
        sys.stderr.write(f"\r\x1b[K{bar} {done:.0%}{self._left(done)}")
        sys.stderr.flush()

    def _left(self, done: float) -> str:
        if not done:
            return ""
        seconds = (monotonic() - self._began) / done * (1 - done)
        return f"  还要 / left {seconds // 60:.0f}:{seconds % 60:02.0f}"
