"""What the hall's voice reports, and when an absent visitor may be marked."""

from __future__ import annotations

import pytest
from plain_hall import PlainHall

from protocol.journal import Moment, TicketAnnounced
from protocol.retained_messages import AnnouncedCall
from server.domain.desk import calls
from server.domain.desk.announcements import UNANNOUNCED_S, announced, no_show_in_s
from server.domain.model.catalogue import Catalogue
from server.domain.model.refusals import NoShowTooSoon
from server.domain.views.hall_views import sign_view

AFTER_S = 20.0


@pytest.fixture
def hall(small_catalogue: Catalogue) -> PlainHall:
    """Return an open hall where a no-show is possible 20 s after the announcement."""
    rules = small_catalogue.rules.model_copy(update={"no_show_after_s": AFTER_S})
    hall = PlainHall(small_catalogue.model_copy(update={"rules": rules}))
    hall.open()
    for _ in range(3):
        hall.issue()
    return hall


def speak(hall: PlainHall, *, call_seq: int | None = None, ago_s: float = 0.0) -> int:
    """Let a screen report the latest call; return how many announcements were news."""
    reported = AnnouncedCall(call_seq=call_seq or hall.hall.calls[0].call_seq, ago_s=ago_s)
    return len(hall.do(announced(hall.hall, [reported], device="screen-1")))


def left_s(hall: PlainHall) -> float | None:
    return no_show_in_s(hall.hall, hall.hall.tickets["t1"], at=hall.moment)


def with_a_voice(hall: PlainHall) -> PlainHall:
    """Return a hall whose voice has reported a call before, which is over."""
    hall.call_next("window-2")
    speak(hall)
    hall.finish("window-2")
    return hall


def test_a_no_show_is_possible_so_long_after_the_announcement_and_not_sooner(hall: PlainHall) -> None:
    hall.call_next()
    hall.wait(25)
    assert speak(hall) == 1
    hall.wait(19)
    with pytest.raises(NoShowTooSoon) as refused:
        hall.no_show()
    assert refused.value.message.zh == "这个号码刚刚播报，请再等 1 秒才能过号"
    assert refused.value.message.en == "the number was announced just now; it can be marked absent in 1 s"
    hall.wait(1)
    hall.no_show()
    assert hall.hall.tickets["t1"].state == "no_show"


def test_a_call_that_waits_for_the_voice_cannot_be_missed_yet(hall: PlainHall) -> None:
    with_a_voice(hall)
    hall.call_next()
    hall.wait(AFTER_S)
    ticket = hall.hall.tickets[hall.hall.window("window-1").ticket or ""]
    assert no_show_in_s(hall.hall, ticket, at=hall.moment) == UNANNOUNCED_S - AFTER_S
    with pytest.raises(NoShowTooSoon, match="is not announced yet; it can be marked absent in 10 s"):
        hall.no_show()


def test_a_voice_that_has_failed_makes_no_show_possible_after_half_a_minute(hall: PlainHall) -> None:
    with_a_voice(hall)
    hall.call_next()
    hall.wait(UNANNOUNCED_S)
    hall.no_show()


def test_a_hall_whose_screens_report_nothing_counts_from_the_call(hall: PlainHall) -> None:
    hall.call_next()
    hall.wait(AFTER_S - 1)
    with pytest.raises(NoShowTooSoon):
        hall.no_show()
    hall.wait(1)
    hall.no_show()


def test_a_rule_of_zero_seconds_allows_it_at_once(small_catalogue: Catalogue) -> None:
    assert small_catalogue.rules.no_show_after_s == 0
    hall = PlainHall(small_catalogue)
    hall.open()
    hall.issue()
    hall.call_next()
    assert left_s(hall) is None
    hall.no_show()


def test_it_counts_from_when_the_words_ended_not_from_the_report(hall: PlainHall) -> None:
    hall.call_next()
    hall.wait(10)
    speak(hall, ago_s=4.0)
    assert left_s(hall) == AFTER_S - 4.0
    assert [(a.number, a.lag_s) for a in hall.hall.announcements] == [("A001", 6.0)]


def test_an_announcement_is_written_once_whoever_repeats_it(hall: PlainHall) -> None:
    hall.call_next()
    first = hall.hall.calls[0].call_seq
    assert [speak(hall, call_seq=first), speak(hall, call_seq=first), speak(hall, call_seq=first + 500)] == [1, 0, 0]
    hall.start()
    assert speak(hall, call_seq=first) == 0


def test_a_recall_gives_the_visitor_the_time_anew_once_the_first_call_was_announced(hall: PlainHall) -> None:
    hall.call_next()
    speak(hall)
    hall.wait(AFTER_S)
    hall.do(calls.recall(hall.hall, window="window-1"))
    assert left_s(hall) == UNANNOUNCED_S
    hall.wait(3)
    speak(hall)
    assert left_s(hall) == AFTER_S
    assert [a.lag_s for a in hall.hall.announcements] == [3.0, 0.0]


def test_recalls_before_the_announcement_are_one_summons_with_the_call(hall: PlainHall) -> None:
    hall.call_next()
    first = hall.hall.calls[0].call_seq
    for _ in range(2):
        hall.wait(5)
        hall.do(calls.recall(hall.hall, window="window-1"))
    assert left_s(hall) == AFTER_S - 10
    assert speak(hall, call_seq=first) == 0  # the recall is still to be spoken
    assert speak(hall) == 1
    assert hall.hall.announcements[0].lag_s == 10.0


def test_after_a_restart_of_the_machine_nobody_has_to_wait_for_a_clock(hall: PlainHall) -> None:
    hall.call_next()
    hall.moment = Moment(at=hall.moment.at.replace(year=2020), boot="boot-2", mono_s=1.0)
    assert left_s(hall) == 0.0
    hall.no_show()


def test_the_sign_counts_down(hall: PlainHall) -> None:
    hall.call_next()
    assert sign_view(hall.hall, "window-1", at=hall.moment).no_show_in_s == AFTER_S
    hall.wait(5)
    speak(hall)
    assert sign_view(hall.hall, "window-1", at=hall.moment).no_show_in_s == AFTER_S
    hall.wait(60)
    assert sign_view(hall.hall, "window-1", at=hall.moment).no_show_in_s == 0.0
    hall.start()
    assert sign_view(hall.hall, "window-1", at=hall.moment).no_show_in_s is None


def test_the_journal_keeps_who_announced_it(hall: PlainHall) -> None:
    ticket = hall.call_next()
    speak(hall, ago_s=0.5)
    assert hall.journal[-1].fact == TicketAnnounced(ticket=ticket.id, device="screen-1", ago_s=0.5)
