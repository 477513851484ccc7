"""How much a benchmark measures."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """Everything is measured in ``rounds``; floor and subject take turns within each."""

    rounds: int
    requests: int
    """Requests of each side in a round."""
    presses: int
    """Presses of each side in a round."""
    old_tickets: int
    waiting: int
    frames: int
    """Presses followed to a painted frame."""
    starts: int
    entries: int
    """Entries pushed into a county."""
    pairs: int
    """Pairs of new halls for each state of the county."""
    idle_s: float


FULL = Sizes(
    rounds=9,
    requests=200,
    presses=60,
    old_tickets=200_000,
    waiting=1000,
    frames=60,
    starts=7,
    idle_s=20,
    entries=10_000,
    pairs=12,
)
TINY = Sizes(
    rounds=2,
    requests=8,
    presses=3,
    old_tickets=200,
    waiting=20,
    frames=2,
    starts=1,
    idle_s=0.5,
    entries=60,
    pairs=1,
)
