"""Exponential backoff between attempts that fail."""

from __future__ import annotations

import random
from collections.abc import Callable

_MOST_DOUBLINGS = 32


class Backoff:
    """Pauses in seconds: ``first_s``, twice that, and so on up to ``longest_s``; ``reset`` after a success.

    ``jitter`` shortens each pause by a random share of at most this much (0.5: to between half and the whole), so
    that many clients of one server that was away do not come back in the same moment. One thread uses it.
    """

    def __init__(
        self,
        *,
        first_s: float,
        longest_s: float,
        jitter: float = 0.0,
        uniform: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._first_s = first_s
        self._longest_s = longest_s
        self._jitter = jitter
        self._uniform = uniform
        self._failures = 0

    @property
    def failures(self) -> int:
        """How many attempts have failed since the last success."""
        return self._failures

    def grow(self) -> float:
        """Count a failure and return how many seconds to pause before the next attempt."""
        pause_s = min(self._longest_s, self._first_s * 2.0 ** min(self._failures, _MOST_DOUBLINGS))
        self._failures += 1
        return pause_s * self._uniform(1.0 - self._jitter, 1.0) if self._jitter else pause_s

    def grow_to_longest(self) -> float:
        """Count a failure that time alone rarely cures and return the longest pause, in seconds."""
        self._failures = max(self._failures, _MOST_DOUBLINGS)
        return self.grow()

    def reset(self) -> None:
        """Note a success: the next pause is the first one again."""
        self._failures = 0
