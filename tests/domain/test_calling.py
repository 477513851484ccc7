from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from plain_hall import PlainHall

from protocol import journal as j
from protocol.vocabulary import WindowState
from server.domain.desk import calls
from server.domain.model.catalogue import Catalogue
from server.domain.model.refusals import (
    CalledJustNow,
    NobodyWaiting,
    NoTicketAtWindow,
    Refusal,
    ServiceNotServed,
    TicketElsewhere,
    UnknownService,
    UnknownTicket,
    UnknownWindow,
    WindowNotOpen,
)
from server.domain.views import hall_views


@pytest.fixture
def hall(small_catalogue: Catalogue) -> PlainHall:
    hall = PlainHall(small_catalogue)
    hall.open()
    return hall


@pytest.fixture
def guarded(small_catalogue: Catalogue) -> PlainHall:
    rules = small_catalogue.rules.model_copy(update={"call_guard_s": 2})
    hall = PlainHall(small_catalogue.model_copy(update={"rules": rules}))
    hall.open()
    return hall


def kinds(hall: PlainHall, count: int) -> list[str]:
    return [entry.fact.kind for entry in hall.journal[-count:]]


def test_one_key_is_enough_the_next_call_ends_the_visit_before(hall: PlainHall) -> None:
    first, second = hall.issue(), hall.issue()
    hall.call_next()
    hall.wait(480)
    assert hall.call_next().id == second.id
    assert kinds(hall, 3) == ["ticket_started", "ticket_finished", "ticket_called"]
    assert hall.hall.ended[0].id == first.id
    assert hall.measured() == {}, "a visit whose start nobody recorded is no measurement"


def test_a_pressed_start_makes_the_serving_time_a_measurement(hall: PlainHall) -> None:
    hall.issue()
    hall.serve(seconds=480)
    assert hall.measured() == {"id-card": [480.0]}


def test_a_window_that_called_in_vain_keeps_its_visitor(hall: PlainHall) -> None:
    only = hall.issue()
    hall.call_next()
    hall.start()
    with pytest.raises(NobodyWaiting):
        hall.call_next()
    assert hall.hall.window("window-1").ticket == only.id


def test_a_second_press_within_the_guard_calls_nobody(guarded: PlainHall) -> None:
    guarded.issue()
    second = guarded.issue()
    guarded.call_next()
    guarded.wait(1.9)
    with pytest.raises(CalledJustNow):
        guarded.call_next()
    with pytest.raises(CalledJustNow):
        guarded.call_number(second.number)
    guarded.wait(0.2)
    assert guarded.call_next().id == second.id


def test_the_guard_does_not_delay_a_call_after_a_no_show(guarded: PlainHall) -> None:
    guarded.issue()
    second = guarded.issue()
    guarded.call_next()
    guarded.no_show()
    assert guarded.call_next().id == second.id


def test_the_guard_is_each_windows_own(guarded: PlainHall) -> None:
    guarded.issue()
    second = guarded.issue()
    guarded.call_next("window-1")
    assert guarded.call_next("window-2").id == second.id


@pytest.mark.parametrize("state", [WindowState.PAUSED, WindowState.CLOSED])
def test_a_window_that_is_not_open_calls_nobody_but_serves_on(hall: PlainHall, state: WindowState) -> None:
    hall.issue()
    waiting = hall.issue()
    hall.call_next()
    hall.do(calls.set_window(hall.hall, window="window-1", state=state))
    with pytest.raises(WindowNotOpen):
        hall.call_next()
    with pytest.raises(WindowNotOpen):
        hall.call_number(waiting.number)
    hall.start()
    hall.finish()
    assert hall.hall.window("window-1").ticket is None


@pytest.mark.parametrize("state", [WindowState.PAUSED, WindowState.CLOSED])
def test_who_was_called_a_moment_before_the_window_is_left_is_called_first_elsewhere(
    hall: PlainHall, state: WindowState
) -> None:
    first, _ = hall.issue(), hall.issue()
    hall.call_next("window-1")
    hall.wait(5)
    hall.do(calls.leave_window(hall.hall, window="window-1", state=state, at=hall.moment))
    assert hall.hall.tickets[first.id].state == "waiting"
    assert hall.hall.tickets[first.id].window is None
    assert (hall.hall.window("window-1").ticket, hall.hall.window("window-1").state) == (None, state)
    assert hall.hall.calls[0].over, "board and voice call it no more"
    assert hall.call_next("window-2").id == first.id


