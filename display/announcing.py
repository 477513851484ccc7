"""Which calls of a new board deserve voice and highlight, in which order, how briefly and for how long. Pure.

* The first board after a connect, and one the broker replays, is painted and not announced.
* A board that ``NewestMessage`` drops as older is not painted; the first one of another journal is painted only.
* Each new call or recall is announced once, in ``call_seq`` order. A recall of a call that still waits replaces it, and
  a call that is over when its turn comes is dropped: what is spoken is true.
* One utterance is one call in one language, the visitor's own first. The hall's other languages follow only while no
  other call waits. Calls in a row are spoken briefly, and only the first has a chime, during which others may come.
* A call has the first place while it is spoken and for at least ``FIRST_PLACE_S``; its highlight stays for at least
  ``minimum_s``, beside that of the next call.
* A voice that hangs holds the hall for ``longest_s`` at most.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from hardware.voice.phrases import Utterance
from protocol.retained_messages import Board, Call
from protocol.vocabulary import Language
from runtime.hub_liveness import NewestMessage

FIRST_PLACE_S = 2.0
"""Least time for which a call stands first on the screen, seconds."""
IN_A_ROW_S = 1.0
"""Longest pause of the voice between calls that are spoken in a row, seconds."""
NEVER = float("-inf")


@dataclass(frozen=True, kw_only=True)
class Announcing:
    """The call that is announced, what the voice says now, and who waits. Times are monotonic seconds."""

    minimum_s: float = 4.0
    longest_s: float = 25.0
    languages: tuple[Language, ...] = (Language.ZH, Language.EN)
    """What the voice speaks; empty when it is silent."""
    boards: NewestMessage[Board] = field(default_factory=NewestMessage)
    present: Call | None = None
    since: float = 0.0
    """Since when the present call stands first."""
    speaking: Utterance | None = None
    speaking_since: float = 0.0
    languages_left: tuple[Language, ...] = ()
    """Languages in which the present call has not been spoken."""
    words_due: bool = False
    """Whether the present call has had its chime alone."""
    quiet_since: float = NEVER
    """When the voice ended its last utterance."""
    recent: tuple[tuple[Call, float], ...] = ()
    """Calls before the present one that are still highlighted, latest first, and until when."""
    waiting: tuple[Call, ...] = ()
    known_call_seq: int = 0
    """Newest call of a board before; never above the board's own number, which no call exceeds."""
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
        if self.boards.is_older(board) and self.boards.hub_restarted:
            return self._with_another_journal(boards)
        new: list[Call] = []
        if not (replayed or self.paint_next):
            new = [call for call in board.calls if call.call_seq > self.known_call_seq]
        announced = replace(
            self,
            boards=boards,
            waiting=_merged((*_still_true(self.waiting, board), *sorted(new, key=lambda call: call.call_seq))),
            known_call_seq=min(max(self.known_call_seq, _newest_call_seq(board)), board.seq),
            paint_next=False,
        )
        return announced.at(at)

    def _with_another_journal(self, boards: NewestMessage[Board]) -> Announcing:
        """Return the state with the first board of another journal, whose calls count anew."""
        return replace(
            self, boards=boards, known_call_seq=_newest_call_seq(boards.message), waiting=(), paint_next=False
        )

    def with_spoken(self, utterance: Utterance, *, at: float) -> Announcing:
        """Return the state after the voice ended, or gave up, an utterance."""
        if self.speaking != utterance:
            return self
        return replace(self, speaking=None, quiet_since=at).at(at)

    def at(self, at: float) -> Announcing:
        """Return the state at a time: what the voice says next, and whose highlight ends."""
        recent = tuple((call, until) for call, until in self.recent if until > at)
        now = self if len(recent) == len(self.recent) else replace(self, recent=recent)
        if now.speaking is not None and at - now.speaking_since < now.longest_s:
            return now
        if now.speaking is not None:
            now = replace(now, speaking=None, quiet_since=at)
        if now.present is None:
            return now._with_next(at)
        if now.words_due:
            return now._spoken_next(at, brief=bool(now.waiting))
        lasted = at - now.since
        if now.waiting:
            return now._with_next(at) if lasted >= min(FIRST_PLACE_S, now.minimum_s) else now
        if now.languages_left and not _is_over(now.present, now.board):
            return now._spoken_next(at, brief=False)
        return replace(now, present=None) if lasted >= now.minimum_s else now

    @property
    def next_words(self) -> Utterance | None:
        """What is spoken after the present utterance unless something changes."""
        if self.waiting and not self.words_due:
            language = self._own_first(self.waiting[0])[0]
            return Utterance(call=self.waiting[0], language=language, brief=True)
        if self.present is None or not self.languages_left:
            return None
        return Utterance(call=self.present, language=self.languages_left[0], brief=bool(self.waiting))

    def _own_first(self, call: Call) -> tuple[Language, ...]:
        """Return the languages of the voice, the visitor's own first."""
        return tuple(sorted(self.languages, key=lambda language: language is not call.language))

    def rows(self, limit: int) -> tuple[Call, ...]:
        """Return the calls to show, each number once: the highlighted ones, then the others, newest first."""
        calls = [] if self.board is None else self.board.calls
        shown: dict[str, Call] = {}
        for call in (*self._highlighted(), *calls):
            shown.setdefault(call.number, call)
        return tuple(shown.values())[:limit]

    @property
    def highlighted(self) -> int:
        """The number of rows that are highlighted, from the first one on."""
        return len({call.number for call in self._highlighted()})

    def _highlighted(self) -> tuple[Call, ...]:
        present = () if self.present is None else (self.present,)
        return (*present, *(call for call, _ in self.recent))

    def _with_next(self, at: float) -> Announcing:
        """Give the first place to the call that waits longest, if there is one, and begin to speak it."""
        if not self.waiting:
            return self
        call, *waiting = self.waiting
        recent = self.recent if self.present is None else ((self.present, self.since + self.minimum_s), *self.recent)
        in_a_row = at - self.quiet_since < IN_A_ROW_S
        begun = replace(
            self,
            present=call,
            since=at,
            recent=tuple((old, until) for old, until in recent if until > at),
            languages_left=self._own_first(call),
            waiting=tuple(waiting),
        )
        if in_a_row or not self.languages:
            return begun._spoken_next(at, brief=in_a_row)
        return replace(begun, speaking=Utterance(call=call, language=None), speaking_since=at, words_due=True)

    def _spoken_next(self, at: float, *, brief: bool) -> Announcing:
        """Begin to speak the present call in the next of its languages, if there is one and the call is not over."""
        if self.present is None or not self.languages_left or _is_over(self.present, self.board):
            return replace(self, words_due=False)
        language, *left = self.languages_left
        utterance = Utterance(call=self.present, language=language, brief=brief)
        return replace(self, speaking=utterance, speaking_since=at, languages_left=tuple(left), words_due=False)


def _newest_call_seq(board: Board | None) -> int:
    return 0 if board is None else max((call.call_seq for call in board.calls), default=0)


def _still_true(calls: Iterable[Call], board: Board) -> list[Call]:
    """Return the calls that are not over on a board."""
    return [call for call in calls if not _is_over(call, board)]


def _merged(calls: Iterable[Call]) -> tuple[Call, ...]:
    """Return calls that are not over, each number once: a recall takes the place of the call that still waits."""
    newest: dict[str, Call] = {}
    for call in calls:
        if not call.over:
            newest[call.number] = call
    return tuple(newest.values())


def _is_over(call: Call, board: Board | None) -> bool:
    """Whether a call is over: marked so, or gone from the board, as after its cancellation or a day's end.

    One that is older than all calls which the board lists only had to make room.
    """
    if board is None:
        return False
    known = {other.call_seq: other for other in board.calls}
    if call.call_seq in known:
        return known[call.call_seq].over
    oldest = min(known, default=0) if board.calls_since is None else board.calls_since
    return call.call_seq >= oldest
