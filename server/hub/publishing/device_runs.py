"""The runs of one device: two that publish in turn are two machines with one identity."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from protocol.retained_messages import DeviceStatus
from protocol.vocabulary import Presence, Text

LOST_AFTER_S = 25.0
"""Age from which an online status proves nothing, seconds; a device publishes one every 10 s."""


@dataclass(slots=True)
class DeviceRun:
    """One run of a device's program; times are monotonic, seconds."""

    began: float
    newest: DeviceStatus
    received: float
    clock_offset_s: float
    """How far the device's clock is ahead of the hub's."""

    def is_online(self, at: float) -> bool:
        """Whether its newest status says so, and is not too old."""
        return self.presence(at) is Presence.ONLINE

    def presence(self, at: float) -> Presence:
        """Return the presence that its newest status proves now."""
        is_old = self.newest.presence is Presence.ONLINE and at - self.received > LOST_AFTER_S
        return Presence.LOST if is_old else self.newest.presence


class DeviceRuns:
    """What the runs of one device have published, the one that was there first before the others."""

    def __init__(self) -> None:
        self._runs: dict[str, DeviceRun] = {}
        self._begun = 0

    @property
    def restarts(self) -> int:
        """How often the program was started again since this hub was started."""
        return max(0, self._begun - 1)

    def add(self, status: DeviceStatus, *, at: float, clock: datetime) -> None:
        """Store a status that came ``at``, by the hub's ``clock``; runs that are over are forgotten."""
        run = self._runs.get(status.boot)
        self._runs = {boot: other for boot, other in self._runs.items() if boot == status.boot or other.is_online(at)}
        offset_s = (status.as_of - clock).total_seconds()
        began = at if run is None else run.began
        self._runs[status.boot] = DeviceRun(began=began, newest=status, received=at, clock_offset_s=offset_s)
        self._begun += run is None

    def is_twofold(self, *, at: float) -> bool:
        """Whether two machines are online: an earlier run has published after a later one began."""
        online = self._online(at)
        return any(first.received > later.began for first, later in pairwise(online))

    def _online(self, at: float) -> list[DeviceRun]:
        return [run for run in self._runs.values() if run.is_online(at)]

    def shown(self, *, at: float) -> DeviceRun | None:
        """Return the run to show; None when nothing was published.

        Of two machines it is that of the first; else of the newest run, one that is online before others.
        """
        candidates = self._online(at) or list(self._runs.values())
        if not candidates:
            return None
        return candidates[0 if self.is_twofold(at=at) else -1]


def twofold_text(device: str) -> Text:
    """Return what to do about two machines that use the identity of one device."""
    return Text(
        zh=f"有两台机器同时用 {device} 的身份：给后来的那台另取名字登记",
        en=f"two machines use the identity {device}: enrol the one that came later under another name",
    )
