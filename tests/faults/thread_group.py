"""Threads under load that end together."""

from __future__ import annotations

import threading
from typing import Any


class ThreadGroup:
    """Threads that work until they are done; ``finish`` raises the first error of any of them."""

    def __init__(self) -> None:
        self._threads: list[threading.Thread] = []
        self._errors: list[BaseException] = []
        self.stopping = threading.Event()

    def add(self, work: Any, *arguments: Any) -> None:
        """Start a thread that does this work."""

        def run() -> None:
            try:
                work(*arguments)
            except BaseException as error:  # noqa: BLE001 - raised again by ``finish``
                self._errors.append(error)
                self.stopping.set()

        thread = threading.Thread(target=run, daemon=True)
        self._threads.append(thread)
        thread.start()

    def finish(self) -> None:
        """Wait until all threads have ended."""
        for thread in self._threads:
            thread.join()
        if self._errors:
            raise self._errors[0]

    def stop(self) -> None:
        """Set ``stopping`` for threads without an end of their own, and wait until all have ended."""
        self.stopping.set()
        self.finish()
