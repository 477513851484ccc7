"""Which calls are announced, in which order and how long."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from display.announcing import Announcing
from protocol.retained_messages import Board, Call
from protocol.vocabulary import Text

AS_OF = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
AREA = Text(zh="一楼", en="Floor 1")


def call(call_seq: int, *, number: str | None = None, recall: bool = False) -> Call:
    return Call(
        number=number or f"A{call_seq:03d}",
        window="window-3",
        window_label="3",
        area=AREA,
        call_seq=call_seq,
        called_at=AS_OF,
        recall=recall,
    )


def board(seq: int, *calls: Call) -> Board:
    """Return a board whose newest call is the last argument."""
    return Board(seq=seq, as_of=AS_OF, site="hall", name=AREA, calls=list(reversed(calls)), waiting=[], open=True)


def running(*, minimum_s: float = 4.0) -> Announcing:
    """Return a screen that has painted its first board, without calls."""
    return Announcing(minimum_s=minimum_s).with_board(board(1), replayed=False, at=0.0)


def told(announcing: Announcing) -> str | None:
    return None if announcing.present is None else announcing.present.number


def test_the_first_board_after_a_connect_is_painted_not_announced() -> None:
    started = Announcing().with_board(board(7, call(1), call(2)), replayed=False, at=0.0)
    assert (told(started), [c.number for c in started.rows(6)]) == (None, ["A002", "A001"])
    again = started.with_connection().with_board(board(9, call(1), call(2), call(3)), replayed=False, at=1.0)
    assert (told(again), [c.number for c in again.rows(6)]) == (None, ["A003", "A002", "A001"])


def test_a_board_that_the_broker_replays_is_painted_not_announced() -> None:
    replayed = running().with_board(board(2, call(1)), replayed=True, at=1.0)
    assert (told(replayed), [c.number for c in replayed.rows(6)]) == (None, ["A001"])


def test_a_new_call_is_announced_at_once_and_a_board_shown_again_changes_nothing() -> None:
    called = running().with_board(board(2, call(1)), replayed=False, at=1.0)
    assert told(called) == "A001"
    assert called.with_board(board(2, call(1)), replayed=False, at=2.0) == called


def test_an_older_board_is_dropped() -> None:
    newer = running().with_board(board(5, call(1), call(2)), replayed=False, at=1.0)
    assert newer.with_board(board(4, call(1)), replayed=False, at=2.0) == newer


def test_a_recall_is_announced_again_and_its_number_stands_once() -> None:
    called = running().with_board(board(2, call(1)), replayed=False, at=0.0).with_spoken(1).at(5.0)
    assert told(called) is None
    recalled = called.with_board(board(3, call(1), call(2, number="A001", recall=True)), replayed=False, at=6.0)
    assert (told(recalled), [c.number for c in recalled.rows(6)]) == ("A001", ["A001"])


def test_several_calls_at_once_take_turns_and_the_announced_one_stands_first() -> None:
    several = running().with_board(board(2, call(1), call(2), call(3)), replayed=False, at=0.0)
    assert [c.number for c in several.rows(6)] == ["A001", "A003", "A002"]
    second = several.with_spoken(1).at(4.0)
    assert [c.number for c in second.rows(6)] == ["A002", "A003", "A001"]


def test_a_call_keeps_the_highlight_for_its_minimum_and_while_it_is_spoken() -> None:
    several = running(minimum_s=4.0).with_board(board(2, call(1), call(2)), replayed=False, at=10.0)
    assert told(several.with_spoken(1).at(13.9)) == "A001"
    assert told(several.with_spoken(1).at(14.0)) == "A002"
    assert told(several.at(30.0)) == "A001"
    assert told(several.at(35.0)) == "A002"


def test_a_call_that_left_the_board_before_its_turn_is_still_announced() -> None:
    several = running().with_board(board(2, call(1), call(2)), replayed=False, at=0.0)
    shorter = several.with_board(board(3, call(3)), replayed=False, at=1.0)
    assert [c.number for c in shorter.queued] == ["A002", "A003"]


def test_a_hub_that_starts_afresh_with_another_journal_is_believed() -> None:
    before = running().with_board(board(900, call(50)), replayed=False, at=0.0).with_spoken(50).at(5.0)
    fresh = before.with_hub_restart()
    assert fresh.with_board(board(3), replayed=True, at=6.0) == fresh
    painted = fresh.with_board(board(3, call(1)), replayed=False, at=6.0)
    assert (told(painted), [c.number for c in painted.rows(6)]) == (None, ["A001"])
    assert told(painted.with_board(board(4, call(1), call(2)), replayed=False, at=7.0)) == "A002"


def test_the_first_board_of_another_journal_may_come_before_the_hubs_status() -> None:
    before = running().with_board(board(900, call(50)), replayed=False, at=0.0).with_spoken(50).at(5.0)
    dropped = before.with_board(board(3, call(1)), replayed=False, at=6.0)
    assert [c.number for c in dropped.rows(6)] == ["A050"]
    painted = dropped.with_hub_restart()
    assert (told(painted), [c.number for c in painted.rows(6)]) == (None, ["A001"])
    assert told(painted.with_board(board(4, call(1), call(2)), replayed=False, at=7.0)) == "A002"


def test_a_hub_that_starts_afresh_with_the_same_journal_still_announces() -> None:
    restarted = (
        running().with_board(board(5, call(1)), replayed=False, at=0.0).with_spoken(1).at(5.0).with_hub_restart()
    )
    assert told(restarted.with_board(board(6, call(1), call(2)), replayed=False, at=6.0)) == "A002"


STEP = st.tuples(
    st.integers(min_value=0, max_value=4),  # calls in the next board
    st.floats(min_value=0.01, max_value=9.0),  # seconds until it
    st.booleans(),  # the voice has ended the present call by then
    st.booleans(),  # the board before comes once more, late
)


@given(steps=st.lists(STEP, max_size=25), minimum_s=st.floats(min_value=1.0, max_value=8.0))
def test_nothing_is_lost_order_is_kept_and_every_highlight_has_its_minimum(
    steps: list[tuple[int, float, bool, bool]], minimum_s: float
) -> None:
    state, at, calls, last = running(minimum_s=minimum_s), 0.0, [], board(1)
    starts: list[tuple[int, float]] = []

    def note() -> None:
        if state.present is not None and (not starts or starts[-1][0] != state.present.call_seq):
            starts.append((state.present.call_seq, at))

    for seq, (count, passed, spoken, late) in enumerate(steps, start=2):
        at += passed
        if spoken and state.present is not None:
            state = state.with_spoken(state.present.call_seq)
        state = state.at(at)
        note()
        earlier = last
        calls = [*calls, *(call(len(calls) + 1 + index) for index in range(count))]
        last = board(seq, *calls[-30:])
        state = state.with_board(last, replayed=False, at=at)
        note()
        if late:
            state = state.with_board(earlier, replayed=False, at=at)
    while state.present is not None:
        at += state.longest_s
        state = state.at(at)
        note()

    assert [call_seq for call_seq, _ in starts] == list(range(1, len(calls) + 1))
    pairs = itertools.pairwise(starts)
    assert all(after - before >= minimum_s - 1e-6 for (_, before), (_, after) in pairs)
