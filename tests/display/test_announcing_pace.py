"""How late a call is spoken: the rule of announcing played against a voice whose utterances last as long as ours."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from display.announcing import Announcing
from hardware.voice.phrases import Utterance
from protocol.retained_messages import Board, Call
from protocol.vocabulary import Language, Text

AS_OF = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
AREA = Text(zh="一楼", en="Floor 1")
REFRESH_S = 0.25
"""Interval at which the screen applies the rule, seconds."""
HAND_OVER_S = 0.15
"""Time from the end of an utterance to the beginning of the next, seconds."""
CHIME_S, FULL_S, BRIEF_S = 1.1, 4.8, 2.2


@dataclass
class Spoken:
    """A call that was spoken in its visitor's language, and how long after the press the voice ended, seconds."""

    call: Call
    lag_s: float


@dataclass
class Playing:
    """The rule, a voice, and a clock."""

    chime_s: float = CHIME_S
    full_s: float = FULL_S
    brief_s: float = BRIEF_S
    state: Announcing = field(default_factory=Announcing)
    calls: list[Call] = field(default_factory=list)
    pressed_at: dict[int, float] = field(default_factory=dict)
    over: set[int] = field(default_factory=set)
    utterances: list[Utterance] = field(default_factory=list)
    spoken: list[Spoken] = field(default_factory=list)
    expected: list[Utterance | None] = field(default_factory=list)
    """For each utterance what was to follow when it began."""
    read_ahead: int = 0
    """Number of utterances that were expected when the one before them began."""

    def __post_init__(self) -> None:
        self._show(0.0)

    def play(self, presses: Sequence[tuple[float, Call]], *, ends: Sequence[tuple[float, int]] = ()) -> None:
        """Play presses, and the ends of calls by their ``call_seq``, both in order, until all is spoken."""
        pressed, ended = list(presses), list(ends)
        at, ends_at, speaking = 0.0, float("inf"), None
        while pressed or ended or speaking is not None or self.state.present is not None or self.state.waiting:
            at = min(at + REFRESH_S, ends_at, *(events[0][0] for events in (pressed, ended) if events))
            if speaking is not None and ends_at <= at:
                self._end(speaking, at=at)
                speaking, ends_at = None, float("inf")
            while pressed and pressed[0][0] <= at:
                _, call = pressed.pop(0)
                self.calls.insert(0, call)
                self.pressed_at[call.call_seq] = at
                self._show(at)
            while ended and ended[0][0] <= at:
                self.over.add(ended.pop(0)[1])
                self._show(at)
            self.state = self.state.at(at)
            if self.state.speaking is not None and speaking is None:
                speaking = self.state.speaking
                self.read_ahead += self.expected[-1:] == [speaking]
                self.expected.append(self.state.next_words)
                ends_at = at + HAND_OVER_S + self._duration_s(speaking)
                self.utterances.append(speaking)

    def _end(self, utterance: Utterance, *, at: float) -> None:
        if utterance.language is utterance.call.language:
            call_seq = utterance.call.call_seq
            self.spoken.append(Spoken(utterance.call, at - self.pressed_at[call_seq]))
        self.state = self.state.with_spoken(utterance, at=at)

    def _duration_s(self, utterance: Utterance) -> float:
        if utterance.language is None:
            return self.chime_s
        return self.brief_s if utterance.brief else self.full_s

    def _show(self, at: float) -> None:
        calls = [call.model_copy(update={"over": call.call_seq in self.over}) for call in self.calls[:30]]
        seq = 1 + len(self.calls) + len(self.over)
        board = Board(seq=seq, as_of=AS_OF, site="hall", name=AREA, calls=calls, waiting=[], open=True)
        self.state = self.state.with_board(board, replayed=False, at=at)


def call(call_seq: int, *, language: Language = Language.ZH) -> Call:
    return Call(
        number=f"{'ABCDEFGH'[call_seq % 8]}{call_seq % 1000:03d}",
        window=f"window-{call_seq % 12 + 1}",
        window_label=str(call_seq % 12 + 1),
        area=AREA,
        call_seq=call_seq,
        called_at=AS_OF,
        language=language,
    )


@pytest.mark.parametrize("english", [0, 3, 12])
def test_the_last_of_twelve_calls_at_once_is_spoken_within_30_seconds(english: int) -> None:
    calls = [call(n + 1, language=Language.EN if n < english else Language.ZH) for n in range(12)]
    playing = Playing()
    playing.play([(10.0 + 0.05 * n, called) for n, called in enumerate(calls)])
    assert [spoken.call for spoken in playing.spoken] == calls
    assert max(spoken.lag_s for spoken in playing.spoken) <= 30.0
    assert playing.read_ahead >= len(calls) - 1  # the first words are chosen after the chime


def test_eight_calls_a_minute_for_four_hours_are_spoken_within_20_seconds() -> None:
    chance = random.Random(20261123)
    at, presses = 0.0, []
    while at < 4 * 3600:
        at += chance.expovariate(8 / 60)
        presses.append((at, call(len(presses) + 1, language=chance.choices(list(Language), [9, 1])[0])))
    playing = Playing()
    playing.play(presses)
    assert len(playing.spoken) == len(presses)
    lags = sorted(spoken.lag_s for spoken in playing.spoken)
    assert lags[int(0.99 * len(lags))] <= 20.0
    other = [u for u in playing.utterances if u.language not in (None, u.call.language)]
    assert len(other) > len(presses) / 4  # with time to spare the second language is spoken too


def test_a_number_marked_absent_before_its_turn_is_never_called() -> None:
    calls = [call(n + 1) for n in range(12)]
    playing = Playing()
    playing.play([(10.0, called) for called in calls], ends=[(12.0, calls[-1].call_seq)])
    assert [spoken.call.call_seq for spoken in playing.spoken] == [called.call_seq for called in calls[:-1]]
    assert {one.call.call_seq for one in playing.utterances} == {called.call_seq for called in calls[:-1]}
