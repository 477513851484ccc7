from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from protocol import journal as j
from protocol.answers import OtherSite
from protocol.clients.hub_client import new_request_id
from protocol.requests import EndPrint, IssueTicket, Request, WindowRequest
from protocol.retained_messages import Notice
from protocol.vocabulary import Language, PrintOutcome, Promise, Text, WindowState, Wire

NOW = datetime(2026, 3, 2, 1, 0, 0, 123456, tzinfo=UTC)


def every(parent: type[BaseModel]) -> list[type[BaseModel]]:
    children = parent.__subclasses__()
    return [c for child in children for c in (child, *every(child))]


def test_a_request_with_a_field_nobody_knows_is_refused() -> None:
    for request in every(Request):
        assert request.model_config["extra"] == "forbid", request
    with pytest.raises(ValidationError):
        IssueTicket.model_validate({"request_id": "kiosk-1:abcdef", "service": "id-card", "servce": "typing error"})


def test_a_reader_ignores_what_a_newer_sender_adds() -> None:
    for read in every(Wire):
        assert read.model_config["extra"] == "ignore", read
    newer = {"low_min": 5, "high_min": 10, "colour": "green"}
    assert Promise.model_validate(newer) == Promise(low_min=5, high_min=10)


def test_what_travels_is_frozen() -> None:
    for message in (*every(Request), *every(Wire), *every(j.Fact)):
        assert message.model_config["frozen"], message


@pytest.mark.parametrize("name", ["id-card", "a", "window-3", "x1-2-3", "0"])
def test_names_fit_into_topics_and_addresses(name: str) -> None:
    assert IssueTicket(request_id="kiosk-1:abcdef", service=name).service == name


@pytest.mark.parametrize(
    "name", ["", "-", "a-", "-a", "a--b", "A", "a b", "a/b", "a+b", "a#", "身份证", "a" * 41, "a\n"]
)
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        IssueTicket(request_id="kiosk-1:abcdef", service=name)


@pytest.mark.parametrize("request_id", ["", "short", "x" * 65, "with space", "new\nline", "号码号码号码号码"])
def test_a_request_id_is_eight_to_sixty_four_plain_characters(request_id: str) -> None:
    with pytest.raises(ValidationError):
        WindowRequest(request_id=request_id)


@given(st.sampled_from(["kiosk-1", "w", "a-very-long-name-of-a-device-in-a-hall-1"]))
def test_a_new_request_id_is_always_a_good_one(device: str) -> None:
    one, other = new_request_id(device), new_request_id(device)
    assert one != other
    assert WindowRequest(request_id=one).request_id.startswith(device[:30])


def test_a_print_ends_printed_failed_or_unknown() -> None:
    for outcome in PrintOutcome:
        fields: dict[str, Any] = {"request_id": "kiosk-1:abcdef", "outcome": outcome}
        if outcome is PrintOutcome.PENDING:
            with pytest.raises(ValidationError, match="printed, failed or unknown"):
                EndPrint.model_validate(fields)
        else:
            assert EndPrint.model_validate(fields).outcome is outcome


def test_times_travel_as_rfc_3339_in_utc() -> None:
    notice = Notice(seq=1, as_of=NOW, text=Text(zh="", en=""))
    assert json.loads(notice.model_dump_json())["as_of"] == "2026-03-02T01:00:00.123456Z"
    assert Notice.model_validate_json(notice.model_dump_json()) == notice


