"""Events that other threads hand to the screen's own thread: in order, none lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from queue import Empty, SimpleQueue

from hardware.voice.phrases import Utterance
from protocol.retained_messages import Board, HubStatus, Notice, Sign
from protocol.vocabulary import Text


@dataclass(frozen=True, kw_only=True)
class BoardReceived:
    """A board; ``replayed`` when the broker had retained it."""

    board: Board
    replayed: bool


@dataclass(frozen=True, kw_only=True)
class SignReceived:
    """A window's sign; ``replayed`` as of a board."""

    sign: Sign
    replayed: bool


@dataclass(frozen=True, kw_only=True)
class NoticeReceived:
    """A notice line; ``replayed`` as of a board."""

    notice: Notice
    replayed: bool


@dataclass(frozen=True, kw_only=True)
class HubStatusReceived:
    """The hub's status: its heartbeat, its farewell or its will."""

    status: HubStatus
    replayed: bool


@dataclass(frozen=True, kw_only=True)
class BrokerConnectionChanged:
    """The connection to the broker was made or lost."""

    connected: bool


@dataclass(frozen=True, kw_only=True)
class CallSpoken:
    """The voice ended an utterance; ``fault`` is why it was not spoken."""

    utterance: Utterance
    fault: Text | None


FeedEvent = BoardReceived | SignReceived | NoticeReceived | HubStatusReceived | BrokerConnectionChanged | CallSpoken


class FeedInbox:
    """A queue that any thread fills and the screen's thread empties."""

    def __init__(self) -> None:
        self._events: SimpleQueue[FeedEvent] = SimpleQueue()
        self._wake: Callable[[], None] | None = None

    def on_arrival(self, wake: Callable[[], None]) -> None:
        """Call ``wake``, from the thread that puts, whenever something arrives."""
        self._wake = wake

    def put(self, event: FeedEvent) -> None:
        """Append an event; from any thread."""
        self._events.put(event)
        if self._wake is not None:
            self._wake()

    def take(self) -> Iterator[FeedEvent]:
        """Yield the waiting events, oldest first."""
        while True:
            try:
                yield self._events.get_nowait()
            except Empty:
                return
