"""A server's clocks. The wall clock of a Pi may be wrong after a power cut; durations use the monotonic one."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from protocol.journal import Moment

BUILT = datetime(2026, 1, 1, tzinfo=UTC)
"""Earliest possible time: a wall clock before it is certainly wrong, because the software is younger."""
STEP_S = 3600.0
"""Difference between the two clocks' progress from which the wall clock was set, seconds."""
SETTLED_S = 600.0
"""Time that a set wall clock must run undisturbed before it is trusted again, seconds."""


def utc_now() -> datetime:
    """Return the machine's wall clock time, UTC."""
    return datetime.now(UTC)


class Clock:
    """The server's clocks, and whether the wall clock can be trusted."""

    def __init__(self, *, wall: Callable[[], datetime] = utc_now, mono: Callable[[], float] = time.monotonic) -> None:
        self._wall = wall
        self._mono = mono
        self._boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        self._latest = BUILT
        self._offset: float | None = None
        self._stepped_s = -math.inf

    @property
    def boot(self) -> str:
        """The kernel's id of this boot: monotonic seconds of different boots cannot be compared."""
        return self._boot

    def now(self) -> Moment:
        """Return the moment by both clocks; never before ``BUILT``, because the county refuses entries from 1970."""
        at, mono_s = max(self._wall(), BUILT), self._mono()
        self._watch(at, mono_s)
        return Moment(at=at, boot=self._boot, mono_s=mono_s)

    def observe(self, at: datetime | None) -> None:
        """Record a time that has certainly passed, such as the last journal entry's, if there is one."""
        if at is not None and self.settled():
            self._latest = max(self._latest, at)

    def settled(self) -> bool:
        """Whether the wall clock was not set within the last ``SETTLED_S`` seconds."""
        mono_s = self._mono()
        self._watch(max(self._wall(), BUILT), mono_s)
        return mono_s - self._stepped_s > SETTLED_S

    def _watch(self, at: datetime, mono_s: float) -> None:
        """Record a jump of the wall clock against the monotonic one."""
        offset = at.timestamp() - mono_s
        if self._offset is not None and abs(offset - self._offset) > STEP_S:
            self._stepped_s = mono_s
        self._offset = offset

    def trusted(self) -> bool:
        """Whether the wall clock is settled and not earlier than what has certainly passed.

        A correction by less than a minute is usual.
        """
        return self.settled() and (self._latest - self._wall()).total_seconds() < 60
