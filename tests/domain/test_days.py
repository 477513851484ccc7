from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from journal_numbers import JournalNumbers
from plain_hall import MORNING, PlainHall

from protocol import journal as j
from protocol.vocabulary import PrintOutcome
from server.domain.day import business_day
from server.domain.day.business_day import DayQuestion
from server.domain.day.clock_question import ClockQuestion, open_question
from server.domain.events.apply import AppliedEntry
from server.domain.model.catalogue import Catalogue, Hours
from server.domain.model.clock_trust import ClockTrust
from server.domain.model.refusals import DaySettled


@pytest.fixture
def hall(small_catalogue: Catalogue) -> PlainHall:
    hall = PlainHall(small_catalogue)
    hall.open()
    return hall


def test_the_first_day_begins_with_nothing_left_over(small_catalogue: Catalogue) -> None:
    assert [e.fact for e in PlainHall(small_catalogue).journal] == [j.DayStarted(day=date(2026, 3, 2))]


def test_a_new_day_finds_an_empty_hall_and_the_journal_has_how_every_ticket_ended(hall: PlainHall) -> None:
    serving, calling, missed, waiting = [hall.issue(print_device="kiosk-1") for _ in range(4)]
    hall.call_next("window-1")
    hall.start("window-1")
    hall.call_next("window-2")
    hall.do([j.TicketNoShow(ticket=calling.id, window="window-2")])
    hall.call_next("window-2")
    hall.do([j.PrintEnded(job=f"{serving.id}.1", outcome=PrintOutcome.PRINTED, reason="")])
    hall.wait(24 * 3600)
    made = hall.turn_day()

    gone = [s.entry.fact.ticket for s in made if isinstance(s.entry.fact, j.TicketCancelled)]
    assert sorted(gone) == sorted([serving.id, missed.id, waiting.id])
    ended = [s.entry.fact for s in made if isinstance(s.entry.fact, j.PrintEnded)]
    assert [(f.job, f.outcome) for f in ended] == [
        (f"{t.id}.1", PrintOutcome.UNKNOWN) for t in (calling, missed, waiting)
    ]
    assert (hall.hall.tickets, hall.hall.windows, hall.hall.counts, hall.hall.prints) == ({}, {}, {}, {})
    assert hall.hall.day == date(2026, 3, 3)


def test_measured_serving_times_outlive_the_day(hall: PlainHall) -> None:
    hall.issue()
    hall.serve(seconds=300)
    hall.wait(24 * 3600)
    hall.turn_day()
    assert hall.measured() == {"id-card": [300.0]}


def test_a_removed_service_cancels_its_tickets_with_the_reason(hall: PlainHall, small_catalogue: Catalogue) -> None:
    kept, lost = hall.issue("id-card"), hall.issue("invoice")
    smaller = small_catalogue.model_copy(
        update={
            "services": tuple(s for s in small_catalogue.services if s.id != "invoice"),
            "windows": tuple(w for w in small_catalogue.windows if w.id != "window-3"),
        }
    )
    facts = [s.entry.fact for s in hall.change(smaller)]
    assert facts[0] == j.TicketCancelled(ticket=lost.id, reason="service_removed")
    assert [f.kind for f in facts] == ["ticket_cancelled", "catalogue_changed"]
    assert list(hall.hall.tickets) == [kept.id]


def test_a_removed_window_cancels_its_visitor_and_comes_back_closed(
    hall: PlainHall, small_catalogue: Catalogue
) -> None:
    hall.issue()
    hall.call_next("window-2")
    hall.change(
        small_catalogue.model_copy(update={"windows": tuple(w for w in small_catalogue.windows if w.id != "window-2")})
    )
    assert hall.hall.tickets == {}
    hall.change(small_catalogue)
    assert (hall.hall.window("window-2").state, hall.hall.window("window-1").state) == ("closed", "open")


def test_new_classes_reorder_those_who_wait(hall: PlainHall, small_catalogue: Catalogue) -> None:
    old, disabled = hall.issue(priority="elderly"), hall.issue(priority="disabled")
    assert hall.queue() == [disabled.number, old.number]
    hall.change(small_catalogue.model_copy(update={"priorities": tuple(reversed(small_catalogue.priorities))}))
    assert hall.queue() == [old.number, disabled.number]


def test_while_it_is_the_day_nothing_happens(hall: PlainHall) -> None:
    assert hall.turn_day() == []


def step(hall: PlainHall, **time: float) -> None:
    """Set the wall clock; no time passes."""
    hall.moment = hall.moment.model_copy(update={"at": hall.moment.at + timedelta(**time)})


def reboot(hall: PlainHall, boot: str) -> None:
    """Start the machine again; nobody knows how long it was off."""
    hall.moment = j.Moment(at=hall.moment.at, boot=boot, mono_s=20.0)


