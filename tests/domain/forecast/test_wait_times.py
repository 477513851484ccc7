"""People ahead of a ticket, and the promise from a forecast."""

from __future__ import annotations

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plain_hall import PlainHall
from real_hall import SMALL_HALL

from protocol.settings import load_settings
from protocol.vocabulary import Promise, WindowState
from server.domain.desk import calls
from server.domain.forecast import wait_times
from server.domain.forecast.forecast import NO_FORECAST, Forecast, Quantiles, run_simulations
from server.domain.forecast.simulation_input import simulation_input
from server.domain.forecast.wait_times import WaitFigures
from server.domain.model.catalogue import Catalogue, Hours

BASE = load_settings(Catalogue, SMALL_HALL)
NO_WINDOWS = Forecast(seq=1)
"""Forecast of a hall whose windows are all closed: everybody is counted by rank."""


def opened(*windows: str) -> PlainHall:
    hall = PlainHall(BASE)
    hall.open(*windows)
    return hall


def ahead(hall: PlainHall, ticket: str) -> int | None:
    return wait_times.figures_of_ticket(hall.hall, NO_WINDOWS, hall.hall.tickets[ticket]).people_ahead


def ahead_of_new(hall: PlainHall, service: str, priority: str | None = None) -> int | None:
    wait = wait_times.figures_of_new(hall.hall, NO_WINDOWS, service=service, priority=priority)
    return wait.people_ahead


# ------------------------------------------------------------------------------------------------ people ahead


def test_people_of_another_windows_services_are_not_ahead() -> None:
    hall = opened()
    for _ in range(5):
        hall.issue("invoice")
    assert ahead_of_new(hall, "id-card") == 0


def test_people_of_another_service_are_ahead_when_they_take_the_same_window() -> None:
    hall = opened("window-1")
    for _ in range(5):
        hall.issue("household")
    assert ahead_of_new(hall, "id-card") == 5


def test_only_open_windows_count() -> None:
    hall = opened("window-2")
    for _ in range(5):
        hall.issue("household")
    assert ahead_of_new(hall, "id-card") == 0, "window 2 serves identity cards alone"
    hall.open("window-1")
    assert ahead_of_new(hall, "id-card") == 5
    hall.do(calls.set_window(hall.hall, window="window-1", state=WindowState.PAUSED))
    assert ahead_of_new(hall, "id-card") == 0


def test_while_no_window_is_open_all_that_could_open_count() -> None:
    hall = opened()
    hall.issue("household")
    for window in ("window-1", "window-2"):
        hall.do(calls.set_window(hall.hall, window=window, state=WindowState.CLOSED))
    assert ahead_of_new(hall, "id-card") == 1


def test_who_is_called_or_absent_is_not_ahead() -> None:
    hall = opened()
    hall.issue()
    hall.issue()
    hall.call_next("window-1")
    hall.call_next("window-2")
    hall.no_show("window-2")
    assert ahead_of_new(hall, "id-card") == 0


def test_protected_visitors_have_only_their_own_and_higher_classes_ahead() -> None:
    hall = opened()
    for priority in (None, None, "elderly", "disabled"):
        hall.issue(priority=priority)
    assert [ahead_of_new(hall, "id-card", p) for p in (None, "elderly", "disabled")] == [4, 2, 1]


def test_the_own_number_of_people_ahead_falls_to_nobody_and_ends_with_the_call() -> None:
    hall = opened("window-1")
    tickets = [hall.issue() for _ in range(4)]
    counts = []
    for _ in tickets:
        counts.append(ahead(hall, tickets[-1].id))
        hall.call_next()
    assert counts == [3, 2, 1, 0]
    assert ahead(hall, tickets[-1].id) is None


QUEUE = st.lists(
    st.tuples(st.sampled_from(["id-card", "household", "invoice"]), st.sampled_from([None, "elderly", "disabled"])),
    max_size=25,
)


@given(QUEUE, st.sets(st.sampled_from(["window-1", "window-2", "window-3"]), min_size=1))
def test_people_ahead_of_a_new_ticket_are_those_ahead_once_it_is_issued(
    queue: list[tuple[str, str | None]], windows: set[str]
) -> None:
    hall = opened(*windows)
    for service, priority in queue:
        expected = ahead_of_new(hall, service, priority)
        ticket = hall.issue(service, priority=priority)
        assert (ticket.people_ahead, ahead(hall, ticket.id)) == (expected, expected)


