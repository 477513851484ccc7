from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plain_hall import PlainHall
from real_hall import SMALL_HALL

from protocol import journal as j
from protocol.settings import load_settings
from server.domain.discipline import queue_order
from server.domain.model.catalogue import Catalogue
from server.domain.model.hall import Hall, class_rank
from server.domain.model.refusals import NobodyWaiting, NoReturnLeft, PassedTooOften, WrongState
from server.domain.model.tickets import Ticket

BASE = load_settings(Catalogue, SMALL_HALL)


def with_rules(**rules: float) -> Catalogue:
    return BASE.model_copy(update={"rules": BASE.rules.model_copy(update=rules)})


def with_limits(catalogue: Catalogue = BASE, **limits: float) -> Catalogue:
    services = tuple(
        s.model_copy(update={"limit_min": limits.get(s.id.replace("-", "_"), s.limit_min)}) for s in catalogue.services
    )
    return catalogue.model_copy(update={"services": services})


def opened(catalogue: Catalogue = BASE) -> PlainHall:
    hall = PlainHall(catalogue)
    hall.open()
    return hall


def called(hall: PlainHall) -> j.TicketCalled:
    fact = hall.journal[-1].fact
    assert isinstance(fact, j.TicketCalled)
    return fact


def choice(hall: PlainHall, window: str = "window-1") -> queue_order.Choice:
    made = queue_order.choose_ticket(hall.hall, window=window, at=hall.moment)
    assert made is not None
    return made


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


def test_a_call_by_number_is_the_clerks_own_and_counts_as_passing() -> None:
    hall = opened(with_rules(passed_at_most=2))
    first, second, third = hall.issue(), hall.issue(), hall.issue()
    assert hall.call_number(third.number).id == third.id
    assert (called(hall).reason, called(hall).passed) == ("by_number", (first.id,))
    assert hall.hall.passed == {first.id: 1, second.id: 1}
    assert hall.call_next("window-2").id == first.id


def test_a_call_by_number_passes_nobody_once_too_often() -> None:
    hall = opened(with_rules(passed_at_most=2))
    first, *others = [hall.issue() for _ in range(5)]
    for other in others[:2]:
        hall.call_number(other.number)
    with pytest.raises(PassedTooOften) as refused:
        hall.call_number(others[2].number)
    assert first.number in refused.value.message.zh
    assert hall.call_number(first.number).id == first.id
    assert hall.call_number(others[2].number).id == others[2].id


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
def test_who_missed_the_call_returns_behind_three_others_of_the_service(others: int, ahead: int) -> None:
    hall = opened()
    missed = hall.issue()
    hall.call_next()
    waiting = [hall.issue().number for _ in range(others)]
    hall.no_show()
    hall.return_to_queue(missed.id)
    assert hall.queue() == [*waiting[:ahead], missed.number, *waiting[ahead:]]


def test_an_empty_queue_of_the_own_service_does_not_send_the_visitor_behind_all_others() -> None:
    hall = opened()
    missed = hall.issue("household")
    hall.call_next()
    hall.no_show()
    for _ in range(10):
        hall.issue("id-card")
    hall.return_to_queue(missed.id)
    assert hall.call_next().id == missed.id


def test_two_who_return_to_the_same_place_keep_the_order_they_came_in() -> None:
    hall = opened()
    missed = [hall.issue(), hall.issue()]
    for _ in missed:
        hall.call_next()
        hall.no_show()
    waiting = [hall.issue().number for _ in range(4)]
    for ticket in missed:
        hall.return_to_queue(ticket.id)
    assert hall.queue() == [*waiting[:3], missed[0].number, missed[1].number, waiting[3]]


def test_protected_visitors_before_one_who_returns_cost_no_further_place() -> None:
    hall = opened()
    missed = hall.issue()
    hall.call_next()
    hall.no_show()
    plain = [hall.issue().number for _ in range(3)]
    protected = [hall.issue(priority="elderly").number for _ in range(3)]
    hall.return_to_queue(missed.id)
    assert hall.queue() == [*protected, missed.number, *plain]


def test_a_protected_visitor_who_returns_is_placed_behind_the_own_class_only() -> None:
    hall = opened()
    missed = hall.issue(priority="elderly")
    hall.call_next()
    hall.no_show()
    plain = [hall.issue().number for _ in range(3)]
    protected = hall.issue(priority="elderly").number
    hall.return_to_queue(missed.id)
    assert hall.queue() == [protected, missed.number, *plain]