def kinds(made: list[AppliedEntry]) -> list[str]:
    return [s.entry.fact.kind for s in made]


@pytest.mark.parametrize("days", [1, 3, 400])
def test_a_clock_that_is_put_right_cancels_nobody_and_dates_the_queue_anew(hall: PlainHall, days: int) -> None:
    waiting = hall.issue()
    step(hall, days=days)
    assert [s.entry.fact for s in hall.turn_day()] == [
        j.DayMoved(was=date(2026, 3, 2), day=date(2026, 3, 2) + timedelta(days=days), since=hall.journal[-2].seq)
    ]
    hall.wait(business_day.GONE_S - 10)
    assert hall.turn_day() == []
    assert list(hall.hall.tickets) == [waiting.id]
    assert hall.issue().number == "A002"


def test_a_machine_that_was_off_does_not_know_that_people_are_gone(hall: PlainHall) -> None:
    hall.issue()
    hall.wait(16 * 3600)
    reboot(hall, "boot-2")
    assert hall.turn_day() == []
    hall.wait(business_day.GONE_S)
    assert hall.turn_day() == []


def test_people_are_gone_when_nothing_happened_for_a_working_day_and_the_date_moved(hall: PlainHall) -> None:
    hall.issue()
    hall.wait(15 * 3600 - 1)
    assert hall.turn_day() == [], "it is the same day still"
    hall.wait(1)
    assert kinds(hall.turn_day()) == ["ticket_cancelled", "day_started"]


def test_a_person_says_that_those_of_yesterday_are_gone(hall: PlainHall) -> None:
    old = hall.issue()
    hall.wait(15 * 3600)
    reboot(hall, "boot-2")
    hall.wait(8 * 3600)
    new = hall.issue()
    made = hall.settle_day(gone=True)
    assert [s.entry.fact for s in made] == [
        j.TicketCancelled(ticket=old.id, reason="day_ended"),
        j.DayMoved(was=date(2026, 3, 2), day=date(2026, 3, 3), since=made[0].before.seq),
    ]
    assert {s.entry.actor for s in made} == {"clerk"}
    assert list(hall.hall.tickets) == [new.id]
    assert hall.issue().number == "A003", "no number twice among people who are here"
    assert (hall.hall.day, hall.hall.window("window-1").state) == (date(2026, 3, 3), "open")


@pytest.mark.parametrize("gone", [True, False])
def test_the_board_lists_no_number_of_yesterday_that_has_ended(hall: PlainHall, *, gone: bool) -> None:
    hall.issue()
    hall.serve(seconds=300)
    old = hall.issue()
    hall.call_next("window-2")
    hall.wait(23 * 3600)
    reboot(hall, "boot-2")
    new = hall.issue()
    hall.call_next("window-1")
    assert len(hall.hall.calls) == 3
    hall.settle_day(gone=gone)
    assert [call.number for call in hall.hall.calls] == [new.number, *([] if gone else [old.number])]


def test_before_the_first_number_of_the_morning_the_answer_begins_a_new_day(hall: PlainHall) -> None:
    hall.issue()
    hall.wait(23 * 3600)
    reboot(hall, "boot-2")
    assert kinds(hall.settle_day(gone=True)) == ["ticket_cancelled", "day_started"]
    assert hall.issue().number == "A001"


def test_a_person_says_that_those_of_yesterday_are_here(hall: PlainHall) -> None:
    old = hall.issue()
    hall.wait(23 * 3600)
    reboot(hall, "boot-2")
    assert kinds(hall.settle_day(gone=False)) == ["day_moved"]
    assert list(hall.hall.tickets) == [old.id]
    with pytest.raises(DaySettled):
        hall.settle_day(gone=True)
    assert hall.turn_day() == []


def test_people_answer_for_the_clock_first_and_then_for_those_left_over(hall: PlainHall) -> None:
    hall.issue()
    assert open_question(hall.hall, now=hall.moment, trust=ClockTrust.CONFIRMED) is None
    assert open_question(hall.hall, now=hall.moment, trust=ClockTrust.UNCONFIRMED) == ClockQuestion(day=hall.hall.day)
    reboot(hall, "boot-2")
    step(hall, days=3)
    assert isinstance(open_question(hall.hall, now=hall.moment, trust=ClockTrust.KEPT), ClockQuestion)
    question = open_question(hall.hall, now=hall.moment, trust=ClockTrust.CONFIRMED)
    assert isinstance(question, DayQuestion)
    assert [t.number for t in question.tickets] == ["A001"]


