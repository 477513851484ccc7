"""The hub's clocks. The wall clock of a Pi may be wrong after a power cut; the monotonic one counts durations."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

from protocol.journal import Moment

BUILT = datetime(2026, 1, 1, tzinfo=UTC)
"""A clock before this is wrong for certain: the software is younger."""


class Clock:
    """Tells the moment, and whether the wall clock can be trusted."""

    def __init__(self) -> None:
        self._boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        self._latest = BUILT

    @property
    def boot(self) -> str:
        """Which run of the machine this is."""
        return self._boot

    def now(self) -> Moment:
        """Return the moment by both clocks."""
        return Moment(at=datetime.now(UTC), boot=self._boot, mono_s=time.monotonic())

    def saw(self, at: datetime | None) -> None:
        """Note a time that has certainly passed, such as that of the last journal entry, if there is one."""
        self._latest = self._latest if at is None else max(self._latest, at)

    def trusted(self) -> bool:
        """Whether the wall clock is not earlier than what has certainly passed (a minute of correction is usual)."""
        return (self._latest - datetime.now(UTC)).total_seconds() < 60