def test_a_return_gains_no_place_over_the_one_before() -> None:
    hall = opened()
    waiting = [hall.issue() for _ in range(6)]
    hall.call_number(waiting[-1].number)
    hall.no_show()
    hall.return_to_queue(waiting[-1].id)
    assert hall.queue() == [t.number for t in waiting]


def test_a_visitor_returns_once() -> None:
    hall = opened()
    missed = hall.issue()
    hall.call_next()
    hall.no_show()
    hall.return_to_queue(missed.id)
    hall.call_next()
    hall.no_show()
    with pytest.raises(NoReturnLeft):
        hall.return_to_queue(missed.id)


def test_only_who_missed_a_call_can_return() -> None:
    hall = opened()
    waiting = hall.issue()
    with pytest.raises(WrongState):
        hall.return_to_queue(waiting.id)


# ------------------------------------------------------------------------------------------- urgency and helping


def test_who_is_nearest_to_the_limit_of_the_service_goes_first() -> None:
    hall = opened(with_limits(id_card=10, household=30))
    slow = hall.issue("household")
    hall.wait(5 * 60)
    quick = hall.issue("id-card")
    assert choice(hall).ticket.id == slow.id, "6 of 30 minutes against 1 of 10"
    hall.wait(2 * 60)
    assert choice(hall).ticket.id == quick.id, "8 of 30 minutes against 3 of 10"
    assert hall.call_next().id == quick.id
    assert (called(hall).reason, called(hall).passed) == ("urgent", (slow.id,))
    assert hall.hall.passed == {slow.id: 1}


def test_a_call_names_the_oldest_it_passes_and_counts_all_of_them() -> None:
    hall = opened()
    plain = [hall.issue("household") for _ in range(3)]
    first = hall.issue("id-card")
    priority = hall.issue(priority="disabled")
    younger = hall.issue("household")
    assert hall.call_next().id == priority.id
    assert set(called(hall).passed) == {plain[0].id, first.id}
    assert hall.hall.passed == {t.id: 1 for t in (*plain, first)}
    assert younger.id not in hall.hall.passed


def test_a_window_that_helps_takes_the_service_until_the_day_ends() -> None:
    hall = opened()
    waiting = hall.issue("id-card")
    with pytest.raises(NobodyWaiting):
        hall.call_next("window-3")
    hall.help("window-3", "id-card")
    assert queue_order.services_of(hall.hall, "window-3") == queue_order.WindowServices(
        own=("invoice",), secondary=("id-card",)
    )
    assert queue_order.windows_serving(hall.hall, "id-card") == ["window-1", "window-2", "window-3"]
    assert hall.call_next("window-3").id == waiting.id
    hall.finish("window-3")
    assert hall.call_number(hall.issue("id-card").number, "window-3").window == "window-3"
    hall.wait(86_400)
    hall.turn_day()
    assert queue_order.services_of(hall.hall, "window-3").secondary == ()


def test_new_help_replaces_the_help_before() -> None:
    hall = opened()
    hall.help("window-3", "id-card")
    hall.help("window-3", "household")
    assert queue_order.services_of(hall.hall, "window-3").secondary == ("household",)
    hall.help("window-3")
    assert queue_order.services_of(hall.hall, "window-3").secondary == ()


def test_windows_help_by_skill_only_where_the_site_pools_them() -> None:
    skilled = tuple(w.model_copy(update={"skills": ("invoice",)}) if w.id == "window-2" else w for w in BASE.windows)
    apart = BASE.model_copy(update={"windows": skilled})
    pooled = apart.model_copy(update={"rules": BASE.rules.model_copy(update={"pooled": True})})
    assert queue_order.services_of(opened(apart).hall, "window-2").secondary == ()
    assert queue_order.services_of(opened(pooled).hall, "window-2") == queue_order.WindowServices(
        ("id-card",), ("invoice",)
    )


def test_a_window_helps_those_who_are_twice_as_near_to_their_limit_as_its_own() -> None:
    hall = opened()
    hall.help("window-3", "id-card")
    helped = hall.issue("id-card")
    hall.wait(10 * 60)
    own = hall.issue("invoice")
    assert choice(hall, "window-3").ticket.id == helped.id, "half of 11 minutes against 1"
    hall.wait(9 * 60 + 1)
    assert choice(hall, "window-3").ticket.id == own.id, "half of 20 minutes against 10"
    assert hall.call_next("window-3").id == own.id
    assert (called(hall).reason, called(hall).passed) == ("own_service", (helped.id,))


