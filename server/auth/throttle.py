"""Rate limits: wrong passcodes of an address and of all together, and commands of one device's key."""

from __future__ import annotations

from collections import deque

WRONG_TRIES = 5
"""Limit of wrong tries from one address within ``WITHIN_S``."""
WRONG_TRIES_OF_ALL = 30
"""Limit from all addresses together within ``WITHIN_S``; with it all passcodes of eight digits take six years."""
WITHIN_S = 60.0
"""Sliding window in which acts count, seconds."""
NAMES_MAX = 256
"""Number of names above which those without a recent act are dropped."""


class Throttle:
    """Counts acts by name, such as an address. Times are seconds on a monotonic clock, passed in by the caller."""

    def __init__(self, most: int) -> None:
        """At most this many acts of one name within ``WITHIN_S``."""
        self._most = most
        self._acts: dict[str, deque[float]] = {}

    def wait_s(self, name: str, *, at: float) -> float:
        """Return how many seconds this one must wait before the next act; 0 when it may act now."""
        acts = self._acts.get(name)
        return max(0.0, WITHIN_S - (at - acts[0])) if acts is not None and len(acts) == self._most else 0.0

    def count(self, name: str, *, at: float) -> None:
        """Count an act."""
        if name not in self._acts:
            self._drop_idle(at)
        self._acts.setdefault(name, deque(maxlen=self._most)).append(at)

    def forgive(self, name: str, most: int | None = None) -> int:
        """Take the newest acts back, all when ``most`` is not given, and return their number."""
        acts = self._acts.get(name, deque())
        forgiven = len(acts) if most is None else min(most, len(acts))
        for _ in range(forgiven):
            acts.pop()
        return forgiven

    def _drop_idle(self, at: float) -> None:
        if len(self._acts) >= NAMES_MAX:
            self._acts = {name: acts for name, acts in self._acts.items() if acts and at - acts[-1] < WITHIN_S}


class LoginThrottle:
    """Counts tries of passcodes."""

    def __init__(self) -> None:
        self._own = Throttle(WRONG_TRIES)
        self._all = Throttle(WRONG_TRIES_OF_ALL)

    def wait_s(self, address: str, *, at: float) -> float:
        """Return how many seconds this address must wait before its next try; 0 when it may try now."""
        return max(self._own.wait_s(address, at=at), self._all.wait_s("", at=at))

    def count(self, address: str, *, at: float) -> None:
        """Count a try, before its passcode is checked: so parallel tries count too."""
        self._own.count(address, at=at)
        self._all.count("", at=at)

    def forgive(self, address: str) -> None:
        """Reset the count of an address after the right passcode."""
        self._all.forgive("", self._own.forgive(address))
