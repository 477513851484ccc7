"""Proposals of window changes, on halls that are lopsided by construction."""

from __future__ import annotations

from datetime import timedelta

import pytest
from plain_hall import MORNING, PlainHall

from protocol.vocabulary import WindowState
from server.domain.county.advice import MIN_CONFIDENCE, MIN_SAVING_MIN, Proposal, propose_changes
from server.domain.county.what_if import CUT_OFF_MAX_S, WindowChange
from server.domain.desk import calls
from server.domain.model.catalogue import Catalogue

NAME = {"zh": "厅", "en": "hall"}


def described(*windows: tuple[list[str], list[str]], pooled: bool = False, close: str = "12:00") -> Catalogue:
    """A hall with three services of ten minutes; each window as (its own services, its skills)."""
    return Catalogue.model_validate(
        {
            "site": "hall",
            "name": NAME,
            "hours": [{"days": [1, 2, 3, 4, 5, 6, 7], "open": "08:30", "close": close}],
            "areas": [{"id": "a", "name": NAME}],
            "departments": [{"id": "d", "name": NAME}],
            "services": [
                {
                    "id": service,
                    "letter": letter,
                    "name": NAME,
                    "department": "d",
                    "area": "a",
                    "expected_min": 10,
                    "trust_expected": True,
                }
                for service, letter in (("busy", "A"), ("calm", "B"), ("quiet", "C"))
            ],
            "windows": [
                {"id": f"window-{n}", "label": str(n), "name": NAME, "area": "a", "services": own, "skills": skills}
                for n, (own, skills) in enumerate(windows, start=1)
            ],
            "rules": {"pooled": pooled},
        }
    )


LOPSIDED = described((["busy"], []), (["calm"], ["busy"]), (["quiet"], ["calm"]))
"""Window 2 could help with what everybody waits for; window 3 only with what nobody waits for."""


def crowded(catalogue: Catalogue, *, busy: int = 20, calm: int = 1) -> PlainHall:
    hall = PlainHall(catalogue, at=MORNING + timedelta(hours=1))
    hall.wait(3600)
    hall.open()
    for _ in range(busy):
        hall.issue("busy")
    for _ in range(calm):
        hall.issue("calm")
    return hall


def proposed(hall: PlainHall, *, samples: int = 20) -> list[Proposal]:
    return propose_changes(hall.hall, at=hall.moment, samples=samples)


def test_the_idle_window_with_the_skill_is_to_help_the_busy_service() -> None:
    first, *_ = proposed(crowded(LOPSIDED))
    assert first.change == WindowChange(window="window-2", services=("busy",))
    assert first.saving_min >= MIN_SAVING_MIN
    assert first.confidence >= MIN_CONFIDENCE
    assert first.after_p90_min < first.before_p90_min / 1.5


def test_the_same_hall_and_seed_give_the_same_advice() -> None:
    assert proposed(crowded(LOPSIDED)) == proposed(crowded(LOPSIDED))


def test_windows_that_are_about_equally_busy_are_left_alone() -> None:
    hall = crowded(LOPSIDED, busy=8, calm=8)
    for _ in range(8):
        hall.issue("quiet")
    assert proposed(hall) == []


def test_nobody_waiting_means_nothing_to_advise() -> None:
    hall = PlainHall(LOPSIDED)
    hall.open()
    assert proposed(hall) == []


def test_a_window_that_helps_already_is_not_proposed_again() -> None:
    assert proposed(crowded(described((["busy"], []), (["calm"], ["busy"]), pooled=True))) == []


def test_a_closed_window_is_to_open_for_a_service_that_waits_long() -> None:
    hall = crowded(described((["busy"], []), (["busy"], []), (["calm"], [])))
    hall.do(calls.set_window(hall.hall, window="window-2", state=WindowState.CLOSED))
    first, *_ = proposed(hall)
    assert first.change == WindowChange(window="window-2", services=("busy",), opens=True)
    assert first.after_p90_min < first.before_p90_min


