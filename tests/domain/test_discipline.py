from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plain_hall import PlainHall
from real_hall import SMALL_HALL

from protocol import journal as j
from protocol.settings import load_settings
from server.domain.catalogue import Catalogue
from server.domain.errors import NobodyWaiting, NoReturnLeft, WrongState
from server.domain.hall import Hall

BASE = load_settings(Catalogue, SMALL_HALL)


def with_rules(**rules: float) -> Catalogue:
    return BASE.model_copy(update={"rules": BASE.rules.model_copy(update=rules)})


def opened(catalogue: Catalogue = BASE) -> PlainHall:
    hall = PlainHall(catalogue)
    hall.open()
    return hall


def called(hall: PlainHall) -> j.TicketCalled:
    fact = hall.journal[-1].fact
    assert isinstance(fact, j.TicketCalled)
    return fact


def test_who_came_first_is_called_first_over_all_services_of_the_window() -> None:
    hall = opened()
    for service in ("household", "id-card", "household"):
        hall.issue(service)
    assert [hall.call_next().number for _ in range(3)] == ["B001", "A001", "B002"]
    assert [s.entry.fact.reason for s in hall.made if isinstance(s.entry.fact, j.TicketCalled)] == ["next"] * 3


def test_a_window_calls_only_what_it_serves() -> None:
    hall = opened()
    hall.issue("invoice")
    with pytest.raises(NobodyWaiting):
        hall.call_next("window-1")
    assert hall.call_next("window-3").number == "C001"


def test_protected_classes_come_first_in_the_sites_order_with_the_reason_written_down() -> None:
    hall = opened()
    plain, old, disabled = hall.issue(), hall.issue(priority="elderly"), hall.issue(priority="disabled")
    assert hall.call_next().id == disabled.id
    assert (called(hall).reason, called(hall).passed) == ("priority", (old.id, plain.id))
    assert hall.call_next().id == old.id
    assert (called(hall).reason, called(hall).passed) == ("priority", (plain.id,))
    assert hall.call_next().id == plain.id
    assert (called(hall).reason, called(hall).passed) == ("next", ())


def test_who_was_passed_as_often_as_the_bound_goes_before_every_class() -> None:
    hall = opened(with_rules(passed_at_most=2))
    plain = hall.issue()
    others = [hall.issue(priority="disabled") for _ in range(3)]
    assert [hall.call_next().id for _ in range(4)] == [others[0].id, others[1].id, plain.id, others[2].id]


def test_a_bound_of_zero_is_first_come_first_served() -> None:
    hall = opened(with_rules(passed_at_most=0))
    tickets = [hall.issue(priority=p) for p in (None, "elderly", None, "disabled")]
    assert [hall.call_next().id for _ in tickets] == [t.id for t in tickets]


def test_a_call_by_number_is_the_clerks_own_and_passes_nobody() -> None:
    hall = opened(with_rules(passed_at_most=1))
    first, _, third = hall.issue(), hall.issue(), hall.issue()
    assert hall.call_number(third.number).id == third.id
    assert (called(hall).reason, called(hall).passed, hall.hall.passed) == ("by_number", (), {})
    assert hall.call_next("window-2").id == first.id


def test_a_transferred_visitor_keeps_the_place_of_before() -> None:
    hall = opened()
    moved = hall.issue("id-card")
    hall.issue("invoice")
    hall.call_next("window-1")
    hall.start()
    hall.wait(600)
    hall.issue("invoice")
    hall.transfer("invoice")
    assert hall.queue("invoice") == [moved.number, "C001", "C002"]
    assert hall.call_next("window-3").id == moved.id
    assert called(hall).reason == "next"


@pytest.mark.parametrize(("others", "ahead"), [(0, 0), (1, 1), (3, 3), (5, 3)])
def test_who_missed_the_call_comes_back_behind_three_others_of_the_service(others: int, ahead: int) -> None:
    hall = opened()
    missed = hall.issue()
    hall.call_next()
    waiting = [hall.issue().number for _ in range(others)]
    hall.no_show()
    hall.come_back(missed.id)
    assert hall.queue() == [*waiting[:ahead], missed.number, *waiting[ahead:]]


def test_an_empty_queue_of_the_own_service_does_not_send_the_visitor_behind_all_others() -> None:
    hall = opened()
    missed = hall.issue("household")
    hall.call_next()
    hall.no_show()
    for _ in range(10):
        hall.issue("id-card")
    hall.come_back(missed.id)
    assert hall.call_next().id == missed.id