def test_who_has_waited_longest_of_all_goes_before_every_class() -> None:
    hall = opened(with_limits(with_rules(longest_wait_min=60), household=200, id_card=10))
    late, priority = hall.issue("household"), hall.issue(priority="disabled")
    hall.wait(30 * 60)
    other = hall.issue()
    assert hall.call_next().id == priority.id
    hall.wait(30 * 60)
    hall.issue(priority="disabled")
    assert [hall.call_next().id, called(hall).reason] == [late.id, "longest_wait"]
    hall.wait(29 * 60)
    assert hall.call_next().id != other.id
    hall.issue(priority="disabled")
    hall.wait(60)
    assert hall.call_next().id == other.id


def test_a_transfer_keeps_the_minutes_waited_and_a_return_takes_those_of_the_place() -> None:
    hall = opened(with_limits(id_card=30, household=30))
    moved = hall.issue("invoice")
    hall.wait(20 * 60)
    hall.issue("household")
    hall.call_next("window-3")
    hall.transfer("id-card", "window-3")
    assert hall.call_next().id == moved.id, "21 minutes against 1"

    hall = opened()
    missed = hall.issue()
    hall.call_next()
    hall.no_show()
    hall.wait(10 * 60)
    others = [hall.issue() for _ in range(4)]
    back = hall.return_to_queue(missed.id)
    assert back.since == others[2].since


def test_a_referred_visitors_credit_counts_against_other_services_only() -> None:
    hall = opened()
    household, same = hall.issue("household"), hall.issue("id-card")
    hall.wait(5 * 60)
    referred = hall.refer("id-card", waited_s=20 * 60)
    assert hall.queue("id-card") == [same.number, referred.number]
    assert hall.call_next("window-2").id == same.id
    assert hall.call_next("window-1").id == referred.id, "20 minutes elsewhere against 5 here"
    assert called(hall).reason == "urgent"
    assert called(hall).passed == (household.id,)


def test_who_is_on_the_way_is_not_called_and_keeps_the_place() -> None:
    hall = opened()
    referred = hall.refer("id-card", waited_s=0, arrives=False)
    younger = hall.issue("id-card")
    assert hall.call_next("window-2").id == younger.id
    assert called(hall).passed == ()
    hall.do([j.TicketArrived(ticket=referred.id)])
    hall.issue("id-card")
    assert hall.call_next("window-2").id == referred.id


REASONS = {
    "next": "A001 has the oldest place this window may call",
    "priority": "A002 has priority: Disabled visitors",
    "urgent": "A001 has waited 10 min, the nearest to the limit of its service (10 min)",
    "passed_often": "B001 goes first: its queue was passed 1 times and may not be again",
    "longest_wait": "A001 has waited 121 min, longer than anybody should (120 min)",
    "own_service": "C001 is for a service of this window's own, which goes before its secondary services",
}


def chosen_for(reason: str) -> queue_order.Choice:
    """The choice in a hall where this rule decides."""
    hall = opened(with_limits(with_rules(passed_at_most=1), id_card=10, household=60, invoice=15))
    window = "window-1"
    match reason:
        case "priority":
            hall.issue()
            hall.issue(priority="disabled")
        case "urgent":
            hall.issue("household")
            hall.issue()
        case "passed_often":
            hall.issue("household")
            hall.wait(60)
            hall.issue()
            hall.issue(priority="disabled")
            hall.issue(priority="disabled")
            hall.call_next()
        case "longest_wait":
            hall.issue()
            hall.wait(111 * 60)
            hall.issue(priority="disabled")
        case "own_service":
            window = "window-3"
            hall.help(window, "id-card")
            hall.issue()
            hall.issue("invoice")
        case _:
            hall.issue()
    hall.wait(10 * 60)
    return choice(hall, window)


@pytest.mark.parametrize("reason", REASONS)
def test_every_choice_explains_itself_in_one_sentence(reason: str) -> None:
    made = chosen_for(reason)
    assert (made.reason, made.why.en) == (reason, REASONS[reason])
    assert made.ticket.number in made.why.zh


# --------------------------------------------------------------------------------------------- what always holds