def test_a_clerk_who_is_present_goes_before_one_who_has_to_be_found() -> None:
    hall = crowded(described((["busy"], []), (["busy"], []), (["calm"], ["busy"])), calm=0)
    hall.do(calls.set_window(hall.hall, window="window-2", state=WindowState.CLOSED))
    first, second = proposed(hall)[:2]
    assert first.change == WindowChange(window="window-3", services=("busy",))
    assert second.change == WindowChange(window="window-2", services=("busy",), opens=True)


def test_a_closed_window_of_a_service_that_nobody_waits_for_stays_closed() -> None:
    hall = crowded(described((["busy"], []), (["calm"], ["busy"]), (["quiet"], ["calm"])))
    hall.do(calls.set_window(hall.hall, window="window-3", state=WindowState.CLOSED))
    assert {p.change.window for p in proposed(hall)} == {"window-2"}


def test_the_expected_gain_is_what_opening_brings_when_the_visits_are_certain() -> None:
    """Twenty visitors after closing, none to come: one window serves them in turn, two in half the time."""
    hall = crowded(described((["busy"], []), (["calm"], ["busy"])), calm=0)
    hall.wait(2 * 3600)
    first, *_ = proposed(hall, samples=40)
    visit_min = 10.5 * 0.95
    alone = sum(n * visit_min for n in range(20))
    together = sum((n // 2) * visit_min for n in range(20))
    assert first.saving_min == pytest.approx(alone - together, rel=0.2)


def deserted(*windows: tuple[list[str], list[str]], busy: int = 30, close: str = "18:00") -> PlainHall:
    """A hall whose first window, that of the busy service, closed at eleven while people wait for it."""
    hall = crowded(described(*windows, close=close), busy=busy)
    hall.do(calls.set_window(hall.hall, window="window-1", state=WindowState.CLOSED))
    return hall


def test_a_service_that_no_open_window_takes_gets_its_window_back() -> None:
    """Without it thirty visitors wait to the end; each visit after reopening shortens the waits of all behind it."""
    first, *rest = proposed(deserted((["busy"], []), (["calm"], [])))
    assert (first.change, rest) == (WindowChange(window="window-1", services=("busy",), opens=True), [])
    assert first.confidence == 1.0
    assert first.after_p90_min <= first.before_p90_min == pytest.approx(CUT_OFF_MAX_S / 60)
    assert first.saving_min > 20 * 60


def test_nobody_is_counted_to_wait_for_a_window_after_closing() -> None:
    first, *_ = proposed(deserted((["busy"], []), (["calm"], []), close="12:30"))
    assert first.before_p90_min == pytest.approx(90)


@pytest.mark.parametrize("waited_min", [50, 75])
def test_about_closing_those_whom_nobody_takes_count_for_an_hour(waited_min: int) -> None:
    """The hall closes at noon; who is inside then is still called."""
    hall = deserted((["busy"], []), (["calm"], []), close="12:00")
    hall.wait(waited_min * 60)
    first, *_ = proposed(hall)
    assert first.change == WindowChange(window="window-1", services=("busy",), opens=True)
    assert first.before_p90_min == pytest.approx(waited_min + 60)
    assert first.saving_min > 60


def test_whoever_nobody_would_call_is_a_reason_however_few_they_are() -> None:
    first, *_ = proposed(deserted((["busy"], []), (["calm"], []), busy=1))
    assert first.change.window == "window-1"
    assert first.after_p90_min < first.before_p90_min


def test_a_window_that_is_open_is_to_help_a_service_that_nobody_takes() -> None:
    first, second = proposed(deserted((["busy"], []), (["calm"], ["busy"]), busy=4))[:2]
    assert first.change == WindowChange(window="window-2", services=("busy",))
    assert second.change == WindowChange(window="window-1", services=("busy",), opens=True)


def test_opening_a_window_for_two_services_counts_what_it_does_for_the_one_that_nobody_else_takes() -> None:
    """Window 1 takes both; while it is closed window 2 calls only from the calm ones."""
    first, *_ = proposed(deserted((["busy", "calm"], []), (["calm"], []), busy=4))
    assert first.change.window == "window-1"
    assert "busy" in first.change.services
    assert first.saving_min > 4 * 60


def test_the_crowd_at_opening_is_no_reason_for_advice() -> None:
    hall = PlainHall(LOPSIDED)
    hall.open()
    for _ in range(20):
        hall.issue("busy")
    assert proposed(hall) == []
