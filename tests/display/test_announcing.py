"""Which calls are announced, in which order and how long."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from display.announcing import FIRST_PLACE_S, Announcing
from protocol.retained_messages import Board, Call
from protocol.vocabulary import Language, Text

AS_OF = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
AREA = Text(zh="一楼", en="Floor 1")


def call(
    call_seq: int,
    *,
    number: str | None = None,
    recall: bool = False,
    language: Language = Language.ZH,
    over: bool = False,
) -> Call:
    return Call(
        number=number or f"A{call_seq:03d}",
        window="window-3",
        window_label="3",
        area=AREA,
        call_seq=call_seq,
        called_at=AS_OF,
        recall=recall,
        language=language,
        over=over,
    )


def board(seq: int, *calls: Call) -> Board:
    """Return a board whose newest call is the last argument."""
    return Board(seq=seq, as_of=AS_OF, site="hall", name=AREA, calls=list(reversed(calls)), waiting=[], open=True)


def running(*, minimum_s: float = 4.0, languages: tuple[Language, ...] = (Language.ZH, Language.EN)) -> Announcing:
    """Return a screen that has painted its first board, without calls."""
    return Announcing(minimum_s=minimum_s, languages=languages).with_board(board(1), replayed=False, at=0.0)


def present(announcing: Announcing) -> str | None:
    return None if announcing.present is None else announcing.present.number


def spoken(announcing: Announcing, *, at: float) -> Announcing:
    """Return the state after the voice has ended its utterance."""
    return announcing if announcing.speaking is None else announcing.with_spoken(announcing.speaking, at=at)


def utterance_of(announcing: Announcing) -> tuple[str, ...] | None:
    """Return the utterance of the voice now, as number, language and form, or as number and chime."""
    now = announcing.speaking
    if now is None:
        return None
    if now.language is None:
        return now.call.number, "chime"
    return now.call.number, now.language.value, "brief" if now.brief else "full"


def chimed(announcing: Announcing, *, at: float) -> Announcing:
    """Return the state after the chime of the present call."""
    assert announcing.speaking is not None
    assert announcing.speaking.language is None
    return spoken(announcing, at=at)


def test_the_first_board_after_a_connect_is_painted_not_announced() -> None:
    started = Announcing().with_board(board(7, call(1), call(2)), replayed=False, at=0.0)
    assert (present(started), [c.number for c in started.rows(6)]) == (None, ["A002", "A001"])
    again = started.with_connection().with_board(board(9, call(1), call(2), call(3)), replayed=False, at=1.0)
    assert (present(again), [c.number for c in again.rows(6)]) == (None, ["A003", "A002", "A001"])


def test_a_board_that_the_broker_replays_is_painted_not_announced() -> None:
    replayed = running().with_board(board(2, call(1)), replayed=True, at=1.0)
    assert (present(replayed), [c.number for c in replayed.rows(6)]) == (None, ["A001"])


def test_a_new_call_is_announced_at_once_and_a_board_shown_again_changes_nothing() -> None:
    called = running().with_board(board(2, call(1)), replayed=False, at=1.0)
    assert present(called) == "A001"
    assert called.with_board(board(2, call(1)), replayed=False, at=2.0) == called


def test_an_older_board_is_dropped() -> None:
    newer = running().with_board(board(5, call(1), call(2)), replayed=False, at=1.0)
    assert newer.with_board(board(4, call(1)), replayed=False, at=2.0) == newer


def test_a_recall_is_announced_again_and_its_number_is_shown_once() -> None:
    called = running(languages=()).with_board(board(2, call(1)), replayed=False, at=0.0).at(5.0)
    assert present(called) is None
    recalled = called.with_board(board(3, call(1), call(2, number="A001", recall=True)), replayed=False, at=6.0)
    assert (present(recalled), [c.number for c in recalled.rows(6)]) == ("A001", ["A001"])


def test_several_calls_at_once_take_turns_and_the_announced_one_is_first() -> None:
    several = running().with_board(board(2, call(1), call(2), call(3)), replayed=False, at=0.0)
    assert [c.number for c in several.rows(6)] == ["A001", "A003", "A002"]
    second = spoken(chimed(several, at=1.0), at=3.0)
    assert [c.number for c in second.rows(6)] == ["A002", "A001", "A003"]


def test_a_call_stands_first_while_it_is_spoken_and_keeps_its_highlight_beside_the_next() -> None:
    several = running(minimum_s=4.0).with_board(board(2, call(1), call(2)), replayed=False, at=10.0)
    words = chimed(several, at=10.5)
    assert present(words.at(34.0)) == "A001"
    assert present(spoken(words, at=11.0)) == "A001"  # a call stands first for 2 s at least
    second = spoken(words, at=11.0).at(12.0)
    assert (present(second), second.highlighted) == ("A002", 2)
    assert (present(second.at(14.0)), second.at(14.0).highlighted) == ("A002", 1)


def test_a_voice_that_hangs_holds_the_hall_for_25_seconds() -> None:
    several = chimed(running().with_board(board(2, call(1), call(2)), replayed=False, at=0.0), at=1.0)
    assert [present(several.at(25.9)), present(several.at(26.0))] == ["A001", "A002"]


def test_a_single_call_is_spoken_in_full_in_the_visitors_language_then_in_the_other() -> None:
    english = running().with_board(board(2, call(1, language=Language.EN)), replayed=False, at=0.0)
    assert utterance_of(english) == ("A001", "chime")
    first = chimed(english, at=1.0)
    assert utterance_of(first) == ("A001", "en", "full")
    second = spoken(first, at=4.5)
    assert utterance_of(second) == ("A001", "zh", "full")
    assert (utterance_of(spoken(second, at=8.0)), present(spoken(second, at=8.0))) == (None, None)


def test_while_others_wait_calls_are_brief_in_one_language_and_after_one_chime() -> None:
    first = running().with_board(board(2, call(1)), replayed=False, at=0.0)
    calls = (call(1), call(2, language=Language.EN), call(3))
    state = first.with_board(board(3, *calls), replayed=False, at=0.5)  # others come during the chime
    utterances = [utterance_of(state)]
    for at in (1.0, 3.0, 6.0, 9.0):
        state = spoken(state, at=at)
        utterances.append(utterance_of(state))
    assert utterances == [
        ("A001", "chime"),
        ("A001", "zh", "brief"),
        ("A002", "en", "brief"),
        ("A003", "zh", "brief"),
        ("A003", "en", "full"),
    ]


def test_a_call_that_comes_while_another_is_spoken_takes_the_time_of_its_second_language() -> None:
    first = chimed(running().with_board(board(2, call(1)), replayed=False, at=0.0), at=1.0)
    both = first.with_board(board(3, call(1), call(2)), replayed=False, at=3.0)
    assert utterance_of(both) == ("A001", "zh", "full")
    assert utterance_of(spoken(both, at=4.5)) == ("A002", "zh", "brief")


def test_a_hall_with_one_language_speaks_it_to_everybody() -> None:
    state = running(languages=(Language.ZH,)).with_board(
        board(2, call(1, language=Language.EN)), replayed=False, at=0.0
    )
    words = chimed(state, at=1.0)
    assert (utterance_of(words), utterance_of(spoken(words, at=4.5))) == (("A001", "zh", "full"), None)


def test_a_call_that_is_over_when_its_turn_comes_is_dropped() -> None:
    several = running().with_board(board(2, call(1), call(2), call(3)), replayed=False, at=0.0)
    over = several.with_board(board(3, call(1), call(2, over=True), call(3)), replayed=False, at=1.0)
    third = spoken(chimed(over, at=1.0), at=3.0)
    assert utterance_of(third) == ("A003", "zh", "brief")
    assert [c.number for c in third.rows(6)] == ["A003", "A001", "A002"]


def test_a_call_that_is_over_is_not_spoken_any_more() -> None:
    chime = running().with_board(board(2, call(1)), replayed=False, at=0.0)
    words = chimed(chime, at=1.0)
    ended = board(3, call(1, over=True))
    assert utterance_of(spoken(words.with_board(ended, replayed=False, at=2.0), at=4.5)) is None
    assert utterance_of(chimed(chime.with_board(ended, replayed=False, at=0.5), at=1.0)) is None


def test_several_recalls_that_wait_become_one_in_the_place_of_the_call() -> None:
    several = running().with_board(board(2, call(1), call(2), call(3)), replayed=False, at=0.0)
    recalls = (call(4, number="A002", recall=True), call(5, number="A002", recall=True))
    recalled = several.with_board(board(3, call(1), call(2), call(3), *recalls), replayed=False, at=1.0)
    assert [(c.number, c.call_seq) for c in recalled.waiting] == [("A002", 5), ("A003", 3)]


def test_a_call_that_left_the_board_before_its_turn_is_still_announced() -> None:
    several = running().with_board(board(2, call(1), call(2)), replayed=False, at=0.0)
    shorter = several.with_board(board(3, call(3)), replayed=False, at=1.0)
    assert [c.number for c in shorter.waiting] == ["A002", "A003"]


def test_a_call_that_is_cancelled_before_its_turn_is_neither_announced_nor_shown() -> None:
    several = running().with_board(board(2, call(1), call(2)), replayed=False, at=0.0)
    shorter = board(3, call(3)).model_copy(update={"calls_since": 0})
    cancelled = several.with_board(shorter, replayed=False, at=1.0)
    assert [c.number for c in cancelled.waiting] == ["A003"]
    assert "A002" not in [c.number for c in cancelled.rows(6)]


def test_a_day_that_ends_ends_its_calls() -> None:
    several = running().with_board(board(2, call(1), call(2)), replayed=False, at=0.0)
    assert several.with_board(board(3), replayed=False, at=1.0).waiting == ()


def test_a_hub_that_starts_afresh_with_another_journal_is_accepted() -> None:
    before = running(languages=()).with_board(board(900, call(50)), replayed=False, at=0.0).at(60.0)
    fresh = before.with_hub_restart()
    assert fresh.with_board(board(3), replayed=True, at=61.0) == fresh
    painted = fresh.with_board(board(3, call(1)), replayed=False, at=61.0)
    assert (present(painted), [c.number for c in painted.rows(6)]) == (None, ["A001"])
    assert present(painted.with_board(board(4, call(1), call(2)), replayed=False, at=71.0)) == "A002"


def test_the_first_board_of_another_journal_may_come_before_the_hubs_status() -> None:
    before = running(languages=()).with_board(board(900, call(50)), replayed=False, at=0.0).at(60.0)
    dropped = before.with_board(board(3, call(1)), replayed=False, at=61.0)
    assert [c.number for c in dropped.rows(6)] == ["A050"]
    painted = dropped.with_hub_restart()
    assert (present(painted), [c.number for c in painted.rows(6)]) == (None, ["A001"])
    assert present(painted.with_board(board(4, call(1), call(2)), replayed=False, at=71.0)) == "A002"


def test_a_hub_that_starts_afresh_with_the_same_journal_still_announces() -> None:
    restarted = running(languages=()).with_board(board(5, call(1)), replayed=False, at=0.0).at(60.0).with_hub_restart()
    assert present(restarted.with_board(board(6, call(1), call(2)), replayed=False, at=61.0)) == "A002"


def test_a_forged_board_does_not_silence_the_hall() -> None:
    before = running(languages=()).with_board(board(60, call(50)), replayed=False, at=0.0).at(60.0)
    forged = before.with_board(board(10**9, call(10**9)), replayed=False, at=61.0).at(80.0)
    first = board(60, call(50))
    again = forged.with_board(first, replayed=False, at=81.0)
    assert [c.number for c in again.rows(6)] == ["A1000000000"]
    right = again.with_board(board(61, call(50)), replayed=False, at=91.0)
    assert [c.number for c in right.rows(6)] == ["A050"]
    assert present(right.with_board(board(70, call(50), call(70)), replayed=False, at=92.0)) == "A070"


def test_a_forged_call_with_a_high_number_on_a_believable_board_silences_nobody() -> None:
    before = running(languages=()).with_board(board(60, call(50)), replayed=False, at=0.0).at(60.0)
    forged = before.with_board(board(60, call(50), call(10**9)), replayed=False, at=61.0).at(80.0)
    right = forged.with_board(board(61, call(50)), replayed=False, at=81.0)
    assert present(right.with_board(board(70, call(50), call(70)), replayed=False, at=92.0)) == "A070"


STEP = st.tuples(
    st.integers(min_value=0, max_value=4),  # calls in the next board
    st.floats(min_value=0.01, max_value=9.0),  # seconds until it
    st.booleans(),  # the voice has ended its utterance by then
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
        highlighted = {c.call_seq for c in state.rows(30)[: state.highlighted]}
        assert {call_seq for call_seq, began in starts if at < began + minimum_s - 1e-6} <= highlighted

    for seq, (count, passed, ended, late) in enumerate(steps, start=2):
        at += passed
        if ended:
            state = spoken(state, at=at)
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
    assert all(after - before >= min(minimum_s, FIRST_PLACE_S) - 1e-6 for (_, before), (_, after) in pairs)
