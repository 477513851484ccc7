"""A device that has authenticated with its key, and what it is bound to."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from protocol.vocabulary import DeviceKind, WindowId


class Device(BaseModel):
    """The holder of a device's key: its id, its kind and its windows."""

    model_config = ConfigDict(frozen=True)

    id: str
    kind: DeviceKind
    windows: frozenset[WindowId] = frozenset()
    """Windows that a panel serves; empty for the other kinds."""