@given(QUEUE)
def test_at_a_single_window_people_ahead_are_exactly_those_called_before(queue: list[tuple[str, str | None]]) -> None:
    rules = BASE.rules.model_copy(update={"passed_at_most": 1000})
    hall = PlainHall(BASE.model_copy(update={"rules": rules}))
    hall.open("window-1")
    tickets = [hall.issue(s, priority=p) for s, p in queue if s != "invoice"]
    expected = {t.id: ahead(hall, t.id) for t in tickets}
    order = [hall.call_next().id for _ in tickets]
    assert expected == {ticket: place for place, ticket in enumerate(order)}


# ---------------------------------------------------------------------------------------------------- promises


@pytest.mark.parametrize(
    ("quantiles", "expected"),
    [
        (Quantiles(0, 0, 0), (0, 5)),
        (Quantiles(4.9, 5.1, 9), (0, 10)),
        (Quantiles(5, 10, 12), (5, 10)),
        (Quantiles(20, 22, 30), (20, 25)),
        (Quantiles(33.333, 44.4449, 61.2), (30, 45)),
    ],
)
def test_a_promise_is_half_to_four_fifths_rounded_outward_to_five_minutes(
    quantiles: Quantiles, expected: tuple[int, int]
) -> None:
    promise = wait_times.promise_for(quantiles)
    assert (promise.low_min, promise.high_min) == expected
    kept = (promise.p50_min, promise.p80_min, promise.p90_min)
    assert kept == (round(quantiles.p50_min, 2), round(quantiles.p80_min, 2), round(quantiles.p90_min, 2))


def test_published_promises_are_the_range_alone() -> None:
    hall = opened()
    for promise in wait_times.published_ranges(hall.forecast(samples=20)).values():
        assert promise is None or promise.p50_min is None


# ------------------------------------------------------------------------- people ahead, and the bound on being passed


@given(
    queue=st.lists(st.sampled_from([None, None, "disabled"]), min_size=1, max_size=14),
    called=st.integers(0, 6),
    bound=st.integers(0, 5),
)
def test_at_one_window_exactly_the_people_ahead_are_called_before(
    queue: list[str | None], called: int, bound: int
) -> None:
    hall = PlainHall(BASE.model_copy(update={"rules": BASE.rules.model_copy(update={"passed_at_most": bound})}))
    hall.open("window-2")
    half = len(queue) // 2
    for priority in queue[:half]:
        hall.issue(priority=priority)
    for _ in range(min(called, half)):
        hall.call_next("window-2")
        hall.wait(60)
    for priority in queue[half:]:
        hall.issue(priority=priority)
    expected = {t.id: ahead(hall, t.id) for q in hall.hall.queues.values() for t in q}
    order = []
    for _ in expected:
        order.append(hall.call_next("window-2").id)
        hall.wait(60)
    assert expected == {ticket: place for place, ticket in enumerate(order)}


def test_who_cannot_be_passed_any_more_is_ahead_of_a_protected_visitor() -> None:
    hall = PlainHall(BASE.model_copy(update={"rules": BASE.rules.model_copy(update={"passed_at_most": 5})}))
    hall.open("window-2")
    for _ in range(10):
        hall.issue()
    for _ in range(5):
        hall.issue(priority="disabled")
    for _ in range(5):
        hall.call_next("window-2")
        hall.wait(60)
    assert ahead_of_new(hall, "id-card", "elderly") == 10


# ---------------------------------------------------------------------------- one state of the hall, also in a rush


def new(hall: PlainHall, forecast: Forecast, service: str = "id-card") -> WaitFigures:
    return wait_times.figures_of_new(hall.hall, forecast, service=service, priority=None)


def p50(figures: WaitFigures) -> float:
    assert figures.promise is not None
    assert figures.promise.p50_min is not None
    return figures.promise.p50_min


