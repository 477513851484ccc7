"""Threads for the slow work of a program, so that its screen, keys and event loop never wait."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

from protocol.vocabulary import Text
from runtime.backoff import Backoff
from runtime.fault_log import FaultLog

log = logging.getLogger(__name__)

WorkItem = TypeVar("WorkItem")


class Worker(Generic[WorkItem]):
    """One thread that works on items in the order in which they were put; any thread may put.

    ``work`` gets one item and may ``repeat`` an attempt. What it raises is logged, and the next item follows. Of more
    than ``at_most`` waiting items the oldest are dropped.
    """

    def __init__(self, name: str, work: Callable[[WorkItem], None], *, at_most: int | None = None) -> None:
        self._work = work
        self._items: deque[WorkItem] = deque(maxlen=at_most)
        self._changed = threading.Condition()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    @property
    def stopping(self) -> bool:
        """Whether ``stop`` was called: attempts that fail are not repeated any more."""
        return self._stopping.is_set()

    @property
    def has_waiting(self) -> bool:
        """Whether items wait behind the one being worked on."""
        return bool(self._items)

    def start(self) -> None:
        """Start the thread; items that were put before wait for it."""
        self._thread.start()

    def put(self, item: WorkItem) -> None:
        """Append an item to the queue."""
        with self._changed:
            self._items.append(item)
            self._changed.notify()

    def pause(self, seconds: float) -> bool:
        """Sleep, on the worker's own thread, until the time is over or ``stop`` is called; return ``stopping``."""
        return self._stopping.wait(seconds)

    def repeat(self, attempt: Callable[[], bool], *, backoff: Backoff) -> bool:
        """Repeat an attempt, on the worker's own thread, until it succeeds; False when ``stop`` was called before."""
        while not attempt():
            if self.pause(backoff.grow()):
                return False
        return True

    def stop(self, *, within_s: float, discard: bool = False) -> None:
        """End the thread after the waiting items, or with ``discard`` after the present one.

        Waits for at most ``within_s`` seconds; a thread that is still busy then ends with the process.
        """
        self._stopping.set()
        with self._changed:
            if discard:
                self._items.clear()
            self._changed.notify()
        if self._thread.is_alive():
            self._thread.join(within_s)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._items or self._stopping.is_set())
                if not self._items:
                    return
                item = self._items.popleft()
            try:
                self._work(item)
            except Exception:
                log.exception("%s failed at %r", self._thread.name, item)


class Poller:
    """One thread that calls ``poll`` again and again; ``poll`` returns how many seconds later the next call is due.

    ``wake`` brings the next call forward, but never to sooner than ``at_least_s`` after the end of the one before.
    What ``poll`` raises is logged, and it is called again after ``after_error_s`` seconds.
    """

    def __init__(
        self, name: str, poll: Callable[[], float], *, at_least_s: float = 0.0, after_error_s: float = 10.0
    ) -> None:
        self._poll = poll
        self._fault = FaultLog(log, Text(zh=f"{name} 出错", en=f"{name} failed"), level=logging.ERROR)
        self._at_least_s = at_least_s
        self._after_error_s = after_error_s
        self._woken = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Start the thread; the first call comes at once."""
        self._thread.start()

    def wake(self) -> None:
        """Have ``poll`` called soon; from any thread."""
        self._woken.set()

    def stop(self, *, within_s: float) -> None:
        """End after the call under way; waits for at most ``within_s`` seconds."""
        self._stopping.set()
        self._woken.set()
        if self._thread.is_alive():
            self._thread.join(within_s)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._woken.clear()
            if self._stopping.is_set():  # stop() came between the two lines above, and its wake-up was cleared
                return
            pause_s = self._poll_once()
            self._stopping.wait(min(self._at_least_s, pause_s))
            self._woken.wait(max(0.0, pause_s - self._at_least_s))

    def _poll_once(self) -> float:
        try:
            pause_s = self._poll()
        except Exception as error:  # noqa: BLE001 - logged with its traceback
            self._fault.began(repr(error), defect=error)
            return self._after_error_s
        self._fault.ended()
        return pause_s
