"""A device that has authenticated with its key, and what it is bound to."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from protocol.vocabulary import DeviceKind, WindowId


class Device(BaseModel):
    """The holder of a device's key: its id, its kind and its windows."""

    model_config = ConfigDict(frozen=True)

    id: str
    kind: DeviceKind
    windows: frozenset[WindowId] | None = frozenset()
    """Windows that a panel serves; empty for the other kinds. None is every window: the key of an earlier version."""

    def serves(self, window: WindowId | None) -> bool:
        """Whether the device is a panel of this window."""
        return window is not None and (self.windows is None or window in self.windows)
