"""A server's clocks. The wall clock of a Pi may be wrong after a power cut; durations use the one since the boot."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from protocol.journal import Moment
from protocol.vocabulary import Text
from runtime.fault_log import FaultLog
from server.domain.model.clock_trust import ClockTrust
from server.runtime.time_sources import AGREES_S, MACHINE, TimeSources

log = logging.getLogger(__name__)

BUILT = datetime(2026, 1, 1, tzinfo=UTC)
"""Earliest possible time: a wall clock before it is certainly wrong, because the software is younger."""
STEP_S = 60.0
"""Difference between the two clocks' progress from which the wall clock was set, seconds."""
SETTLED_S = 600.0
"""Time that a set wall clock must run undisturbed before a time source is believed, seconds."""
CONTRADICTS_S = 3600.0
"""Difference from the county's time above which the clock is wrong, seconds; hours and dates are not right then."""
SOURCES_AGE_S = 1.0
"""Age up to which a reading of the time sources is used again, seconds."""

DOUBTS = {
    ClockTrust.WRONG: Text(
        zh="时间刚被更改，或早于已有记录，或与县平台不同",
        en="it was set just now, is earlier than what was recorded, or is not the county's time",
    ),
    ClockTrust.UNCONFIRMED: Text(
        zh="没有网络对时，也没有硬件时钟", en="no time service (NTP) has set it, and no hardware clock shows the same"
    ),
}


def utc_now() -> datetime:
    """Return the machine's wall clock time, UTC."""
    return datetime.now(UTC)


def since_boot_s() -> float:
    """Return the seconds since the machine was started, those in which it was suspended included."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class Clock:
    """The server's clocks, and how far the wall clock is believed. Any thread may use it."""

    def __init__(
        self,
        *,
        wall: Callable[[], datetime] = utc_now,
        mono: Callable[[], float] = since_boot_s,
        sources: TimeSources = MACHINE,
    ) -> None:
        self._wall = wall
        self._mono = mono
        self._sources = sources
        self._boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        self._latest = BUILT
        self._offset: float | None = None
        self._stepped_s = -math.inf
        self._confirmed = False
        self._confirmed_by_person = False
        self._contradicted = False
        self._was_kept = False
        """Whether a hardware clock has shown the same time since the clock was last set: both drift."""
        self._source_trust = ClockTrust.UNCONFIRMED
        self._sources_read_s = -math.inf
        self.fault = FaultLog(log, Text(zh="时钟未经确认", en="the clock is not confirmed"))
        """Lasts while the wall clock is not trusted."""

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
            self._latest = at if self._confirmed else max(self._latest, at)

    def confirm(self) -> None:
        """Note that a person confirms the time that the clock shows, until it is set again."""
        self.now()
        self._confirmed = self._confirmed_by_person = True

    def compare_with_county(self, at: datetime) -> None:
        """Note the county's time at this moment: it confirms the clock, or contradicts it unless a person confirmed."""
        difference_s = abs((self.now().at - at).total_seconds())
        self._contradicted = difference_s > CONTRADICTS_S
        if difference_s <= AGREES_S and self.settled():
            self._confirmed = True
        elif self._contradicted:
            self._confirmed = self._confirmed_by_person

    def settled(self) -> bool:
        """Whether the wall clock was not set within the last ``SETTLED_S`` seconds."""
        return self.now().mono_s - self._stepped_s > SETTLED_S

    def trust(self) -> ClockTrust:
        """Return what confirms the wall clock at this moment."""
        is_settled, source = self.settled(), self._read_sources()
        if source is ClockTrust.CONFIRMED and is_settled:
            self._confirmed = True
        if self._confirmed:
            return ClockTrust.CONFIRMED
        is_behind = (self._latest - self._wall()).total_seconds() > STEP_S
        return ClockTrust.WRONG if self._contradicted or is_behind or not is_settled else source

    def trusted(self) -> bool:
        """Whether opening hours and shown times count: something else than the clock confirms it."""
        return self.trust() >= ClockTrust.KEPT

    def check(self) -> None:
        """Note whether the wall clock is trusted, for the log and for ``/healthz``."""
        doubt = DOUBTS.get(self.trust())
        if doubt is None:
            self.fault.ended()
        else:
            self.fault.began(doubt.on_one_line())

    def _read_sources(self) -> ClockTrust:
        """Return what the machine's own sources confirm, at most ``SOURCES_AGE_S`` old."""
        mono_s = self._mono()
        if mono_s - self._sources_read_s >= SOURCES_AGE_S:
            self._sources_read_s = mono_s
            self._was_kept = self._was_kept or self._sources.is_kept(self._wall())
            self._source_trust = ClockTrust.KEPT if self._was_kept else ClockTrust.UNCONFIRMED
            if self._sources.is_synchronised():
                self._source_trust = ClockTrust.CONFIRMED
        return self._source_trust

    def _watch(self, at: datetime, mono_s: float) -> None:
        """Record a jump of the wall clock against the monotonic one: nothing has confirmed the time after it."""
        offset = at.timestamp() - mono_s
        if self._offset is not None and abs(offset - self._offset) > STEP_S:
            self._stepped_s, self._sources_read_s = mono_s, -math.inf
            self._confirmed = self._confirmed_by_person = self._contradicted = self._was_kept = False
        self._offset = offset
