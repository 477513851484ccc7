"""A progress bar for long runs."""

from __future__ import annotations

import sys
from time import monotonic
from typing import Self

WIDTH = 30
"""Width of the bar, characters."""


class ProgressBar:
    """A bar on standard error, if that is a terminal; it is erased at the end of the run."""

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
        """Draw the bar with a share done, 0 to 1."""
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