POLICE = OtherSite(
    site="police",
    name=Text(zh="公安分中心", en="Police centre"),
    address=Text(zh="建设路7号", en="7 Jianshe Road"),
    travel_min=6,
)
FACTS: list[j.AnyFact] = [
    j.CatalogueChanged(catalogue={"site": "main-hall"}),
    j.DayStarted(day=date(2026, 3, 2)),
    j.DayStarted(day=date(2026, 3, 2), counts={"A": 17}, windows_stay=True),
    j.DayMoved(was=date(2027, 5, 1), day=date(2026, 3, 2), since=12, counts={"A": 17}),
    j.ClockConfirmed(),
    j.TicketIssued(
        ticket="t1",
        number="A001",
        letter="A",
        count=1,
        service="id-card",
        language=Language.ZH,
        priority=None,
        people_ahead=3,
        promise=Promise(low_min=5, high_min=10),
        print_device="kiosk-1",
    ),
    j.TicketCalled(ticket="t1", window="window-1", reason="priority", passed=("t0",)),
    j.TicketRecalled(ticket="t1", window="window-1"),
    j.TicketAnnounced(ticket="t1", device="display-1", ago_s=1.5),
    j.TicketStarted(ticket="t1", window="window-1", assumed=True),
    j.TicketFinished(ticket="t1", window="window-1"),
    j.TicketNoShow(ticket="t1", window="window-1"),
    j.TicketReturned(ticket="t1", behind="t4"),
    j.TicketTransferred(ticket="t1", window="window-1", service="invoice"),
    j.TicketCancelled(ticket="t1", reason="asked"),
    j.WindowChanged(window="window-1", state=WindowState.PAUSED),
    j.PrintStarted(job="t1.2", ticket="t1", device="kiosk-1"),
    j.PrintEnded(job="t1.2", outcome=PrintOutcome.UNKNOWN, reason="mute"),
    j.NoticeChanged(text=Text(zh="停电", en="No power")),
    j.OfferMade(
        offer="o1",
        service="id-card",
        language=Language.EN,
        priority="elderly",
        ticket=None,
        to_site="police",
        where=POLICE,
        here=Promise(low_min=40, high_min=65),
        there=Promise(low_min=10, high_min=20, p50_min=11.5),
        travel_min=6.0,
        saving_min=25.5,
    ),
    j.ReferralAsked(
        referral="r1",
        offer="o1",
        to_site="police",
        service="id-card",
        language=Language.EN,
        priority=None,
        ticket="t1",
        waited_s=90.0,
        travel_min=6.0,
        print_device="kiosk-1",
    ),
    j.ReferralTaken(
        referral="r1",
        there="t9",
        number="PA031",
        people_ahead=3,
        promise=None,
        area=Text(zh="一楼户政区", en="Ground floor"),
        kept_min=26.0,
        print_device="kiosk-1",
    ),
    j.ReferralGivenUp(referral="r1", reason="no_answer"),
    j.PlaceHeld(
        ticket="t9",
        referral="r1",
        from_site="main-hall",
        number="PA031",
        letter="PA",
        count=31,
        service="id-card",
        language=Language.EN,
        priority=None,
        travel_min=6.0,
        waited_s=90.0,
        people_ahead=3,
        promise=Promise(low_min=10, high_min=20),
        from_ticket="t1",
    ),
    j.PlaceRefused(referral="r1", from_site="main-hall", reason="hall_closed"),
    j.PlaceConfirmed(ticket="t9", referral="r1"),
    j.TicketArrived(ticket="t9"),
    j.TicketNotArrived(ticket="t9"),
    j.WindowHelps(window="window-1", services=("invoice",), proposal="p1"),
    j.WindowAgreed(
        window="window-1",
        proposal="p1",
        opens=True,
        services=("invoice",),
        elsewhere=Text(zh="公安 2 号窗口", en="window 2, Police"),
    ),
    j.ProposalMade(
        proposal="p1",
        site="tax",
        window="window-1",
        services=("invoice",),
        opens=True,
        from_site="police",
        from_window="window-2",
        travel_min=6.0,
        before_p90_min=46.0,
        after_p90_min=31.0,
        saving_min=240.0,
        confidence=0.9,
    ),
    j.ProposalDecided(proposal="p1", decision="accepted"),
    j.ProposalMeasured(proposal="p1", served=12, p90_min=None),
]


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.kind)
def test_a_fact_is_read_back_as_it_was_written(fact: j.AnyFact) -> None:
    assert j.FACT.validate_json(fact.model_dump_json()) == fact


def test_every_kind_of_fact_is_in_this_list() -> None:
    assert {type(fact) for fact in FACTS} == {f for f in every(j.Fact) if "kind" in f.model_fields}


def test_durations_are_monotonic_within_a_run_and_never_negative() -> None:
    early = j.Moment(at=NOW, boot="one", mono_s=100.0)
    same_run = j.Moment(at=datetime(2020, 1, 1, tzinfo=UTC), boot="one", mono_s=160.5)
    assert same_run.since(early) == 60.5, "the wall clock jumped back, the stay did not"
    next_run = j.Moment(at=datetime(2026, 3, 2, 1, 5, 0, 123456, tzinfo=UTC), boot="two", mono_s=3.0)
    assert next_run.since(early) == 300.0
    assert early.since(next_run) == 0.0
    assert early.since(same_run) == 0.0
