"""A number that nobody waits for any more is taken back, as soon as the hub answers."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest

from kiosk.workers.cancellations import Cancellations
from protocol.answers import ErrorAnswer, ServicesAnswer, TicketAnswer
from protocol.hub_client import HubClient
from protocol.requests import CancelTicket, IssueTicket
from protocol.vocabulary import Text, TicketState

COMMAND = IssueTicket(request_id="kiosk-1:test:0", service="id-card")
OTHER = IssueTicket(request_id="kiosk-1:test:1", service="household")
CANCEL = CancelTicket(request_id="kiosk-1:test:0:gone")
ISSUE, WITHDRAW = "POST /v1/tickets", "POST /v1/tickets/t-1/cancel"
CLOSED = ErrorAnswer(error="hall_closed", message=Text(zh="已经下班。", en="The hall is closed."))


@pytest.fixture
def ticket(menu: ServicesAnswer, ticket_of: Callable[..., TicketAnswer]) -> TicketAnswer:
    return ticket_of(menu.services[0])


def cancellations(hub: Any) -> Cancellations:
    begun = Cancellations(HubClient(hub.address, timeout_s=1), retry_after_s=0.05)
    begun.start()
    return begun


def asked(hub: Any) -> list[tuple[str, dict[str, Any]]]:
    return list(hub.asked)


def test_a_silent_hub_is_asked_the_same_again_and_the_ticket_it_made_is_cancelled(
    scripted_hub: Any, ticket: TicketAnswer, wait_for: Callable[..., Any]
) -> None:
    scripted_hub.answers[ISSUE] = lambda _: (201, ticket)
    scripted_hub.answers[WITHDRAW] = lambda _: (200, ticket.model_copy(update={"state": TicketState.CANCELLED}))
    scripted_hub.losing = 2
    at_work = cancellations(scripted_hub)
    at_work.cancel(COMMAND)
    wait_for(lambda: len(scripted_hub.asked) >= 4, what="the ticket cancelled")
    at_work.stop(within_s=5)

    issue, cancel = (
        (ISSUE, COMMAND.model_dump(mode="json", exclude_none=True)),
        (WITHDRAW, CANCEL.model_dump(mode="json", exclude_none=True)),
    )
    assert asked(scripted_hub) == [issue, issue, issue, cancel]


def test_a_refused_request_made_no_ticket_and_the_next_one_is_withdrawn(
    scripted_hub: Any, ticket: TicketAnswer, wait_for: Callable[..., Any]
) -> None:
    scripted_hub.answers[ISSUE] = lambda body: (409, CLOSED) if body["service"] == "id-card" else (201, ticket)
    scripted_hub.answers[WITHDRAW] = lambda _: (200, ticket)
    at_work = cancellations(scripted_hub)
    at_work.cancel(COMMAND)
    at_work.cancel(OTHER)
    wait_for(lambda: len(scripted_hub.asked) >= 3, what="the second one cancelled")
    at_work.stop(within_s=5)

    assert [(question, body["request_id"]) for question, body in asked(scripted_hub)] == [
        (ISSUE, "kiosk-1:test:0"),
        (ISSUE, "kiosk-1:test:1"),
        (WITHDRAW, "kiosk-1:test:1:gone"),
    ]


def test_what_is_not_withdrawn_when_the_kiosk_stops_is_forgotten_with_a_warning(
    scripted_hub: Any, wait_for: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    scripted_hub.answers[ISSUE] = lambda _: (503, CLOSED)
    at_work = cancellations(scripted_hub)
    with caplog.at_level(logging.WARNING, logger="kiosk.cancellations"):
        at_work.cancel(COMMAND)
        at_work.cancel(OTHER)
        wait_for(lambda: scripted_hub.asked, what="the first question")
        at_work.stop(within_s=5)

    assert [line for line in caplog.messages if line.startswith("the kiosk stops")] == [
        f"the kiosk stops: if {command.request_id} made a ticket, it stays in the queue" for command in (COMMAND, OTHER)
    ]