def test_in_a_rush_the_range_grows_with_the_people_ahead() -> None:
    hall = opened("window-2")
    for _ in range(3):
        hall.issue()
    before = hall.forecast()
    for _ in range(9):
        hall.issue()
    shown, known = new(hall, before), new(hall, hall.forecast())
    assert shown.people_ahead == known.people_ahead == 12
    assert p50(shown) == pytest.approx(p50(known), rel=0.2)
    assert p50(new(hall, hall.forecast())) > 2.5 * p50(new(opened_with(3), opened_with(3).forecast()))


def opened_with(waiting: int) -> PlainHall:
    hall = opened("window-2")
    for _ in range(waiting):
        hall.issue()
    return hall


def test_calls_since_the_forecast_shorten_both_figures_of_who_waits() -> None:
    hall = opened("window-1", "window-2")
    tickets = [hall.issue() for _ in range(12)]
    before = hall.forecast()
    for window in ("window-1", "window-2", "window-1", "window-2", "window-1", "window-2"):
        hall.wait(60)
        hall.call_next(window)
    last = hall.hall.tickets[tickets[-1].id]
    shown = wait_times.figures_of_ticket(hall.hall, before, last)
    known = wait_times.figures_of_ticket(hall.hall, hall.forecast(), last)
    assert shown.people_ahead == known.people_ahead == 5
    assert p50(shown) == pytest.approx(p50(known), rel=0.25)


def test_whoever_comes_after_the_free_windows_were_taken_is_promised_a_wait() -> None:
    hall = opened("window-1", "window-2")
    idle = hall.forecast()
    for window in ("window-1", "window-2"):
        hall.issue()
        hall.call_next(window)
        assert (p50(new(hall, idle)) > 0) is (window == "window-2"), "one window was free still"
    assert new(hall, idle).people_ahead == 0


def test_a_protected_visitor_who_joined_since_is_ahead_of_who_waited_before() -> None:
    hall = opened("window-2")
    last = [hall.issue() for _ in range(3)][-1]
    before = hall.forecast()
    hall.issue(priority="elderly")
    assert wait_times.figures_of_ticket(hall.hall, before, last).people_ahead == 3
    hall.call_next("window-2")
    assert wait_times.figures_of_ticket(hall.hall, before, last).people_ahead == 2


# ------------------------------------------------------------------------------------------- before the first forecast


def test_before_the_first_forecast_a_wait_is_unknown_unless_nobody_waits() -> None:
    hall = opened()
    assert new(hall, NO_FORECAST) == (0, None)
    ticket = hall.issue("household")
    assert wait_times.figures_of_ticket(hall.hall, NO_FORECAST, ticket) == (0, None)
    hall.issue()
    assert new(hall, NO_FORECAST) == (None, None)
    assert wait_times.figures_of_ticket(hall.hall, NO_FORECAST, ticket) == (None, None)
    assert new(hall, NO_FORECAST, "invoice") == (0, None), "another window's queue is empty"


# ----------------------------------------------------------------------------------------------------- past closing


def test_a_promise_says_when_one_in_five_is_not_reached_before_closing() -> None:
    hall = PlainHall(BASE.model_copy(update={"hours": (Hours(days=(1,), open=time(9), close=time(17)),)}))
    hall.open("window-2")
    for _ in range(20):
        hall.issue()
    morning = new(hall, hall.forecast())
    assert morning.promise is not None
    assert not morning.promise.past_closing
    hall.wait(7.5 * 3600)  # 16:30, and the hall closes at 17:00
    evening = hall.forecast()
    assert (late := new(hall, evening).promise) is not None
    assert late.past_closing
    assert wait_times.published_ranges(evening)["id-card"] == Promise(
        low_min=late.low_min, high_min=late.high_min, past_closing=True
    )
    reached = wait_times.figures_of_ticket(hall.hall, evening, hall.hall.queues["id-card"][0]).promise
    assert reached is not None
    assert not reached.past_closing
    assert 10 < wait_times.count_past_closing(hall.hall, evening) < 20
    unsure = run_simulations(simulation_input(hall.hall, at=hall.moment, hours_apply=False), samples=20, seed=0)
    assert wait_times.count_past_closing(hall.hall, unsure) == 0, "a clock that nothing confirms closes no hall"
