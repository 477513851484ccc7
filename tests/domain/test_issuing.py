from __future__ import annotations

from datetime import timedelta

import pytest
from plain_hall import MORNING, PlainHall
from real_hall import COUNTY_HALL

from protocol import journal as j
from protocol.settings import load_settings
from protocol.vocabulary import Language, PrintOutcome
from server.domain.desk import issuance
from server.domain.model.catalogue import Catalogue
from server.domain.model.refusals import (
    HallClosed,
    PrintEndedAlready,
    ReprintUsed,
    ServiceNotServed,
    UnknownPrint,
    UnknownPriority,
    UnknownService,
    UnknownTicket,
    WrongState,
)


@pytest.fixture
def hall(small_catalogue: Catalogue) -> PlainHall:
    return PlainHall(small_catalogue)


def end(hall: PlainHall, job: str, outcome: PrintOutcome, reason: str = "") -> None:
    hall.do(issuance.end_print(hall.hall, job=job, outcome=outcome, reason=reason))


def test_a_ticket_holds_all_that_is_on_the_visitors_paper(hall: PlainHall) -> None:
    hall.issue("id-card")
    ticket = hall.issue("household", priority="elderly", print_device="kiosk-1")
    assert hall.journal[-1].fact == j.TicketIssued(
        ticket=ticket.id,
        number="B001",
        letter="B",
        count=1,
        service="household",
        language=Language.ZH,
        priority="elderly",
        people_ahead=0,
        promise=None,
        print_device="kiosk-1",
    )


def test_what_the_site_does_not_know_is_refused_with_the_field(hall: PlainHall) -> None:
    with pytest.raises(UnknownService) as service:
        hall.issue("no-such-service")
    with pytest.raises(UnknownPriority) as priority:
        hall.issue(priority="no-such-class")
    assert (service.value.field, priority.value.field) == ("service", "priority")
    assert hall.hall.counts == {}


def test_no_number_is_issued_for_a_service_without_a_window(small_catalogue: Catalogue) -> None:
    windows = tuple(w for w in small_catalogue.windows if w.id != "window-3")
    hall = PlainHall(small_catalogue.model_copy(update={"windows": windows}))
    with pytest.raises(ServiceNotServed):
        hall.issue("invoice")


def test_outside_the_hours_no_number_is_issued_and_the_refusal_names_the_hours() -> None:
    county = load_settings(Catalogue, COUNTY_HALL)
    service = county.services[0].id
    assert PlainHall(county, at=MORNING).issue(service).number
    noon = PlainHall(county, at=MORNING + timedelta(hours=3, minutes=30))
    with pytest.raises(HallClosed) as refused:
        noon.issue(service)
    assert "周一至周五 08:30–12:00" in refused.value.message.zh
    assert "Mon–Fri 08:30–12:00" in refused.value.message.en


def test_a_clock_that_cannot_be_trusted_never_blocks_issuing() -> None:
    county = load_settings(Catalogue, COUNTY_HALL)
    hall = PlainHall(county, at=MORNING + timedelta(hours=12))
    fact = issuance.issue(
        hall.hall,
        service=county.services[0].id,
        language=Language.EN,
        priority=None,
        ticket="t1",
        print_device=None,
        promise=None,
        now=None,
    )
    assert fact.count == 1


def test_a_withdrawn_ticket_is_gone_for_good(hall: PlainHall) -> None:
    ticket = hall.issue()
    hall.cancel(ticket.id)
    assert hall.queue() == []
    with pytest.raises(UnknownTicket):
        hall.cancel(ticket.id)


def test_a_visitor_may_leave_from_the_window(hall: PlainHall) -> None:
    hall.open()
    ticket = hall.issue()
    hall.call_next()
    hall.cancel(ticket.id)
    assert hall.hall.window("window-1").ticket is None


def test_a_print_job_ends_once_and_the_same_outcome_twice_is_one(hall: PlainHall) -> None:
    job = f"{hall.issue(print_device='kiosk-1').id}.1"
    end(hall, job, PrintOutcome.PRINTED)
    written = len(hall.journal)
    end(hall, job, PrintOutcome.PRINTED)
    assert len(hall.journal) == written
    with pytest.raises(PrintEndedAlready):
        end(hall, job, PrintOutcome.FAILED, "paper out")


def test_a_kiosk_that_reports_late_replaces_unknown(hall: PlainHall) -> None:
    ticket = hall.issue(print_device="kiosk-1")
    hall.wait(121)
    assert issuance.expire_prints(hall.hall, at=hall.moment, after_s=121) == []
    hall.do(issuance.expire_prints(hall.hall, at=hall.moment, after_s=120))
    assert [p.outcome for p in hall.hall.prints[ticket.id]] == [PrintOutcome.UNKNOWN]
    end(hall, f"{ticket.id}.1", PrintOutcome.FAILED, "cover open")
    assert [(p.outcome, p.reason) for p in hall.hall.prints[ticket.id]] == [(PrintOutcome.FAILED, "cover open")]


def test_a_ticket_is_printed_again_once(hall: PlainHall) -> None:
    ticket = hall.issue(print_device="kiosk-1")
    hall.do([issuance.reprint(hall.hall, ticket=ticket.id, device="kiosk-2")])
    jobs = hall.hall.prints[ticket.id]
    assert [(p.job, p.device, p.reprint) for p in jobs] == [
        (f"{ticket.id}.1", "kiosk-1", False),
        (f"{ticket.id}.2", "kiosk-2", True),
    ]
    with pytest.raises(ReprintUsed):
        issuance.reprint(hall.hall, ticket=ticket.id, device="kiosk-1")


def test_jobs_are_kept_until_the_last_has_an_outcome_even_when_the_ticket_ended(hall: PlainHall) -> None:
    ticket = hall.issue(print_device="kiosk-1")
    hall.cancel(ticket.id)
    end(hall, f"{ticket.id}.1", PrintOutcome.PRINTED)
    assert hall.hall.prints == {}
    with pytest.raises(UnknownPrint):
        end(hall, f"{ticket.id}.1", PrintOutcome.PRINTED)


@pytest.mark.parametrize("job", ["", "t1", "t1.2", "t9.1", ".1"])
def test_an_unknown_job_is_refused(hall: PlainHall, job: str) -> None:
    hall.issue(print_device="kiosk-1")
    with pytest.raises(UnknownPrint):
        end(hall, job, PrintOutcome.PRINTED)


def test_who_waits_cannot_return_to_the_queue(hall: PlainHall) -> None:
    ticket = hall.issue()
    with pytest.raises(WrongState):
        issuance.return_to_queue(hall.hall, ticket=ticket.id)
    with pytest.raises(UnknownTicket):
        issuance.return_to_queue(hall.hall, ticket="nobody")
