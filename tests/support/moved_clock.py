"""A machine's clock as a file: where it stands, how long the machine has run, and what confirms it."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from json import dumps, loads
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedClock:
    """How a hub's clock differs from this machine's."""

    ahead_s: float = 0.0
    """How far the wall clock alone is ahead, seconds."""
    later_s: float = 0.0
    """How much later it is, seconds: both clocks have run on."""
    source: str = "ntp"
    """``ntp``, ``rtc``, ``none``, or ``machine``: what this machine itself says."""
    boot: str = ""
    """Id of the boot; empty: this machine's."""


class ClockFile:
    """The file that a hub of ``clocked_hub.py`` reads."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> MovedClock:
        """Return the clock as it stands."""
        return MovedClock(**loads(self._path.read_text(encoding="utf-8")))

    def write(self, clock: MovedClock) -> None:
        """Set the clock, all of it at once."""
        new = self._path.with_suffix(".new")
        new.write_text(dumps(asdict(clock)), encoding="utf-8")
        os.replace(new, self._path)

    def change(self, **changes: Any) -> None:
        """Change some of it."""
        self.write(replace(self.read(), **changes))

    def show(self, at: datetime, *, now: datetime) -> None:
        """Set the wall clock to a time."""
        self.change(ahead_s=(at - now).total_seconds() - self.read().later_s)
