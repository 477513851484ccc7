"""One press is enough, and it ends no visit that nobody saw begin: what is assumed is rarely wrong and never final."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from random import Random

import pytest
from plain_hall import PlainHall

from protocol import journal as j
from protocol.vocabulary import PrintOutcome, TicketState
from server.domain.desk import calls, issuance
from server.domain.model.catalogue import Catalogue
from server.domain.model.refusals import NobodyInDoubt, UnknownTicket
from server.domain.model.tickets import Ticket

ABSENT = 0.06
"""Share of called visitors who do not come."""
VISITS = 1500


@pytest.fixture
def hall(small_catalogue: Catalogue) -> PlainHall:
    hall = PlainHall(small_catalogue)
    hall.open()
    return hall


def called_twice(hall: PlainHall, *, after_s: float) -> tuple[Ticket, Ticket]:
    """Let a clerk press "call next" twice; return the first ticket as it is then, and the second."""
    first, second = hall.issue(), hall.issue()
    hall.call_next()
    hall.wait(after_s)
    hall.call_next()
    shown = hall.hall.ticket(first.id)
    assert shown is not None
    return shown, hall.hall.tickets[second.id]


@pytest.mark.parametrize("after_s", [2.1, 5.0, 20.0, 45.0])
def test_a_press_that_comes_too_soon_ends_no_visit(hall: PlainHall, after_s: float) -> None:
    first, second = called_twice(hall, after_s=after_s)
    assert (first.state, first.assumed) == (TicketState.NO_SHOW, True)
    assert second.state is TicketState.CALLED
    assert hall.hall.learned.came == (), "nobody knows whether the visitor came"


def test_a_press_after_a_usual_visit_assumes_it_finished(hall: PlainHall) -> None:
    first, _ = called_twice(hall, after_s=480)
    assert (first.state, first.assumed) == (TicketState.FINISHED, True)
    assert hall.hall.in_doubt("window-1") is None


def test_services_of_half_a_minute_and_of_an_hour_are_distinguished_by_their_own_times(
    small_catalogue: Catalogue,
) -> None:
    for minutes, after_s, state in ((0.5, 75.0, TicketState.FINISHED), (60.0, 75.0, TicketState.NO_SHOW)):
        services = [s.model_copy(update={"expected_min": minutes}) for s in small_catalogue.services]
        hall = PlainHall(small_catalogue.model_copy(update={"services": tuple(services)}))
        hall.open()
        assert called_twice(hall, after_s=after_s)[0].state is state


def test_whoever_is_only_assumed_absent_gets_the_old_place_back_however_often(hall: PlainHall) -> None:
    first, _ = called_twice(hall, after_s=5)
    later = [hall.issue() for _ in range(4)]
    for _ in range(3):
        back = hall.return_to_queue(first.id)
        assert (back.returns, back.assumed) == (0, False)
        assert hall.queue()[0] == first.number
        hall.call_next()
        hall.wait(4)
        hall.call_number(later[-1].number)
        hall.finish()
        hall.return_to_queue(later[-1].id)


def test_a_visitor_who_was_assumed_absent_and_withdraws_is_not_assumed_any_more(hall: PlainHall) -> None:
    """Nothing leads back to a ticket that its visitor ended, and no print of it is kept."""
    first = hall.issue(print_device="kiosk-1")
    hall.do(issuance.end_print(hall.hall, job=f"{first.id}.1", outcome=PrintOutcome.PRINTED, reason=""))
    hall.issue()
    hall.call_next()
    hall.wait(5)
    hall.call_next()
    hall.cancel(first.id)
    ended = hall.hall.ticket(first.id)
    assert ended is not None
    assert (ended.state, ended.assumed) == (TicketState.CANCELLED, False)
    assert first.id not in hall.hall.prints


def test_a_visit_that_was_only_assumed_is_undone_hours_later(hall: PlainHall) -> None:
    first, second = called_twice(hall, after_s=480)
    hall.finish()
    for _ in range(40):
        hall.issue()
        hall.call_next()
        hall.start()
        hall.finish()
    hall.wait(5 * 3600)
    with pytest.raises(UnknownTicket):
        issuance.cancel(hall.hall, ticket=first.id)
    hall.issue()
    assert hall.return_to_queue(first.id).state is TicketState.WAITING
    assert hall.queue()[0] == first.number
    assert hall.call_number(second.number).state is TicketState.CALLED
    hall.start()
    hall.finish()
    with pytest.raises(UnknownTicket):
        hall.call_number(second.number)


def test_the_clerk_confirms_in_place_whether_the_visitor_before_came(hall: PlainHall) -> None:
    first, _ = called_twice(hall, after_s=5)
    assert hall.hall.in_doubt("window-1") == first
    hall.do(calls.confirm_served(hall.hall, window="window-1"))
    served = hall.hall.ticket(first.id)
    assert served is not None
    assert (served.state, served.assumed) == (TicketState.FINISHED, False)
    assert hall.hall.learned.came == (True,)
    with pytest.raises(NobodyInDoubt):
        calls.confirm_absent(hall.hall, window="window-1")


def test_the_clerk_confirms_in_place_that_the_visitor_before_did_not_come(hall: PlainHall) -> None:
    first, second = called_twice(hall, after_s=5)
    hall.do(calls.confirm_absent(hall.hall, window="window-1"))
    absent = hall.hall.tickets[first.id]
    assert (absent.state, absent.assumed) == (TicketState.NO_SHOW, False)
    assert hall.hall.window("window-1").ticket == second.id, "whom the window serves now stays there"
    assert hall.hall.learned.came == (False,)
    assert hall.return_to_queue(first.id).returns == 1, "a real absence counts"


def test_a_visitor_who_is_only_assumed_absent_is_called_on_until_the_clerk_says_more(hall: PlainHall) -> None:
    first, _ = called_twice(hall, after_s=5)
    over = lambda: next(call.over for call in hall.hall.calls if call.number == first.number)
    assert not over(), "the voice may not have come to it yet"
    hall.do(calls.confirm_absent(hall.hall, window="window-1"))
    assert over()


@dataclass
class Clerks:
    """What came of a hall whose clerks all work in one way."""

    outcomes: Counter[tuple[bool, str]] = field(default_factory=Counter)
    """(the visitor came, how the visit is written down) -> visits."""

    def share(self, *, came: bool, written: str) -> float:
        """Return the share of all visits."""
        return self.outcomes[came, written] / self.outcomes.total()


def worked(hall: PlainHall, chance: Random, *, careful: bool) -> Clerks:
    """Let a clerk of one key, or a careful one, serve visitors of two services, some of whom do not come."""
    clerks, came = Clerks(), {}
    for visit in range(VISITS):
        service = "id-card" if visit % 2 else "household"
        ticket = hall.issue(service)
        hall.call_next()
        came[ticket.id] = chance.random() >= ABSENT
        walk_s = chance.uniform(10, 50)
        if not came[ticket.id]:
            hall.wait(chance.uniform(8, 60))
            if careful:
                hall.no_show()
        else:
            hall.wait(walk_s)
            if careful:
                hall.start()
            hall.wait(chance.lognormvariate(math.log(300 if visit % 2 else 420), 0.6))
            if careful:
                hall.finish()
    hall.issue()
    hall.call_next()
    for entry in hall.journal:
        if isinstance(entry.fact, j.TicketFinished | j.TicketNoShow):
            clerks.outcomes[came[entry.fact.ticket], entry.fact.kind] += 1
    return clerks


@pytest.mark.parametrize("careful", [False, True])
def test_of_a_hall_of_one_key_and_of_a_careful_one_at_most_one_visit_in_a_hundred_is_taken_wrongly(
    small_catalogue: Catalogue, *, careful: bool
) -> None:
    services = [s.model_copy(update={"expected_min": 7}) for s in small_catalogue.services]
    hall = PlainHall(small_catalogue.model_copy(update={"services": tuple(services)}))
    hall.open("window-1")
    clerks = worked(hall, Random(7), careful=careful)
    assert clerks.outcomes.total() >= VISITS - 1
    assert clerks.share(came=False, written="ticket_finished") <= 0.01
    assert clerks.share(came=True, written="ticket_no_show") <= 0.01
    assert clerks.share(came=True, written="ticket_finished") >= 0.9
    for ticket in [t for t in hall.hall.tickets.values() if t.absence_assumed]:
        assert hall.return_to_queue(ticket.id).seniority == ticket.seniority, "no place is lost"


def test_an_assumed_visit_of_a_service_that_the_site_no_longer_has_stays_ended(
    hall: PlainHall, small_catalogue: Catalogue
) -> None:
    first, _ = called_twice(hall, after_s=480)
    others = tuple(s for s in small_catalogue.services if s.id != first.service)
    windows = [
        w.model_copy(update={"services": tuple(s for s in w.services if s != first.service) or (others[0].id,)})
        for w in small_catalogue.windows
    ]
    hall.change(small_catalogue.model_copy(update={"services": others, "windows": tuple(windows)}))
    with pytest.raises(UnknownTicket):
        hall.return_to_queue(first.id)
