"""A change that a manager accepted for a window is written once, shown until it is done, and gone with the day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from plain_hall import MORNING, PlainHall

from protocol.county import Help, Leave
from protocol.vocabulary import Text, WindowState
from server.domain.desk import calls
from server.domain.discipline import window_help
from server.domain.model.catalogue import Catalogue

TODAY = date(2026, 3, 2)
THERE = Text(zh="税务中心 3 号窗口", en="window 3, Tax centre")


@pytest.fixture
def hall(small_catalogue: Catalogue) -> PlainHall:
    """Window 2 is open, the others are closed."""
    hall = PlainHall(small_catalogue)
    hall.open("window-2")
    return hall


def opening(name: str = "p1", *, window: str = "window-1", elsewhere: Text | None = None) -> Help:
    return Help(proposal=name, day=TODAY, window=window, services=("id-card",), opens=True, elsewhere=elsewhere)


def leaving(name: str = "p1", *, window: str = "window-2") -> Leave:
    return Leave(proposal=name, day=TODAY, window=window, services=("id-card",), elsewhere=THERE)


def set_window(hall: PlainHall, window: str, state: WindowState) -> None:
    hall.do(calls.set_window(hall.hall, window=window, state=state))


def done(hall: PlainHall, window: str) -> list[bool]:
    return [a.done for a in hall.hall.window(window).agreed]


def test_an_agreement_is_written_once_for_both_windows_and_changes_the_state_of_neither(hall: PlainHall) -> None:
    helps, leaves = [opening(elsewhere=THERE)], [leaving()]
    hall.do(window_help.agree_windows(hall.hall, helps, leaves))
    assert (done(hall, "window-1"), done(hall, "window-2")) == ([False], [False])
    assert hall.hall.window("window-1").state is WindowState.CLOSED
    assert hall.hall.window("window-2").state is WindowState.OPEN
    assert window_help.agree_windows(hall.hall, helps, leaves) == []


def test_a_done_agreement_stays_done_and_is_not_written_again(hall: PlainHall) -> None:
    hall.do(window_help.agree_windows(hall.hall, [opening()], [leaving()]))
    set_window(hall, "window-1", WindowState.OPEN)
    set_window(hall, "window-2", WindowState.PAUSED)
    assert (done(hall, "window-1"), done(hall, "window-2")) == ([True], [True])
    set_window(hall, "window-1", WindowState.CLOSED)
    set_window(hall, "window-2", WindowState.OPEN)
    assert (done(hall, "window-1"), done(hall, "window-2")) == ([True], [True])
    assert window_help.agree_windows(hall.hall, [opening()], [leaving()]) == []


def test_an_agreement_that_is_met_already_is_written_as_done(hall: PlainHall) -> None:
    hall.do(window_help.agree_windows(hall.hall, [opening(window="window-2")], [leaving(window="window-1")]))
    assert (done(hall, "window-1"), done(hall, "window-2")) == ([True], [True])


def test_a_help_without_opening_and_a_removed_window_make_no_agreement(hall: PlainHall) -> None:
    helping_only = Help(proposal="p1", day=TODAY, window="window-3", services=("id-card",))
    assert (
        window_help.agree_windows(hall.hall, [helping_only, opening(window="window-9")], [leaving(window="window-9")])
        == []
    )


def test_a_new_day_has_no_agreement_of_yesterday(hall: PlainHall) -> None:
    hall.do(window_help.agree_windows(hall.hall, [opening()], []))
    hall.wait(timedelta(days=1).total_seconds())
    hall.turn_day()
    assert hall.moment.at.date() > MORNING.date()
    assert done(hall, "window-1") == []


def test_an_agreement_of_yesterday_is_not_written_into_the_new_day(hall: PlainHall) -> None:
    """At midnight the county still answers what it answered before, and the hub has begun its new day already."""
    helps, leaves = [opening(), opening("p2", window="window-3")], [leaving()]
    assert window_help.accept_help(hall.hall, helps) != []
    hall.wait(timedelta(days=1).total_seconds())
    hall.turn_day()
    assert window_help.accept_help(hall.hall, helps) == []
    assert window_help.agree_windows(hall.hall, helps, leaves) == []


def test_a_hub_whose_day_is_behind_writes_an_agreement_of_today(hall: PlainHall) -> None:
    """Its clock was without power: the queue before it is today's all the same."""
    helps = [opening().model_copy(update={"day": TODAY + timedelta(days=1)})]
    assert window_help.accept_help(hall.hall, helps) != []
    assert window_help.agree_windows(hall.hall, helps, []) != []
