"""What confirms the machine's clock: the kernel's record of a time service, and a hardware clock."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

HARDWARE_CLOCK = Path("/sys/class/rtc/rtc0/since_epoch")
AGREES_S = 120.0
"""Largest difference between two clocks that show the same time, seconds; a hardware clock drifts by seconds a day."""
UNSYNCHRONISED = 0x0040
"""Bit of the kernel's clock status (``STA_UNSYNC``) that a time service clears, and that setting the clock sets."""


class _TimeStatus(ctypes.Structure):
    """The beginning of ``struct timex``; the rest is room for the kernel's answer."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_long * 40),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeSources:
    """What a clock depends on to be believed."""

    is_synchronised: Callable[[], bool]
    """Whether a time service has set the clock, since it was last set by anybody else."""
    is_kept: Callable[[datetime], bool]
    """Whether a hardware clock shows this time."""


def is_synchronised() -> bool:
    """Whether the kernel's clock is disciplined by a time service (NTP): what ``timedatectl`` shows."""
    status = _TimeStatus(modes=0)
    return _adjtimex()(ctypes.byref(status)) >= 0 and not status.status & UNSYNCHRONISED


def is_kept(at: datetime) -> bool:
    """Whether the machine's hardware clock shows this time; it counts UTC. False without one."""
    try:
        shown_s = int(HARDWARE_CLOCK.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return False
    return abs(shown_s - at.timestamp()) <= AGREES_S


@cache
def _adjtimex() -> Callable[..., int]:
    found: Callable[..., int] = ctypes.CDLL(None).adjtimex
    return found


MACHINE = TimeSources(is_synchronised=is_synchronised, is_kept=is_kept)
"""The sources of the machine itself."""
