"""What a site has learned from its own visits and keeps from day to day: serving times, absences, broken promises."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import NamedTuple

from protocol.vocabulary import Promise, ServiceId, WindowId

DURATIONS_KEPT = 200
"""Number of latest serving times kept for each service."""
ATTENDANCES_KEPT = 400
"""Number of latest calls whose attendance (came or absent) is kept."""
OUTCOMES_KEPT = 1000
"""Number of latest promises with an outcome that are kept."""
SHORTEST_JUDGED_MIN = 0.5
"""Shortest median of a promise that is judged, minutes; a shorter one means "at once" and teaches nothing."""
LATE_MIN = 10.0
"""Tolerance after a promise's upper end, minutes; a later call breaks the promise."""


class Duration(NamedTuple):
    """One measured serving time."""

    seq: int
    """Journal number of its end."""
    day: date
    window: WindowId
    seconds: float


class Missed(NamedTuple):
    """Whether a visitor was called later than each level of the promise."""

    p50: bool
    p80: bool
    p90: bool


@dataclass(frozen=True, slots=True)
class Learned:
    """The latest of each kind, oldest first."""

    durations: Mapping[ServiceId, tuple[Duration, ...]] = field(default_factory=dict)
    """Measured serving times by service."""
    came: tuple[bool, ...] = ()
    """Whether the visitor came, for each call that ended."""
    outcomes: tuple[Missed, ...] = ()

    def served(self, service: ServiceId, duration: Duration) -> Learned:
        """Return the values with one more measured serving time."""
        latest = (*self.durations.get(service, ()), duration)[-DURATIONS_KEPT:]
        return replace(self, durations={**self.durations, service: latest})

    def called(self, *, came: bool) -> Learned:
        """Return the values with one more ended call, served or absent."""
        return replace(self, came=(*self.came, came)[-ATTENDANCES_KEPT:])

    def promised(self, promise: Promise, *, waited_s: float) -> Learned:
        """Return the values with the outcome of one more promise."""
        missed = promise_outcome(promise, waited_s=waited_s)
        return self if missed is None else replace(self, outcomes=(*self.outcomes, missed)[-OUTCOMES_KEPT:])

    def moved(self, was: date, day: date, *, since: int) -> Learned:
        """Return the values with the serving times of a day that ended from an entry on moved to another day."""
        moved = {
            service: tuple(d._replace(day=day) if d.day == was and d.seq >= since else d for d in found)
            for service, found in self.durations.items()
        }
        return replace(self, durations=moved)


NOTHING_LEARNED = Learned()
"""Learned values of a site before its first day."""


def promise_outcome(promise: Promise, *, waited_s: float) -> Missed | None:
    """Return the outcome of a promise; None for one that states no wait, or a median too short to be judged."""
    if (
        promise.p50_min is None
        or promise.p80_min is None
        or promise.p90_min is None
        or promise.p50_min < SHORTEST_JUDGED_MIN
    ):
        return None
    waited = waited_s / 60
    return Missed(waited > promise.p50_min, waited > promise.p80_min, waited > promise.p90_min)
