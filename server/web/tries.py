"""Slows down guessing: only so many wrong passcodes a minute from one address."""

from __future__ import annotations

from collections import OrderedDict

WRONG_TRIES = 5
WITHIN_S = 60.0
ADDRESSES_KEPT = 1000


class Tries:
    """Counts tries. Times are seconds on a monotonic clock, told by the caller."""

    def __init__(self) -> None:
        self._tries: OrderedDict[str, list[float]] = OrderedDict()

    def wait_s(self, address: str, *, at: float) -> float:
        """Return how long this address must wait before it may try; 0 for not at all."""
        recent = [t for t in self._tries.get(address, []) if at - t < WITHIN_S]
        return 0.0 if len(recent) < WRONG_TRIES else WITHIN_S - (at - recent[0])

    def count(self, address: str, *, at: float) -> None:
        """Count a try before its passcode is looked at, so that many at once are not free."""
        recent = [t for t in self._tries.pop(address, []) if at - t < WITHIN_S]
        self._tries[address] = [*recent, at]
        if len(self._tries) > ADDRESSES_KEPT:
            self._tries.popitem(last=False)

    def forgive(self, address: str) -> None:
        """Forget the tries of an address that showed the right passcode."""
        self._tries.pop(address, None)
