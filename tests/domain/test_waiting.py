from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plain_hall import PlainHall
from real_hall import SMALL_HALL

from protocol.messages import Promise, WindowState
from protocol.settings import load_settings
from server.domain import calling, waiting
from server.domain.catalogue import Catalogue

BASE = load_settings(Catalogue, SMALL_HALL)


def opened(*windows: str) -> PlainHall:
    hall = PlainHall(BASE)
    hall.open(*windows)
    return hall


def ahead(hall: PlainHall, ticket: str) -> int | None:
    return waiting.people_ahead(hall.hall, hall.hall.tickets[ticket])


def ahead_of_new(hall: PlainHall, service: str, priority: str | None = None) -> int:
    return waiting.people_ahead_of_new(hall.hall, service=service, priority=priority)


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
    hall.do(calling.set_window(hall.hall, window="window-1", state=WindowState.PAUSED))
    assert ahead_of_new(hall, "id-card") == 0


def test_while_no_window_is_open_all_that_could_open_count() -> None:
    hall = opened()
    hall.issue("household")
    for window in ("window-1", "window-2"):
        hall.do(calling.set_window(hall.hall, window=window, state=WindowState.CLOSED))
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
    seen = []
    for _ in tickets:
        seen.append(ahead(hall, tickets[-1].id))
        hall.call_next()
    assert seen == [3, 2, 1, 0]
    assert ahead(hall, tickets[-1].id) is None


QUEUE = st.lists(
    st.tuples(st.sampled_from(["id-card", "household", "invoice"]), st.sampled_from([None, "elderly", "disabled"])),
    max_size=25,
)


@given(QUEUE, st.sets(st.sampled_from(["window-1", "window-2", "window-3"]), min_size=1))
def test_people_ahead_told_to_a_new_ticket_is_what_the_ticket_itself_says(
    queue: list[tuple[str, str | None]], windows: set[str]
) -> None:
    hall = opened(*windows)
    for service, priority in queue:
        told = ahead_of_new(hall, service, priority)
        ticket = hall.issue(service, priority=priority)
        assert (ticket.people_ahead, ahead(hall, ticket.id)) == (told, told)


@given(QUEUE)
def test_at_a_single_window_people_ahead_are_exactly_those_called_before(queue: list[tuple[str, str | None]]) -> None:
    rules = BASE.rules.model_copy(update={"passed_at_most": 1000})
    hall = PlainHall(BASE.model_copy(update={"rules": rules}))
    hall.open("window-1")
    tickets = [hall.issue(s, priority=p) for s, p in queue if s != "invoice"]
    told = {t.id: ahead(hall, t.id) for t in tickets}
    order = [hall.call_next().id for _ in tickets]
    assert told == {ticket: place for place, ticket in enumerate(order)}


# ---------------------------------------------------------------------------------------------------- promises


def test_a_trusted_prior_makes_a_promise_before_there_are_measurements() -> None:
    hall = opened()
    assert hall.promises() == {
        "id-card": Promise(low_min=0, high_min=5),
        "household": None,
        "invoice": Promise(low_min=0, high_min=5),
    }


def test_a_service_without_enough_finished_visits_is_unknown() -> None:
    hall = opened()
    for visit in range(BASE.rules.thin_below):
        assert hall.promises()["household"] is None, f"after {visit} visits"
        hall.issue("household")
        hall.serve(seconds=300)
    assert hall.promises()["household"] == Promise(low_min=0, high_min=5)


def test_measurements_replace_the_prior() -> None:
    hall = opened("window-2")
    for _ in range(BASE.rules.thin_below):
        hall.issue()
        hall.serve("window-2", seconds=60)
    for _ in range(8):
        hall.issue()
    assert hall.promises()["id-card"] == Promise(low_min=10, high_min=15), "8 people, a minute and a walk each"


def test_without_an_open_window_there_is_no_promise() -> None:
    hall = PlainHall(BASE)
    assert set(hall.promises().values()) == {None}


def test_a_promise_is_whole_fives_of_minutes_low_before_high() -> None:
    hall = opened()
    for _ in range(30):
        hall.issue()
        for promise in hall.promises().values():
            assert promise is None or (promise.low_min % 5, promise.high_min % 5) == (0, 0)
            assert promise is None or 0 <= promise.low_min < promise.high_min


def test_more_people_never_shorten_a_promise_and_more_windows_never_lengthen_it() -> None:
    one, two = opened("window-2"), opened("window-1", "window-2")
    longer = []
    for _ in range(40):
        longer.append((one.promises()["id-card"], two.promises()["id-card"]))
        one.issue()
        two.issue()
    promises = [(a, b) for a, b in longer if a and b]
    assert len(promises) == 40
    assert all(b.low_min <= a.low_min and b.high_min <= a.high_min for a, b in promises)
    for side in (0, 1):
        assert all(
            p[side].low_min <= q[side].low_min and p[side].high_min <= q[side].high_min for p, q in pairwise(promises)
        )


def test_the_rest_of_the_wait_shrinks_while_the_visitor_ahead_is_served() -> None:
    hall = opened("window-2")
    for _ in range(4):
        hall.issue()
    last = hall.issue()
    seen = []
    for _ in range(4):
        hall.call_next("window-2")
        hall.start("window-2")
        promise = waiting.promise_of(hall.hall, hall.hall.tickets[last.id], at=hall.moment)
        assert promise is not None
        seen.append(promise.high_min)
        hall.wait(480)
        hall.finish("window-2")
    assert seen == sorted(seen, reverse=True)
    assert seen[0] > seen[-1]


def test_who_no_longer_waits_has_no_promise() -> None:
    hall = opened()
    ticket = hall.issue()
    hall.call_next()
    assert waiting.promise_of(hall.hall, hall.hall.tickets[ticket.id], at=hall.moment) is None


@pytest.mark.parametrize("service", ["household", "invoice"])
def test_a_visit_that_takes_far_longer_than_expected_does_not_break_promises(service: str) -> None:
    hall = opened("window-1", "window-3")
    hall.issue("id-card")
    hall.call_next("window-1")
    hall.start("window-1")
    hall.wait(6 * 3600)
    hall.issue(service)
    promise = hall.promises()["id-card"]
    assert promise is not None
    assert promise.high_min <= 60


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
    told = {t.id: ahead(hall, t.id) for q in hall.hall.queues.values() for t in q}
    order = []
    for _ in told:
        order.append(hall.call_next("window-2").id)
        hall.wait(60)
    assert told == {ticket: place for place, ticket in enumerate(order)}


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
