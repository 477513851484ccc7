"""Whether the numbers on a screen may still be trusted. Pure; ``at`` is in monotonic seconds.

The hub repeats its status every 5 s. A screen is stale when the broker is gone, the hub is not online, or the
heartbeat is older than 15 s. A status that the broker replays is no sign of life unless it is newer than the last.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from protocol.retained_messages import HubStatus
from protocol.vocabulary import Presence

STALE_AFTER_S = 15.0


@dataclass(frozen=True, kw_only=True)
class Freshness:
    """What is known of the way from the hub to this screen."""

    connected: bool = False
    hub: HubStatus | None = None
    heard_at: float | None = None
    true_at: datetime | None = None

    def presence(self, *, connected: bool) -> Freshness:
        """Return what is known after the broker came or went."""
        return replace(self, connected=connected)

    def heard(self, status: HubStatus, *, replayed: bool, at: float) -> Freshness:
        """Return what is known after the hub's status came in."""
        alive = status.presence is Presence.ONLINE
        news = not replayed or self.true_at is None or status.as_of > self.true_at
        if alive and news:
            return replace(self, hub=status, heard_at=at, true_at=status.as_of)
        return replace(self, hub=status)

    def stale(self, at: float) -> bool:
        """Whether what is shown may no longer be true."""
        if not self.connected or self.heard_at is None or self.hub is None:
            return True
        return self.hub.presence is not Presence.ONLINE or at - self.heard_at > STALE_AFTER_S
