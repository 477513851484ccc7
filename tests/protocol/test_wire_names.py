"""Messages of an older tree are read, and would be sent again byte by byte (``tests/data/old_tree``).

Halls are updated one device at a time, and a journal is read for years: names inside may change, these may not.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

import pytest
from old_tree import old_json, present_path
from pydantic import BaseModel

from protocol import county as c
from protocol import journal as j
from protocol import topics
from protocol.answers import (
    CertificateAnswer,
    CountyState,
    DevicesAnswer,
    EnrolmentAnswer,
    ErrorAnswer,
    HealthAnswer,
    OfferAnswer,
    PartHealth,
    PrintJob,
    ReferralAnswer,
    ServicesAnswer,
    TicketAnswer,
    WindowAnswer,
    WindowsAnswer,
)
from protocol.requests import (
    AcceptOffer,
    CancelTicket,
    CheckInByCode,
    CheckInTicket,
    ConfirmClock,
    EndPrint,
    IssueTicket,
    Request,
    RequestOffer,
    ReturnToQueue,
    SetNotice,
    SettleDay,
    StartPrint,
    TransferTicket,
    WindowRequest,
)
from protocol.retained_messages import (
    AnnouncedCall,
    Board,
    DeviceStatus,
    HubStatus,
    MachineState,
    Notice,
    Queue,
    RetainedMessage,
    Sign,
)
from protocol.vocabulary import DeviceKind, Language, PaperState, Presence, PrintOutcome, TicketState, WindowState, Wire
from server.county import app as county_app
from server.county.intake.push_refusals import ERRORS as COUNTY_ERRORS
from server.county.routes import CountyHealth
from server.county.settings import CountySettings
from server.domain.model.refusals import Refusal
from server.hub import app as hub_app
from server.hub.routes.route_responses import ERRORS
from server.hub.settings import HubSettings

MESSAGES: dict[str, Any] = old_json("messages")

NEW_KINDS = frozenset({"ticket_announced", "clock_confirmed", "day_moved"})
"""Facts that the older tree did not know: an example of each belongs in ``test_messages.py``."""
NEW_ERRORS = frozenset(
    {
        "nobody_in_doubt",
        "passed_too_often",
        "no_show_too_soon",
        "not_drawable",
        "too_many_commands",
        "not_own_window",
        "not_own_certificate",
        "tls_off",
        "wrong_code",
        "code_used",
        "code_expired",
        "code_tried_too_often",
        "code_for_another",
        "too_many_tries",
        "unusable_request",
        "other_time",
        "day_settled",
    }
)
"""Errors that the older tree did not know."""
NEW_REFUSALS = NEW_ERRORS | {"request_id_reused", "too_late"}
"""Refusals of a rule today that were errors of the interface then."""
NEW_MODELS: frozenset[type[BaseModel]] = frozenset(
    {
        AnnouncedCall,
        MachineState,
        PartHealth,
        EnrolmentAnswer,
        CertificateAnswer,
        ConfirmClock,
        SettleDay,
        c.CountyJoined,
        c.JoinCounty,
        c.VisitElsewhere,
    }
)
"""Messages that it did not know."""
PARENTS: frozenset[type[BaseModel]] = frozenset({RetainedMessage})
"""Base classes: only their subclasses are sent."""

RETAINED: dict[str, type[Wire]] = {
    topics.board("main-hall"): Board,
    topics.sign("main-hall", "window-1"): Sign,
    topics.sign("main-hall", "window-3"): Sign,
    topics.queue("main-hall", "id-card"): Queue,
    topics.notice("main-hall"): Notice,
    topics.hub_status("main-hall"): HubStatus,
    **{
        topics.device_status("main-hall", device): DeviceStatus
        for device in ("kiosk-1", "panel-1", "display-1", "monitor-1")
    },
}
PAGES: dict[str, type[Request]] = {"check in": CheckInTicket, "notice": SetNotice}
ENUMS: dict[str, Any] = {
    "language": Language,
    "ticket state": TicketState,
    "window state": WindowState,
    "print outcome": PrintOutcome,
    "device kind": DeviceKind,
    "presence": Presence,
    "paper": PaperState,
    "county state": CountyState,
    "asked": c.OriginState,
    "held": c.DestinationState,
}


Read = tuple[type[BaseModel] | None, type[BaseModel]]
"""The request, if there is one, and the answer."""

HUB: dict[str, Read] = {
    "POST /v1/tickets": (IssueTicket, TicketAnswer),
    "GET /v1/tickets/{ticket}": (None, TicketAnswer),
    "POST /v1/tickets/{ticket}/cancel": (CancelTicket, TicketAnswer),
    "POST /v1/tickets/{ticket}/return-to-queue": (ReturnToQueue, TicketAnswer),
    "POST /v1/tickets/{ticket}/prints": (StartPrint, PrintJob),
    "POST /v1/prints/{job}/outcome": (EndPrint, PrintJob),
    "POST /v1/offers": (RequestOffer, OfferAnswer),
    "POST /v1/referrals": (AcceptOffer, ReferralAnswer),
    "POST /v1/check-ins": (CheckInByCode, TicketAnswer),
    "GET /v1/windows": (None, WindowsAnswer),
    "POST /v1/windows/{window}/call-next": (WindowRequest, TicketAnswer),
    "POST /v1/windows/{window}/call/{number}": (WindowRequest, TicketAnswer),
    "POST /v1/windows/{window}/recall": (WindowRequest, TicketAnswer),
    "POST /v1/windows/{window}/start": (WindowRequest, TicketAnswer),
    "POST /v1/windows/{window}/finish": (WindowRequest, TicketAnswer),
    "POST /v1/windows/{window}/no-show": (WindowRequest, TicketAnswer),
    "POST /v1/windows/{window}/transfer": (TransferTicket, TicketAnswer),
    "POST /v1/windows/{window}/open": (WindowRequest, WindowAnswer),
    "POST /v1/windows/{window}/pause": (WindowRequest, WindowAnswer),
    "POST /v1/windows/{window}/close": (WindowRequest, WindowAnswer),
    "GET /v1/board": (None, Board),
    "GET /v1/services": (None, ServicesAnswer),
    "GET /v1/devices": (None, DevicesAnswer),
    "GET /healthz": (None, HealthAnswer),
}
COUNTY: dict[str, Read] = {
    "POST /v1/sites/{site}/journal": (c.JournalPush, c.PushAccepted),
    "GET /v1/sites/{site}/journal": (None, c.JournalStretch),
    "GET /v1/sites/{site}/view": (None, c.CountyView),
    "GET /healthz": (None, CountyHealth),
}
REFUSED: dict[str, type[BaseModel]] = {"hub": ErrorAnswer, "county": c.JournalRefused}
NEW_WAYS = frozenset(
    {
        "GET /metrics",
        "GET /v1/authority",
        "POST /v1/enrolments",
        "POST /v1/certificates",
        "POST /v1/sites",
        "POST /v1/windows/{window}/confirm-absent",
        "POST /v1/windows/{window}/confirm-served",
    }
)
"""What the older tree did not answer, or with text for Prometheus."""


def again(model: Any, example: Any) -> BaseModel:
    """Read an example, and see that it would go out as it came: what is new since then has a default."""
    read: BaseModel = model.model_validate(example)
    assert read.model_dump(mode="json", exclude_unset=True) == example
    return read


def read_http(example: dict[str, Any]) -> list[BaseModel]:
    """Read a request and its answer."""
    at = example["at"]
    request, answer = {"hub": HUB, "county": COUNTY}[at][f"{example['method']} {present_path(example['path'])}"]
    read = [again(answer if example["status"] == 200 else REFUSED[at], example["answer"])]
    assert (request is None) is (example["request"] is None)
    return read if request is None else [*read, again(request, example["request"])]


def within(value: object) -> Iterator[type[BaseModel]]:
    """Every model that an example is made of."""
    match value:
        case BaseModel():
            yield type(value)
            for name in type(value).model_fields:
                yield from within(getattr(value, name))
        case list() | tuple():
            for one in value:
                yield from within(one)


def every(parent: type[Any]) -> set[type[Any]]:
    return {found for child in parent.__subclasses__() for found in (child, *every(child))}


def kinds() -> set[str]:
    return {fact.model_fields["kind"].default for fact in get_args(get_args(j.AnyFact)[0])}


def named(example: dict[str, Any]) -> str:
    answer = example["answer"]
    return f"{example['at']} {example['method']} {example['path']} {answer.get('error', '')}".strip()


@pytest.mark.parametrize("example", MESSAGES["mqtt"], ids=lambda example: example["topic"])
def test_a_retained_message_is_read_from_its_topic_and_published_again(example: dict[str, Any]) -> None:
    again(RETAINED[example["topic"]], example["payload"])


def test_every_topic_is_built_as_it_was() -> None:
    assert set(RETAINED) == {example["topic"] for example in MESSAGES["mqtt"]}


def test_a_device_is_known_by_its_topic() -> None:
    parsed = {example["topic"]: topics.parse_device_status(example["topic"]) for example in MESSAGES["mqtt"]}
    assert [found for found in parsed.values() if found] == [
        ("main-hall", example["payload"]["device"]) for example in MESSAGES["mqtt"] if "device" in example["payload"]
    ]


@pytest.mark.parametrize("example", MESSAGES["http"], ids=named)
def test_what_went_over_http_is_read_and_sent_again(example: dict[str, Any]) -> None:
    read_http(example)


def test_every_way_in_has_an_example_and_is_where_it_was() -> None:
    site = {"id": "main-hall", "name": {"zh": "厅", "en": "Hall"}, "address": {"zh": "", "en": ""}}
    county = CountySettings.model_validate({"name": {"zh": "县", "en": "County"}, "sites": [site]})
    for at, app, known in (
        ("hub", hub_app.create_app(HubSettings()), HUB),
        ("county", county_app.create_app(county), COUNTY),
    ):
        ways = {f"{method.upper()} {path}" for path, ways in app.openapi()["paths"].items() for method in ways}
        recorded = {f"{one['method']} {present_path(one['path'])}" for one in MESSAGES["http"] if one["at"] == at}
        assert ways - NEW_WAYS == set(known) == recorded


@pytest.mark.parametrize("name", sorted(PAGES))
def test_a_request_of_a_page_is_written_as_it_was(name: str) -> None:
    again(PAGES[name], MESSAGES["pages"][name])


@pytest.mark.parametrize("kind", sorted(MESSAGES["entries"]))
def test_an_entry_of_every_kind_is_read_and_written_again(kind: str) -> None:
    entry = again(j.Entry, MESSAGES["entries"][kind])
    assert isinstance(entry, j.Entry)
    assert entry.fact.kind == kind


@pytest.mark.parametrize("kind", sorted(MESSAGES["lines"]))
def test_a_line_of_the_journal_reads_back_as_its_entry(kind: str) -> None:
    line = again(c.JournalLine, MESSAGES["lines"][kind])
    assert isinstance(line, c.JournalLine)
    fact = j.Entry.model_validate(MESSAGES["entries"][kind]).fact
    assert j.FACT.validate_json(line.fact) == fact
    assert fact.model_dump_json() == line.fact, "the order of its fields is in the chain"


def test_every_kind_of_fact_has_an_example() -> None:
    assert kinds() - NEW_KINDS == set(MESSAGES["entries"])


def test_every_message_has_an_example() -> None:
    read = [again(RETAINED[example["topic"]], example["payload"]) for example in MESSAGES["mqtt"]]
    read += [one for example in MESSAGES["http"] for one in read_http(example)]
    read += [again(PAGES[name], example) for name, example in MESSAGES["pages"].items()]
    seen = {model for one in read for model in within(one)}
    sent = {model for model in every(Wire) | every(Request) if model.__module__.startswith("protocol.")}
    assert (sent | {c.JournalLine, c.JournalPush}) - seen - NEW_MODELS == PARENTS


@pytest.mark.parametrize("name", sorted(ENUMS))
def test_enum_values_of_messages_and_tables_are_what_they_were(name: str) -> None:
    assert [one.value for one in ENUMS[name]] == MESSAGES["words"][name]


def test_every_refusal_keeps_its_name_and_status() -> None:
    now = {"hub": ERRORS, "county": COUNTY_ERRORS}
    statuses = {at: {n: one.status for n, one in known.items() if n not in NEW_ERRORS} for at, known in now.items()}
    assert statuses == MESSAGES["errors"]
    assert {one.name for one in every(Refusal)} - NEW_REFUSALS == set(MESSAGES["refusals"])