@pytest.mark.parametrize("state", [WindowState.PAUSED, WindowState.CLOSED])
def test_who_is_served_when_the_window_is_left_stays_there(hall: PlainHall, state: WindowState) -> None:
    hall.issue()
    started = hall.call_next("window-1")
    hall.start("window-1")
    hall.issue()
    unrecorded = hall.call_next("window-2")
    hall.wait(480)
    for window in ("window-1", "window-2"):
        hall.do(calls.leave_window(hall.hall, window=window, state=state, at=hall.moment))
    assert [hall.hall.window(w).ticket for w in ("window-1", "window-2")] == [started.id, unrecorded.id]
    hall.finish("window-1")


def test_a_called_number_that_a_clerk_left_behind_can_be_called_elsewhere(hall: PlainHall) -> None:
    left, served = hall.issue(), hall.issue()
    hall.call_next("window-1")
    hall.call_next("window-2")
    hall.start("window-2")
    hall.wait(480)
    for window in ("window-1", "window-2"):
        hall.do(calls.leave_window(hall.hall, window=window, state=WindowState.CLOSED, at=hall.moment))
    hall.open("window-1")
    with pytest.raises(TicketElsewhere):
        hall.call_number(served.number, "window-1")
    hall.finish("window-2")
    hall.do(calls.leave_window(hall.hall, window="window-1", state=WindowState.CLOSED, at=hall.moment))
    hall.open("window-2")
    assert hall.call_number(left.number, "window-2").window == "window-2"
    assert hall.hall.window("window-1").ticket is None


def test_a_window_set_to_what_it_is_writes_nothing(hall: PlainHall) -> None:
    assert calls.set_window(hall.hall, window="window-1", state=WindowState.OPEN) == ()


def test_a_missed_number_can_be_called_by_number(hall: PlainHall) -> None:
    missed = hall.issue()
    hall.call_next()
    hall.no_show()
    assert hall.call_number(missed.number, "window-2").window == "window-2"


def test_a_number_at_a_window_is_not_called_to_another(hall: PlainHall) -> None:
    ticket = hall.issue()
    hall.call_next("window-1")
    with pytest.raises(TicketElsewhere) as refused:
        hall.call_number(ticket.number, "window-2")
    assert refused.value.message.zh == "A001 正在 1 号窗口"
    assert refused.value.message.en == "A001 is at window 1"


def test_a_number_of_another_windows_service_is_refused_with_the_field(hall: PlainHall) -> None:
    ticket = hall.issue("invoice")
    with pytest.raises(ServiceNotServed) as refused:
        hall.call_number(ticket.number, "window-1")
    assert refused.value.field == "number"


def test_an_ended_number_is_unknown(hall: PlainHall) -> None:
    ticket = hall.issue()
    hall.cancel(ticket.id)
    with pytest.raises(UnknownTicket):
        hall.call_number(ticket.number)


def test_a_recall_is_on_the_board_again_and_changes_nothing_else(hall: PlainHall) -> None:
    hall.issue()
    hall.call_next()
    before = hall.hall
    hall.do(calls.recall(hall.hall, window="window-1"))
    again = hall.hall.calls[0]
    assert (again.number, again.window, again.recall) == ("A001", "window-1", True)
    assert again.call_seq > before.calls[0].call_seq
    assert (hall.hall.tickets, hall.hall.windows) == (before.tickets, before.windows)


def test_a_transfer_to_a_service_nobody_serves_is_refused(small_catalogue: Catalogue) -> None:
    windows = tuple(w for w in small_catalogue.windows if w.id != "window-3")
    hall = PlainHall(small_catalogue.model_copy(update={"windows": windows}))
    hall.open()
    hall.issue()
    hall.call_next()
    with pytest.raises(ServiceNotServed):
        hall.transfer("invoice")
    with pytest.raises(UnknownService):
        hall.transfer("no-such-service")


