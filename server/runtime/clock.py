"""A server's clocks. The wall clock of a Pi may be wrong after a power cut; the monotonic one counts durations."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from protocol.journal import Moment

BUILT = datetime(2026, 1, 1, tzinfo=UTC)
"""A clock before this is wrong for certain: the software is younger."""


STEP_S = 3600.0
"""A wall clock that moves this much against the monotonic one was set, rightly or wrongly."""
SETTLED_S = 600.0
"""A clock that was set is believed after it has kept its course for so long."""


def utc_now() -> datetime:
    """Return what the machine's wall clock says."""
    return datetime.now(UTC)


class Clock:
    """Tells the moment, and whether the wall clock can be trusted."""

    def __init__(self, *, wall: Callable[[], datetime] = utc_now, mono: Callable[[], float] = time.monotonic) -> None:
        self._wall = wall
        self._mono = mono
        self._boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        self._latest = BUILT
        self._offset: float | None = None
        self._stepped_s = -math.inf

    @property
    def boot(self) -> str:
        """Which run of the machine this is."""
        return self._boot

    def now(self) -> Moment:
        """Return the moment by both clocks. Nothing is ever dated before the software was made, as a clock from 1970
        would have it: the county could not take such an entry."""
        moment = Moment(at=max(self._wall(), BUILT), boot=self._boot, mono_s=self._mono())
        offset = moment.at.timestamp() - moment.mono_s
        if self._offset is not None and abs(offset - self._offset) > STEP_S:
            self._stepped_s = moment.mono_s
        self._offset = offset
        return moment

    def observe(self, at: datetime | None) -> None:
        """Note a time that has certainly passed, such as that of the last journal entry, if there is one."""
        if at is not None and self.settled():
            self._latest = max(self._latest, at)

    def settled(self) -> bool:
        """Whether the wall clock was not set a moment ago."""
        return self.now().mono_s - self._stepped_s > SETTLED_S

    def trusted(self) -> bool:
        """Whether the wall clock keeps its course and is not earlier than what has certainly passed.

        A minute of correction is usual.
        """
        return self.settled() and (self._latest - self._wall()).total_seconds() < 60
