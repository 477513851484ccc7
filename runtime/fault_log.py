"""Logs faults that last, such as a server that is away: seldom, with their cause, and once when they are over."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from protocol.vocabulary import Text
from runtime.backoff import Backoff

FIRST_PAUSE_S, LONGEST_PAUSE_S = 60.0, 3600.0
"""Bounds of the pause before a fault that lasts is logged again, seconds; each is twice the one before."""
CAUSES_MAX = 3
"""Number of causes of one fault that are logged at once; others wait for the end of the pause."""


class FaultLog:
    """The fault of one part of a program, such as its database. Any thread may call it.

    ``began`` is called after every failed attempt and ``ended`` after every good one. A fault is logged at once, again
    after growing pauses, and once when it is over; one that comes and goes is logged at most once in the first pause.
    """

    def __init__(
        self,
        log: logging.Logger,
        fault: Text,
        *,
        level: int = logging.WARNING,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """``fault`` is what cannot be done, in both languages."""
        self._log = log
        self._fault = fault
        self._level = level
        self._now = now
        self._lock = threading.Lock()
        self._pause = Backoff(first_s=FIRST_PAUSE_S, longest_s=LONGEST_PAUSE_S)
        self._cause = ""
        self._since_s = now()
        self._quiet_until_s = -LONGEST_PAUSE_S
        self._causes: set[str] = set()

    @property
    def cause(self) -> str:
        """The newest cause while the fault lasts; empty when there is no fault."""
        return self._cause

    @property
    def since(self) -> datetime:
        """Time of the present state's beginning, UTC: of the fault, or of the time without one."""
        return datetime.now(UTC) - timedelta(seconds=self._now() - self._since_s)

    def note(self, cause: object | None) -> None:
        """Note a failed attempt and its cause, or with None a good one."""
        if cause is None:
            self.ended()
        else:
            self.began(cause)

    def began(self, cause: object, *, defect: BaseException | None = None) -> None:
        """Note a failed attempt and its cause; a ``defect`` is our own mistake and logged with its traceback."""
        shown = " ".join(str(cause).split()) or type(cause).__name__
        with self._lock:
            now_s = self._now()
            self._since_s = self._since_s if self._cause else now_s
            self._cause = shown
            is_new = bool(self._causes) and shown not in self._causes and len(self._causes) < CAUSES_MAX
            if now_s >= self._quiet_until_s:
                self._quiet_until_s = now_s + self._pause.grow()
            elif not is_new:
                return
            self._causes.add(shown)
            self._log.log(self._level, "%s / %s: %s", self._fault.zh, self._fault.en, shown, exc_info=defect)

    def ended(self) -> None:
        """Note that an attempt succeeded."""
        if not self._cause:
            return
        with self._lock:
            lasted_s, self._since_s, self._cause = self._now() - self._since_s, self._now(), ""
            if self._causes:
                self._log.info("恢复正常 / over after %.0f s: %s / %s", lasted_s, self._fault.zh, self._fault.en)
                self._quiet_until_s = self._since_s + FIRST_PAUSE_S
            self._causes.clear()
            self._pause.reset()