def test_a_pi_that_woke_up_yesterday_moves_its_visitors_to_today_when_it_learns_the_time(hall: PlainHall) -> None:
    hall.issue()
    hall.serve(seconds=60)
    hall.wait(8 * 3600)
    reboot(hall, "boot-2")
    hall.trust = ClockTrust.UNCONFIRMED
    visitors = [hall.issue() for _ in range(3)]
    step(hall, hours=15, minutes=26)
    hall.wait(600)
    hall.trust = ClockTrust.CONFIRMED
    made = hall.turn_day()
    assert kinds(made) == ["day_moved"]
    assert [t.number for t in hall.hall.tickets.values()] == [t.number for t in visitors] == ["A002", "A003", "A004"]
    assert JournalNumbers(hall.journal).counts(date(2026, 3, 3)) == {"A": 4}
    assert JournalNumbers(hall.journal).counts(date(2026, 3, 2)) == {"A": 1}


@pytest.mark.parametrize("trust", ClockTrust)
def test_an_empty_hall_follows_a_clock_as_far_as_it_is_believed(hall: PlainHall, trust: ClockTrust) -> None:
    hall.trust = trust
    step(hall, days=1)
    assert bool(hall.turn_day()) == (trust > ClockTrust.WRONG)
    step(hall, days=365)
    assert bool(hall.turn_day()) == (trust is ClockTrust.CONFIRMED)


def test_a_day_in_the_future_ends_when_the_time_is_known(small_catalogue: Catalogue) -> None:
    hall = PlainHall(small_catalogue, at=MORNING + timedelta(days=800))
    hall.open()
    early = hall.issue()
    step(hall, days=-800)
    hall.trust = ClockTrust.KEPT
    assert hall.turn_day() == []
    hall.trust = ClockTrust.CONFIRMED
    made = hall.turn_day()
    assert kinds(made) == ["day_moved"]
    assert (hall.hall.day, list(hall.hall.tickets)) == (date(2026, 3, 2), [early.id])
    assert set(JournalNumbers(hall.journal).days().values()) == {date(2026, 3, 2)}
    assert hall.issue().number == "A002"


def test_an_empty_hall_comes_back_from_the_future_and_repeats_no_number_of_the_date(hall: PlainHall) -> None:
    hall.issue()
    hall.serve(seconds=60)
    reboot(hall, "boot-2")
    step(hall, days=1)
    hall.turn_day()
    reboot(hall, "boot-3")
    step(hall, days=-1)
    made = hall.turn_day()
    assert [s.entry.fact for s in made] == [j.DayStarted(day=date(2026, 3, 2), counts={"A": 1})]
    assert hall.issue().number == "A002"


def test_a_hall_that_works_over_midnight_goes_on_until_nobody_is_left(hall: PlainHall) -> None:
    """Without opening hours it may be open all night."""
    hall.wait(14.9 * 3600)
    before = hall.issue()
    hall.wait(0.2 * 3600)
    after = hall.issue()
    assert hall.turn_day() == []
    assert hall.call_next().id == before.id
    hall.start()
    hall.finish()
    assert hall.turn_day() == [], "who came after midnight keeps the day that the hall is in"
    assert hall.call_next().id == after.id
    hall.start()
    hall.finish()
    made = hall.turn_day()
    assert kinds(made) == ["day_started"]
    assert hall.hall.window("window-1").state == "open", "clerks are at work"


def test_a_hall_with_hours_takes_the_date_once_those_of_yesterday_are_served(small_catalogue: Catalogue) -> None:
    hours = Hours(days=(1, 2, 3, 4, 5), open=time(9), close=time(17))
    hall = PlainHall(small_catalogue.model_copy(update={"hours": (hours,)}), at=MORNING + timedelta(hours=1))
    hall.open()
    hall.issue()
    hall.wait(16 * 3600)
    reboot(hall, "boot-2")
    hall.wait(7 * 3600)
    hall.issue()
    assert hall.turn_day() == []
    hall.serve(seconds=60)
    assert kinds(hall.turn_day()) == ["day_moved"]
    assert hall.hall.day == date(2026, 3, 3)


def test_hours_past_midnight_keep_the_day_of_the_evening(small_catalogue: Catalogue) -> None:
    evening = Hours(days=(1, 2, 3, 4, 5), open=time(18), close="24:00")
    night = Hours(days=(2, 3, 4, 5, 6), open=time(0), close=time(2))
    hall = PlainHall(small_catalogue.model_copy(update={"hours": (evening, night)}), at=MORNING + timedelta(hours=14))
    hall.open()
    hall.issue()
    hall.wait(3600 + 60)
    hall.issue()
    hall.serve(seconds=30)
    assert hall.turn_day() == []
    hall.serve(seconds=30)
    assert kinds(hall.turn_day()) == ["day_started"]


def test_a_service_no_window_takes_any_more_cancels_its_tickets(hall: PlainHall, small_catalogue: Catalogue) -> None:
    lost = hall.issue("invoice")
    windows = tuple(w for w in small_catalogue.windows if w.id != "window-3")
    facts = [s.entry.fact for s in hall.change(small_catalogue.model_copy(update={"windows": windows}))]
    assert facts[0] == j.TicketCancelled(ticket=lost.id, reason="service_removed")
