from __future__ import annotations

from datetime import date, timedelta

import pytest
from plain_hall import PlainHall

from protocol import journal as j
from protocol.vocabulary import PrintOutcome
from server.domain.day import business_day
from server.domain.model.catalogue import Catalogue


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
    assert business_day.start_day(hall.hall, now=hall.moment, clock_trusted=True) == ()


def test_people_who_wait_keep_the_day_until_there_was_a_night(hall: PlainHall) -> None:
    hall.issue()
    step = j.Moment(at=hall.moment.at + timedelta(days=3), boot=hall.moment.boot, mono_s=hall.moment.mono_s + 5)
    assert business_day.start_day(hall.hall, now=step, clock_trusted=True) == ()
    night = j.Moment(at=step.at, boot=step.boot, mono_s=step.mono_s + 2 * 3600)
    assert [f.kind for f in business_day.start_day(hall.hall, now=night, clock_trusted=True)] == [
        "ticket_cancelled",
        "day_started",
    ]


def test_a_clock_that_was_set_an_instant_ago_ends_no_day(hall: PlainHall) -> None:
    hall.wait(24 * 3600)
    assert business_day.start_day(hall.hall, now=hall.moment, clock_trusted=False) == ()
    assert [f.kind for f in business_day.start_day(hall.hall, now=hall.moment, clock_trusted=True)] == ["day_started"]


def test_a_service_no_window_takes_any_more_cancels_its_tickets(hall: PlainHall, small_catalogue: Catalogue) -> None:
    lost = hall.issue("invoice")
    windows = tuple(w for w in small_catalogue.windows if w.id != "window-3")
    facts = [s.entry.fact for s in hall.change(small_catalogue.model_copy(update={"windows": windows}))]
    assert facts[0] == j.TicketCancelled(ticket=lost.id, reason="service_removed")
