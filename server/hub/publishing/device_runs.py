"""The runs of one device: two that publish in turn are two machines with one identity."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from protocol.retained_messages import DeviceStatus
from protocol.vocabulary import Presence, Text

LOST_AFTER_S = 25.0
"""Age from which an online status proves nothing, seconds; a device publishes one every 10 s."""


@dataclass(slots=True)
class _Run:
    """One run of a program, by its boot id; times are monotonic, seconds."""

    began: float
    newest: DeviceStatus
    received: float

    def is_online(self, at: float) -> bool:
        return self.newest.presence is Presence.ONLINE and at - self.received <= LOST_AFTER_S


class DeviceRuns:
    """What the runs of one device have published, the one that was there first before the others."""

    def __init__(self) -> None:
        self._runs: dict[str, _Run] = {}

    def add(self, status: DeviceStatus, *, at: float) -> None:
        """Store a status; runs that are over are forgotten."""
        run = self._runs.get(status.boot)
        self._runs = {boot: other for boot, other in self._runs.items() if boot == status.boot or other.is_online(at)}
        if run is None:
            self._runs[status.boot] = _Run(began=at, newest=status, received=at)
        else:
            run.newest, run.received = status, at

    def is_twofold(self, *, at: float) -> bool:
        """Whether two machines are online: an earlier run has published after a later one began."""
        online = self._online(at)
        return any(first.received > later.began for first, later in pairwise(online))

    def _online(self, at: float) -> list[_Run]:
        return [run for run in self._runs.values() if run.is_online(at)]

    def shown(self, *, at: float) -> tuple[DeviceStatus, Presence] | None:
        """Return the status to show, and the presence that it proves now; None when nothing was published.

        Of two machines it is that of the first; else of the newest run, one that is online before others.
        """
        candidates = self._online(at) or list(self._runs.values())
        if not candidates:
            return None
        run = candidates[0 if self.is_twofold(at=at) else -1]
        is_old = run.newest.presence is Presence.ONLINE and not run.is_online(at)
        return run.newest, Presence.LOST if is_old else run.newest.presence


def twofold_text(device: str) -> Text:
    """Return what to do about two machines that use the identity of one device."""
    return Text(
        zh=f"有两台机器同时用 {device} 的身份：给后来的那台另取名字登记",
        en=f"two machines use the identity {device}: enrol the one that came later under another name",
    )
