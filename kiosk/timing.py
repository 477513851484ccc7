"""How patient a kiosk is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Timing:
    """How patient a kiosk is, in seconds."""

    idle_s: float = 60
    """No touch for so long: back to welcome."""
    warning_s: float = 15
    """The last part of ``idle_s``, in which the visitor is asked "are you still there?"."""
    number_s: float = 20
    """How long a printed ticket's number stays; twice as long where paper may not come."""
    trouble_s: float = 90
    """How long the number stays when the paper did not come, or its printing was never heard of."""
    settle_s: float = 0.4
    """A second touch so soon after the page changed is a trembling finger, not a choice."""
    asking_s: float = 20
    """The longest the "getting your number" page stays without an answer."""
    reserving_s: float = 6
    """The longest the "keeping a place for you" page stays; the hub answers within 3 s, yes or no."""
