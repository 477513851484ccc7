"""The hub's wall clock is trusted only while it agrees with the monotonic clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from server.runtime.clock import Clock

MORNING = datetime(2026, 3, 2, 9, tzinfo=UTC)


class Hands:
    """The two clocks of a machine, moved by hand."""

    def __init__(self) -> None:
        self.at = MORNING
        self.mono_s = 100.0
        self.clock = Clock(wall=lambda: self.at, mono=lambda: self.mono_s)
        self.clock.now()

    def pass_s(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        self.mono_s += seconds


def test_a_clock_that_runs_on_is_trusted() -> None:
    hands = Hands()
    hands.pass_s(86_400)
    assert hands.clock.trusted()


def test_a_clock_that_was_set_is_trusted_after_ten_minutes() -> None:
    hands = Hands()
    hands.at += timedelta(days=365)
    assert not hands.clock.trusted()
    hands.pass_s(601)
    assert hands.clock.trusted()


def test_a_wrong_reading_that_is_put_right_leaves_nothing_behind() -> None:
    hands = Hands()
    hands.at += timedelta(days=365)
    hands.clock.observe(hands.clock.now().at)
    hands.at -= timedelta(days=365)
    hands.clock.now()
    hands.pass_s(601)
    assert hands.clock.trusted()


def test_a_clock_behind_what_was_written_is_not_trusted() -> None:
    hands = Hands()
    hands.clock.observe(MORNING + timedelta(hours=3))
    assert not hands.clock.trusted()
    hands.pass_s(3 * 3600)
    assert hands.clock.trusted()


def test_a_clock_from_1970_dates_nothing_before_the_software() -> None:
    hands = Hands()
    hands.at = datetime(1970, 1, 1, tzinfo=UTC)
    assert hands.clock.now().at == datetime(2026, 1, 1, tzinfo=UTC)
    assert not hands.clock.trusted()
