"""A bar that says how far a long run is."""

from __future__ import annotations

import sys
from time import monotonic
from typing import Self

WIDTH = 30


class ProgressBar:
    """Drawn on the error output, when that is a terminal; gone when the run is over."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._began = monotonic()
        self._shown = sys.stderr.isatty()

    def __enter__(self) -> Self:
        self.show(0)
        return self

    def __exit__(self, *how: object) -> None:
        if self._shown:
            sys.stderr.write("\r\x1b[K")

    def show(self, done: int) -> None:
        """Draw the bar with so many parts done."""
        if not self._shown:
            return
        filled = WIDTH * done // self._total
        bar = "█" * filled + "░" * (WIDTH - filled)
        sys.stderr.write(f"\r\x1b[K{bar} {done}/{self._total}{self._left(done)}")
        sys.stderr.flush()

    def _left(self, done: int) -> str:
        if not done:
            return ""
        seconds = (monotonic() - self._began) / done * (self._total - done)
        return f"  还要 / left {seconds // 60:.0f}:{seconds % 60:02.0f}"