SERVICES = st.sampled_from(["id-card", "household", "invoice"])
CLASSES = st.sampled_from([None, None, None, "elderly", "disabled"])
WINDOWS = st.sampled_from(["window-1", "window-2", "window-3"])
LIFE = st.lists(
    st.one_of(
        st.tuples(st.just("issue"), SERVICES, CLASSES),
        st.tuples(st.just("issue"), SERVICES, CLASSES),
        st.tuples(st.just("refer"), SERVICES, st.sampled_from(["300", "1100", "4000"])),
        st.tuples(st.just("call"), WINDOWS, st.none()),
        st.tuples(st.just("call"), WINDOWS, st.none()),
        st.tuples(st.just("no-show"), WINDOWS, st.none()),
        st.tuples(st.just("transfer"), WINDOWS, SERVICES),
        st.tuples(st.just("help"), WINDOWS, SERVICES),
        st.tuples(st.just("wait"), st.sampled_from(["10", "240", "1500"]), st.none()),
    ),
    min_size=20,
    max_size=120,
)
LIMITS = st.fixed_dictionaries({s: st.sampled_from([5, 20, 60]) for s in ("id_card", "household", "invoice")})


def able(hall: Hall, window: str) -> list[Ticket]:
    """Those who could be called at this window, oldest place first."""
    takes = queue_order.services_of(hall, window).services
    return sorted((t for q in hall.queues_of(takes) for t in q), key=lambda t: t.seniority)


@given(life=LIFE, bound=st.integers(0, 6), limits=LIMITS, longest=st.sampled_from([20, 600]))
def test_nobody_is_passed_more_often_than_the_bound_and_never_without_the_stated_reason(
    life: list[tuple[str, str, str | None]], bound: int, limits: dict[str, float], longest: float
) -> None:
    rules = with_rules(passed_at_most=bound, returns=5, longest_wait_min=longest)
    hall = opened(with_limits(rules, **limits))
    passed: Counter[str] = Counter()
    for what, where, which in life:
        at = hall.hall.tickets.get(hall.hall.window(where).ticket or "")
        if what == "issue":
            hall.issue(where, priority=which)
        elif what == "refer":
            hall.refer(where, waited_s=float(which or 0))
        elif what == "wait":
            hall.wait(float(where))
        elif what == "help":
            hall.help(where, which or "")
        elif what == "call" and able(hall.hall, where):
            before, waiting = hall.hall, able(hall.hall, where)
            chosen = hall.call_next(where)
            skipped = [t for t in waiting if t.seniority < before.tickets[chosen.id].seniority]
            assert is_why(called(hall).reason, chosen.id, skipped, before, where, hall.moment)
            passed.update(t.id for t in skipped)
            passed.pop(chosen.id, None)
            assert +passed == Counter(hall.hall.passed)
        elif what == "no-show" and at is not None and at.state == "called":
            hall.no_show(where)
            hall.return_to_queue(at.id) if at.returns < 5 else hall.cancel(at.id)
        elif what == "transfer" and at is not None and which is not None:
            hall.transfer(which, where)
        assert max(passed.values(), default=0) <= bound


def waited_s(ticket: Ticket, at: j.Moment) -> float:
    return at.since(ticket.since) + ticket.credit_s


def is_why(reason: str, chosen: str, skipped: list[Ticket], hall: Hall, window: str, at: j.Moment) -> bool:
    """Whether the stated rule is what puts this ticket before those it passes, stated anew from rules 1 to 4.

    What was waited elsewhere counts too, but nobody goes before the oldest of the same class and service for it.
    """
    ticket, waiting, rules = hall.tickets[chosen], able(hall, window), hall.site.catalogue.rules
    spent = [t for t in waiting if hall.passed.get(t.id, 0) >= rules.passed_at_most]
    heads = {(t.service, class_rank(hall, t.priority)): t for t in reversed(waiting)}.values()
    late = {t.id for t in heads if waited_s(t, at) >= rules.longest_wait_min * 60}

    def share(of: Ticket) -> float:
        own = of.service in hall.site.windows[window].services
        return (waited_s(of, at) + 60) / hall.site.services[of.service].limit_min * (1 if own else 0.5)

    alike = [t for t in skipped if t in heads and class_rank(hall, t.priority) == class_rank(hall, ticket.priority)]
    lesser = all(class_rank(hall, t.priority) >= class_rank(hall, ticket.priority) for t in waiting)
    first = all(ticket.seniority <= t.seniority for t in spent) if spent else not late or chosen in late
    by_claim = first and lesser and all(share(t) <= share(ticket) * (1 + 1e-9) for t in alike)
    match reason:
        case "next":
            return not skipped
        case "passed_often":
            return ticket.seniority <= min(t.seniority for t in spent)
        case "longest_wait":
            return not spent and chosen in late
        case "priority":
            return bool(skipped) and by_claim and not alike
        case _:
            return bool(alike) and by_claim
