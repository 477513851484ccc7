"""How far a hub's wall clock is believed: what confirms it, and for how long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from server.domain.model.clock_trust import ClockTrust
from server.runtime.clock import SETTLED_S, Clock
from server.runtime.time_sources import MACHINE, TimeSources

MORNING = datetime(2026, 3, 2, 9, tzinfo=UTC)


class Hands:
    """The clocks of a machine and its time service, moved by hand."""

    def __init__(self, *, synchronised: bool = False, kept: bool = False) -> None:
        self.at = MORNING
        self.mono_s = 100.0
        self.synchronised, self.kept = synchronised, kept
        sources = TimeSources(is_synchronised=lambda: self.synchronised, is_kept=lambda _: self.kept)
        self.clock = Clock(wall=lambda: self.at, mono=lambda: self.mono_s, sources=sources)
        self.clock.now()

    def pass_s(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        self.mono_s += seconds

    def step(self, **time: float) -> None:
        self.at += timedelta(**time)
        self.clock.now()


def test_a_clock_that_nothing_confirms_is_not_believed_however_long_it_runs() -> None:
    hands = Hands()
    assert hands.clock.trust() is ClockTrust.UNCONFIRMED
    hands.pass_s(86_400)
    assert hands.clock.trust() is ClockTrust.UNCONFIRMED
    assert not hands.clock.trusted()


def test_a_time_service_and_a_hardware_clock_confirm_it_from_the_start() -> None:
    assert Hands(synchronised=True).clock.trust() is ClockTrust.CONFIRMED
    assert Hands(kept=True).clock.trust() is ClockTrust.KEPT
    assert Hands(kept=True).clock.trusted()


@pytest.mark.parametrize("synchronised", [False, True])
def test_a_clock_that_was_set_is_believed_after_ten_minutes_if_something_confirms_it(*, synchronised: bool) -> None:
    hands = Hands(synchronised=synchronised)
    hands.step(days=365)
    assert hands.clock.trust() is ClockTrust.WRONG
    hands.pass_s(SETTLED_S + 1)
    assert hands.clock.trust() is (ClockTrust.CONFIRMED if synchronised else ClockTrust.UNCONFIRMED)


def test_a_confirmed_clock_stays_so_when_the_time_service_goes_away() -> None:
    hands = Hands(synchronised=True)
    hands.clock.trust()
    hands.synchronised = False
    hands.pass_s(86_400)
    assert hands.clock.trust() is ClockTrust.CONFIRMED
    hands.step(minutes=5)
    assert hands.clock.trust() is ClockTrust.WRONG


def test_a_hardware_clock_that_drifts_off_later_takes_nothing_back() -> None:
    hands = Hands(kept=True)
    assert hands.clock.trust() is ClockTrust.KEPT
    hands.kept = False
    hands.pass_s(90 * 86_400)
    assert hands.clock.trust() is ClockTrust.KEPT
    hands.step(days=1)
    hands.pass_s(SETTLED_S + 1)
    assert hands.clock.trust() is ClockTrust.UNCONFIRMED


def test_a_person_confirms_the_time_until_it_is_set_again() -> None:
    hands = Hands()
    hands.step(days=2)
    hands.clock.confirm()
    assert hands.clock.trust() is ClockTrust.CONFIRMED
    hands.pass_s(86_400)
    assert hands.clock.trust() is ClockTrust.CONFIRMED
    hands.step(days=-1)
    hands.pass_s(SETTLED_S + 1)
    assert hands.clock.trust() is ClockTrust.UNCONFIRMED


def test_the_countys_time_confirms_or_contradicts() -> None:
    hands = Hands(kept=True)
    hands.clock.compare_with_county(hands.at + timedelta(days=1))
    assert hands.clock.trust() is ClockTrust.WRONG
    hands.clock.compare_with_county(hands.at - timedelta(seconds=20))
    assert hands.clock.trust() is ClockTrust.CONFIRMED


def test_a_county_that_is_some_minutes_off_neither_confirms_nor_contradicts() -> None:
    hands = Hands(kept=True)
    hands.clock.compare_with_county(hands.at + timedelta(minutes=10))
    assert hands.clock.trust() is ClockTrust.KEPT


def test_a_person_is_believed_against_the_county() -> None:
    hands = Hands()
    hands.clock.confirm()
    hands.clock.compare_with_county(hands.at + timedelta(days=1))
    assert hands.clock.trust() is ClockTrust.CONFIRMED


def test_a_time_service_is_believed_against_the_county() -> None:
    hands = Hands(synchronised=True)
    hands.clock.compare_with_county(hands.at + timedelta(days=1))
    assert hands.clock.trust() is ClockTrust.CONFIRMED


def test_a_wrong_reading_that_is_put_right_leaves_nothing_behind() -> None:
    hands = Hands(kept=True)
    hands.step(days=365)
    hands.clock.observe(hands.clock.now().at)
    hands.step(days=-365)
    hands.pass_s(SETTLED_S + 1)
    assert hands.clock.trusted()


def test_a_clock_behind_what_was_written_is_wrong_until_it_is_confirmed() -> None:
    hands = Hands(kept=True)
    hands.clock.observe(MORNING + timedelta(hours=3))
    assert hands.clock.trust() is ClockTrust.WRONG
    hands.clock.confirm()
    hands.clock.observe(hands.at)
    assert hands.clock.trusted()


def test_a_clock_from_1970_dates_nothing_before_the_software() -> None:
    hands = Hands()
    hands.at = datetime(1970, 1, 1, tzinfo=UTC)
    assert hands.clock.now().at == datetime(2026, 1, 1, tzinfo=UTC)
    assert not hands.clock.trusted()


def test_the_kernel_and_the_hardware_clock_can_be_read_here() -> None:
    assert MACHINE.is_synchronised() in (False, True)
    assert not MACHINE.is_kept(datetime(1999, 1, 1, tzinfo=UTC))
