"""Resources that a test starts and ends together."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import ExitStack
from types import TracebackType
from typing import Self


class ManagedResources(ABC):
    """Starts its parts with a ``with`` block and ends them with it, also when a start fails half-way."""

    def __init__(self) -> None:
        self._open = ExitStack()
        """What has been started so far; it ends in reverse order."""

    def __enter__(self) -> Self:
        """Start every part."""
        try:
            self._start_all()
        except BaseException:
            self._open.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End every part."""
        self._open.close()

    @abstractmethod
    def _start_all(self) -> None:
        """Start every part, and note in ``_open`` how each ends."""