def test_two_who_come_back_to_the_same_place_stand_in_the_order_they_came() -> None:
    hall = opened()
    missed = [hall.issue(), hall.issue()]
    for _ in missed:
        hall.call_next()
        hall.no_show()
    waiting = [hall.issue().number for _ in range(4)]
    for ticket in missed:
        hall.come_back(ticket.id)
    assert hall.queue() == [*waiting[:3], missed[0].number, missed[1].number, waiting[3]]


def test_protected_visitors_before_one_who_comes_back_cost_no_further_place() -> None:
    hall = opened()
    missed = hall.issue()
    hall.call_next()
    hall.no_show()
    plain = [hall.issue().number for _ in range(3)]
    protected = [hall.issue(priority="elderly").number for _ in range(3)]
    hall.come_back(missed.id)
    assert hall.queue() == [*protected, missed.number, *plain]


def test_a_protected_visitor_who_comes_back_stands_behind_the_own_class_only() -> None:
    hall = opened()
    missed = hall.issue(priority="elderly")
    hall.call_next()
    hall.no_show()
    plain = [hall.issue().number for _ in range(3)]
    protected = hall.issue(priority="elderly").number
    hall.come_back(missed.id)
    assert hall.queue() == [protected, missed.number, *plain]


def test_coming_back_gains_no_place_over_the_one_before() -> None:
    hall = opened()
    waiting = [hall.issue() for _ in range(6)]
    hall.call_number(waiting[-1].number)
    hall.no_show()
    hall.come_back(waiting[-1].id)
    assert hall.queue() == [t.number for t in waiting]


def test_a_visitor_comes_back_once() -> None:
    hall = opened()
    missed = hall.issue()
    hall.call_next()
    hall.no_show()
    hall.come_back(missed.id)
    hall.call_next()
    hall.no_show()
    with pytest.raises(NoReturnLeft):
        hall.come_back(missed.id)


def test_only_who_missed_a_call_can_come_back() -> None:
    hall = opened()
    waiting = hall.issue()
    with pytest.raises(WrongState):
        hall.come_back(waiting.id)


SERVICES = st.sampled_from(["id-card", "household", "invoice"])
CLASSES = st.sampled_from([None, None, "elderly", "disabled"])
WINDOWS = st.sampled_from(["window-1", "window-2", "window-3"])
LIFE = st.lists(
    st.one_of(
        st.tuples(st.just("issue"), SERVICES, CLASSES),
        st.tuples(st.just("issue"), SERVICES, CLASSES),
        st.tuples(st.just("call"), WINDOWS, st.none()),
        st.tuples(st.just("no-show"), WINDOWS, st.none()),
        st.tuples(st.just("transfer"), WINDOWS, SERVICES),
    ),
    min_size=20,
    max_size=120,
)


def older_waiting(hall: Hall, ticket: str, window: str) -> set[str]:
    """Those who could have been called at this window and have an older place."""
    able = [
        t for t in hall.tickets.values() if t.state == "waiting" and t.service in hall.offer.windows[window].services
    ]
    return {t.id for t in able if t.seniority < hall.tickets[ticket].seniority}


@given(life=LIFE, bound=st.integers(0, 6))
def test_nobody_is_passed_more_often_than_the_bound_and_never_without_a_reason(
    life: list[tuple[str, str, str | None]], bound: int
) -> None:
    hall = opened(with_rules(passed_at_most=bound, returns=5))
    passed: Counter[str] = Counter()
    for what, where, which in life:
        at = hall.hall.tickets.get(hall.hall.window(where).ticket or "")
        if what == "issue":
            hall.issue(where, priority=which)
        elif what == "call" and any(hall.hall.queues_of(hall.hall.offer.windows[where].services)):
            before = hall.hall
            chosen = hall.call_next(where)
            skipped = older_waiting(before, chosen.id, where)
            passed.update(skipped)
            passed.pop(chosen.id, None)
            assert set(called(hall).passed) == skipped
            assert (called(hall).reason == "next") == (not skipped)
        elif what == "no-show" and at is not None and at.state == "called":
            hall.no_show(where)
            hall.come_back(at.id) if at.returns < 5 else hall.cancel(at.id)
        elif what == "transfer" and at is not None and which is not None:
            hall.transfer(which, where)
        assert max(passed.values(), default=0) <= bound
