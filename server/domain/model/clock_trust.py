"""How far a site's wall clock is believed."""

from __future__ import annotations

from enum import IntEnum


class ClockTrust(IntEnum):
    """What confirms the wall clock; each value includes what the lower ones allow."""

    WRONG = 0
    """Nothing: it was set a moment ago, is earlier than what was written, or is not the county's time."""
    UNCONFIRMED = 1
    """Nothing, but it runs on undisturbed: a machine without a hardware clock may have started in the past."""
    KEPT = 2
    """A hardware clock that ran on while the machine was without power."""
    CONFIRMED = 3
    """A time service (NTP), the county's time, or a person, since the clock was last set."""
