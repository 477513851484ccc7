"""Whether the hub is alive, and which of its messages is the newest. Pure: ``at`` is in monotonic seconds, passed in.

Screens, signs, panels and kiosks of a hall decide both here, so that no two of them can disagree. A screen depends on
the hub's messages (``is_stale``). A kiosk depends on the hub's answers (``is_silent``): numbers are issued while the
broker is away, too. A panel depends on both: a call that no screen can show must not be made.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from protocol.retained_messages import HubStatus
from protocol.vocabulary import Presence

STALE_AFTER_S = 15.0
"""Age in seconds from which a heartbeat proves nothing any more; the hub publishes one every 5 s."""
SILENT_AFTER = 2
"""Number of polls in a row without an answer from which the hub counts as silent; one answer may be lost."""


@dataclass(frozen=True, kw_only=True)
class HubLiveness:
    """Liveness of the hub as a device observes it.

    The hub is alive while the broker is connected, the last status says online, and the last heartbeat is at most
    STALE_AFTER_S old. A status that the broker replays (MQTT retain) is a heartbeat only when it is newer than the
    ONLINE before it: a broker repeats an old one to everybody who reconnects, also long after the hub has died. One
    with a forged time counts for no longer than until the hub's next.
    """

    connected: bool = False
    status: HubStatus | None = None
    heartbeat_at: float | None = None
    """When the last heartbeat came in, monotonic seconds."""
    proven_until: datetime | None = None
    """The hub's own time of the last heartbeat: its messages are known to be current until then."""
    online_as_of: datetime | None = None
    """The hub's own time in the last ONLINE status, whether or not it was a heartbeat."""
    unanswered: int = 0
    """How many polls in a row the hub did not answer, at most SILENT_AFTER."""

    def with_broker(self, *, connected: bool) -> HubLiveness:
        """Return the liveness after the connection to the broker was made or lost."""
        return replace(self, connected=connected)

    def with_status(self, status: HubStatus, *, replayed: bool, at: float) -> HubLiveness:
        """Return the liveness after a status of the hub; ``replayed`` when the broker had retained it."""
        known = replace(self, status=status, unanswered=self.unanswered if replayed else 0)
        if status.presence is Presence.ONLINE:
            known = replace(known, online_as_of=status.as_of)
        if self.is_heartbeat(status, replayed=replayed):
            return replace(known, heartbeat_at=at, proven_until=status.as_of)
        return known

    def is_heartbeat(self, status: HubStatus, *, replayed: bool) -> bool:
        """Whether a status proves that the hub is alive now."""
        is_news = not replayed or self.online_as_of is None or status.as_of > self.online_as_of
        return status.presence is Presence.ONLINE and is_news

    def with_answer(self) -> HubLiveness:
        """Return what is known after the hub answered a request."""
        return replace(self, unanswered=0)

    def with_unanswered_poll(self) -> HubLiveness:
        """Return what is known after a request that is made again and again got no answer."""
        return replace(self, unanswered=min(SILENT_AFTER, self.unanswered + 1))

    def with_unanswered_request(self) -> HubLiveness:
        """Return what is known after a person's request got no answer: the next person shall not wait for one."""
        return replace(self, unanswered=SILENT_AFTER)

    @property
    def is_silent(self) -> bool:
        """Whether the hub leaves requests unanswered, until it answers one or publishes a live status."""
        return self.unanswered >= SILENT_AFTER

    def is_restart(self, status: HubStatus) -> bool:
        """Whether a status comes from another run of the hub than the last one: its ``seq`` may count anew."""
        return self.status is not None and self.status.boot != status.boot

    def is_stale(self, at: float) -> bool:
        """Whether the hub is away, so that what it published last may no longer be true."""
        if not self.connected or self.status is None or self.status.presence is not Presence.ONLINE:
            return True
        return self.stale_at is None or at > self.stale_at

    @property
    def stale_at(self) -> float | None:
        """Until when the last heartbeat counts, monotonic seconds; None before the first."""
        return None if self.heartbeat_at is None else self.heartbeat_at + STALE_AFTER_S


class Numbered(Protocol):
    """A retained message that carries the number of the journal entry that it was made from."""

    @property
    def seq(self) -> int:
        """The journal entry's number."""
        ...


Message = TypeVar("Message", bound=Numbered)


@dataclass(frozen=True, kw_only=True)
class NewestMessage(Generic[Message]):
    """The newest message of one topic: a lower ``seq`` is dropped unless the hub has restarted, or insists.

    A restarted hub may have a new journal, which counts from the beginning. Its status and its first message may come
    in either order: a message dropped just before the restart was known is taken then. A lower ``seq`` that the
    broker replays is dropped, for the broker may have kept it from an earlier run.

    A forged message may have any number. The hub publishes everything again and again, so two different messages in a
    row with lower numbers, in order, outvote the newest. One that comes late, or twice, does not.
    """

    message: Message | None = None
    hub_restarted: bool = False
    dropped: Message | None = field(default=None, compare=False)
    """The message dropped last, unless the broker replayed it."""
    contender: Message | None = field(default=None, compare=False)
    """The message dropped last."""

    def is_older(self, message: Message) -> bool:
        """Whether a message was made from an earlier entry than the newest one."""
        return self.message is not None and message.seq < self.message.seq

    def accepts(self, message: Message, *, replayed: bool = False) -> bool:
        """Whether a message becomes the newest one."""
        return not self.is_older(message) or (self.hub_restarted and not replayed) or self._is_outvoted(message)

    def _is_outvoted(self, message: Message) -> bool:
        first = self.contender
        return first is not None and message != first and message.seq >= first.seq

    def with_message(self, message: Message, *, replayed: bool = False) -> NewestMessage[Message]:
        """Return the newest message after one was received."""
        if not self.accepts(message, replayed=replayed):
            return replace(self, dropped=self.dropped if replayed else message, contender=message)
        return NewestMessage(message=message, hub_restarted=self.hub_restarted and replayed)

    def with_restart(self) -> NewestMessage[Message]:
        """Return the newest message after the hub's status showed a restart."""
        return NewestMessage(message=self.message if self.dropped is None else self.dropped, hub_restarted=True)
