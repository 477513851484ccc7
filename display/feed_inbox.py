"""What other threads hand to the screen's own thread: everything that was heard, in order, none lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from queue import Empty, SimpleQueue

from protocol.retained_messages import Board, HubStatus, Notice, Sign
from protocol.vocabulary import Text


@dataclass(frozen=True, kw_only=True)
class BoardHeard:
    """The hall's board came in; ``replayed`` when the broker had kept it."""

    board: Board
    replayed: bool


@dataclass(frozen=True, kw_only=True)
class SignHeard:
    """A window's sign came in."""

    sign: Sign


@dataclass(frozen=True, kw_only=True)
class NoticeHeard:
    """The notice line came in."""

    notice: Notice


@dataclass(frozen=True, kw_only=True)
class HubHeard:
    """The hub's heartbeat, or the broker's word on it, came in."""

    status: HubStatus
    replayed: bool


@dataclass(frozen=True, kw_only=True)
class BrokerPresence:
    """The broker came or went."""

    connected: bool


@dataclass(frozen=True, kw_only=True)
class CallSpoken:
    """The voice ended a call; ``fault`` says why it was not heard."""

    call_seq: int
    fault: Text | None


FeedEvent = BoardHeard | SignHeard | NoticeHeard | HubHeard | BrokerPresence | CallSpoken


class FeedInbox:
    """A queue that any thread fills and the screen's thread empties."""

    def __init__(self) -> None:
        self._heard: SimpleQueue[FeedEvent] = SimpleQueue()
        self._wake: Callable[[], None] | None = None

    def on_arrival(self, wake: Callable[[], None]) -> None:
        """Call ``wake``, from the thread that puts, whenever something arrives."""
        self._wake = wake

    def put(self, heard: FeedEvent) -> None:
        """Hand over from any thread."""
        self._heard.put(heard)
        if self._wake is not None:
            self._wake()

    def take(self) -> Iterator[FeedEvent]:
        """Yield what arrived, oldest first."""
        while True:
            try:
                yield self._heard.get_nowait()
            except Empty:
                return
