"""Which calls of a new board deserve chime, voice and highlight, in which order and for how long. Pure.

* The first board after a connect, and one the broker replays, is painted and not announced.
* A board that ``NewestMessage`` drops as older is not painted; the first one of another journal is painted only.
* Each new call or recall is announced once, in ``call_seq`` order; none is lost, however many come at once.
* An announcement stays for at least ``minimum_s`` and until it was spoken, but never longer than ``longest_s``,
  so that a voice that hangs does not hold the hall.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from protocol.retained_messages import Board, Call
from runtime.hub_liveness import NewestMessage


@dataclass(frozen=True, kw_only=True)
class Announcing:
    """The call that is being announced and those that follow. ``at`` is in monotonic seconds."""

    minimum_s: float = 4.0
    longest_s: float = 25.0
    boards: NewestMessage[Board] = field(default_factory=NewestMessage)
    present: Call | None = None
    since: float = 0.0
    spoken: bool = False
    queued: tuple[Call, ...] = ()
    known_call_seq: int = 0
    paint_next: bool = True

    @property
    def board(self) -> Board | None:
        """The newest board."""
        return self.boards.message

    def with_connection(self) -> Announcing:
        """Return the state after a connect to the broker: what happened in between is painted, not announced."""
        return replace(self, paint_next=True)

    def with_hub_restart(self) -> Announcing:
        """Return the state after a restart of the hub; its journal may have been replaced."""
        boards = self.boards.with_restart()
        return replace(self, boards=boards) if boards.message is self.board else self._with_another_journal(boards)

    def with_board(self, board: Board, *, replayed: bool, at: float) -> Announcing:
        """Return the state with a board that was received; the same state when the board is an older one."""
        boards = self.boards.with_message(board, replayed=replayed)
        if not self.boards.accepts(board, replayed=replayed):
            return replace(self, boards=boards)
        if self.boards.is_older(board):
            return self._with_another_journal(boards)
        new: list[Call] = []
        if not (replayed or self.paint_next):
            new = [call for call in board.calls if call.call_seq > self.known_call_seq]
        announced = replace(
            self,
            boards=boards,
            queued=(*self.queued, *sorted(new, key=lambda call: call.call_seq)),
            known_call_seq=max(self.known_call_seq, _newest_call_seq(board)),
            paint_next=False,
        )
        return announced.at(at)

    def _with_another_journal(self, boards: NewestMessage[Board]) -> Announcing:
        """Return the state with the first board of another journal, whose calls count anew."""
        return replace(
            self, boards=boards, known_call_seq=_newest_call_seq(boards.message), queued=(), paint_next=False
        )

    def with_spoken(self, call_seq: int) -> Announcing:
        """Return the state after the voice ended, or gave up, a call."""
        if self.present is None or self.present.call_seq != call_seq:
            return self
        return replace(self, spoken=True)

    def at(self, at: float) -> Announcing:
        """Return the state at a time: the next call takes the highlight when the present one had its due."""
        if self.present is not None and not self._is_over(at):
            return self
        if self.queued:
            return replace(self, present=self.queued[0], queued=self.queued[1:], since=at, spoken=False)
        return replace(self, present=None) if self.present is not None else self

    def _is_over(self, at: float) -> bool:
        lasted = at - self.since
        return lasted >= self.longest_s or (self.spoken and lasted >= self.minimum_s)

    def rows(self, limit: int) -> tuple[Call, ...]:
        """Return the calls to show, each number once: the present announcement, then the others newest first."""
        calls = [] if self.board is None else self.board.calls
        first = [] if self.present is None else [self.present]
        shown: dict[str, Call] = {}
        for call in (*first, *calls):
            shown.setdefault(call.number, call)
        return tuple(shown.values())[:limit]


def _newest_call_seq(board: Board | None) -> int:
    return 0 if board is None else max((call.call_seq for call in board.calls), default=0)
