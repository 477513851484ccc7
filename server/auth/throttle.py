"""Rate limit of wrong passcodes: per minute from one address, and from all addresses together."""

from __future__ import annotations

WRONG_TRIES = 5
"""Limit of wrong tries from one address within ``WITHIN_S``."""
WRONG_TRIES_OF_ALL = 30
"""Limit from all addresses together within ``WITHIN_S``; with it all passcodes of eight digits take six years."""
WITHIN_S = 60.0
"""Sliding window in which wrong tries count, seconds."""


class LoginThrottle:
    """Counts tries. Times are seconds on a monotonic clock, passed in by the caller."""

    def __init__(self) -> None:
        self._tries: list[tuple[float, str]] = []

    def wait_s(self, address: str, *, at: float) -> float:
        """Return how many seconds this address must wait before its next try; 0 when it may try now."""
        recent = self._recent(at)
        own = [t for t, tried in recent if tried == address]
        return max(_wait_s(own, WRONG_TRIES, at=at), _wait_s([t for t, _ in recent], WRONG_TRIES_OF_ALL, at=at))

    def count(self, address: str, *, at: float) -> None:
        """Count a try, before its passcode is checked: so parallel tries count too."""
        self._tries = [*self._recent(at), (at, address)]

    def forgive(self, address: str) -> None:
        """Reset the count of an address after the right passcode."""
        self._tries = [(t, tried) for t, tried in self._tries if tried != address]

    def _recent(self, at: float) -> list[tuple[float, str]]:
        return [(t, tried) for t, tried in self._tries if at - t < WITHIN_S]


def _wait_s(tries: list[float], most: int, *, at: float) -> float:
    return 0.0 if len(tries) < most else WITHIN_S - (at - tries[-most])
