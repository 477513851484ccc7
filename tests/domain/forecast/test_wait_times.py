"""People ahead of a ticket, and the promise from a forecast."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plain_hall import PlainHall
from real_hall import SMALL_HALL

from protocol.settings import load_settings
from protocol.vocabulary import WindowState
from server.domain.desk import calls
from server.domain.forecast import wait_times
from server.domain.forecast.forecast import NO_FORECAST, Quantiles
from server.domain.model.catalogue import Catalogue

BASE = load_settings(Catalogue, SMALL_HALL)


def opened(*windows: str) -> PlainHall:
    hall = PlainHall(BASE)
    hall.open(*windows)
    return hall


def ahead(hall: PlainHall, ticket: str) -> int | None:
    return wait_times.people_ahead(hall.hall, NO_FORECAST, hall.hall.tickets[ticket])


def ahead_of_new(hall: PlainHall, service: str, priority: str | None = None) -> int:
    return wait_times.people_ahead_of_new(hall.hall, NO_FORECAST, service=service, priority=priority)


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