NEEDS_A_VISITOR: dict[str, Callable[[PlainHall], None]] = {
    "recall": lambda hall: hall.do(calls.recall(hall.hall, window="window-1")) and None,
    "start": lambda hall: hall.start(),
    "finish": lambda hall: hall.finish(),
    "no-show": lambda hall: hall.no_show(),
    "transfer": lambda hall: hall.transfer("invoice"),
}


@pytest.mark.parametrize("key", sorted(NEEDS_A_VISITOR))
def test_a_key_that_needs_a_visitor_is_refused_at_an_empty_window(hall: PlainHall, key: str) -> None:
    with pytest.raises(NoTicketAtWindow):
        NEEDS_A_VISITOR[key](hall)


@pytest.mark.parametrize("key", ["start", "no-show"])
def test_a_visitor_being_served_can_neither_come_again_nor_be_absent(hall: PlainHall, key: str) -> None:
    hall.issue()
    hall.call_next()
    hall.start()
    with pytest.raises(NoTicketAtWindow):
        NEEDS_A_VISITOR[key](hall)


EVERY_KEY: dict[str, Callable[[PlainHall], object]] = {
    "call-next": lambda hall: calls.call_next(hall.hall, window="window-9", at=hall.moment),
    "call": lambda hall: calls.call_number(hall.hall, window="window-9", number="A001", at=hall.moment),
    "recall": lambda hall: calls.recall(hall.hall, window="window-9"),
    "start": lambda hall: calls.start(hall.hall, window="window-9"),
    "finish": lambda hall: calls.finish(hall.hall, window="window-9"),
    "no-show": lambda hall: calls.mark_no_show(hall.hall, window="window-9", at=hall.moment),
    "transfer": lambda hall: calls.transfer(hall.hall, window="window-9", service="invoice"),
    "open": lambda hall: calls.set_window(hall.hall, window="window-9", state=WindowState.OPEN),
}


@pytest.mark.parametrize("key", sorted(EVERY_KEY))
def test_an_unknown_window_is_named_in_both_languages(hall: PlainHall, key: str) -> None:
    with pytest.raises(UnknownWindow) as refused:
        EVERY_KEY[key](hall)
    assert (refused.value.message.zh, refused.value.message.en, refused.value.field) == (
        "没有窗口 window-9",
        "there is no window window-9",
        "window",
    )


def test_a_refused_command_leaves_no_trace(hall: PlainHall) -> None:
    before = hall.hall
    for attempt in (hall.call_next, hall.start, partial(hall.cancel, "nobody")):
        with pytest.raises(Refusal):
            attempt()
    assert hall.hall is before


def test_a_call_names_the_window_and_the_tickets_it_passed(hall: PlainHall) -> None:
    plain, old = hall.issue(), hall.issue(priority="elderly")
    hall.call_next()
    assert hall.journal[-1].fact == j.TicketCalled(
        ticket=old.id, window="window-1", reason="priority", passed=(plain.id,)
    )


def test_a_call_is_over_when_the_visitor_came_or_is_absent_and_a_recall_is_not(hall: PlainHall) -> None:
    def over() -> list[tuple[str, bool]]:
        return [(call.number, call.over) for call in hall.hall.calls]

    first, second = hall.issue(), hall.issue()
    hall.call_next()
    assert over() == [(first.number, False)]
    hall.no_show()
    hall.call_next()
    assert over() == [(second.number, False), (first.number, True)]
    hall.start()
    hall.do(calls.recall(hall.hall, window="window-1"))
    assert over() == [(second.number, False), (second.number, True), (first.number, True)]
    hall.finish()
    assert over() == [(second.number, True), (second.number, True), (first.number, True)]


def test_a_number_that_is_cancelled_leaves_the_board(hall: PlainHall) -> None:
    first, second = hall.issue(), hall.issue()
    for window in ("window-1", "window-2"):
        hall.call_next(window)
    hall.do([j.TicketCancelled(ticket=first.id, reason="asked")])
    board = hall_views.board_view(hall.hall, {}, at=hall.moment.at, is_open=True)
    assert ([call.number for call in board.calls], board.calls_since) == ([second.number], 0)
