"""A ticket that nobody waits for any more is cancelled as soon as the hub answers."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest

from kiosk.workers.hub_link import Cancellations
from protocol.answers import ErrorAnswer, ServicesAnswer, TicketAnswer
from protocol.clients.hub_client import HubClient
from protocol.requests import CancelTicket, IssueTicket
from protocol.vocabulary import Text, TicketState

COMMAND = IssueTicket(request_id="kiosk-1:test:0", service="id-card")
OTHER = IssueTicket(request_id="kiosk-1:test:1", service="household")
CANCEL = CancelTicket(request_id="kiosk-1:test:0:gone")
ISSUE_LINE, CANCEL_LINE = "POST /v1/tickets", "POST /v1/tickets/t-1/cancel"
CLOSED = ErrorAnswer(error="hall_closed", message=Text(zh="已经下班。", en="The hall is closed."))


@pytest.fixture
def ticket(menu: ServicesAnswer, ticket_of: Callable[..., TicketAnswer]) -> TicketAnswer:
    return ticket_of(menu.services[0])


def cancellations(hub: Any) -> Cancellations:
    started = Cancellations(HubClient(hub.address, timeout_s=1), first_retry_s=0.05)
    started.start()
    return started


def received(hub: Any) -> list[tuple[str, dict[str, Any]]]:
    return list(hub.received)


def test_a_request_is_repeated_to_a_silent_hub_and_the_ticket_it_made_is_cancelled(
    scripted_hub: Any, ticket: TicketAnswer, wait_for: Callable[..., Any]
) -> None:
    scripted_hub.answers[ISSUE_LINE] = lambda _: (201, ticket)
    scripted_hub.answers[CANCEL_LINE] = lambda _: (200, ticket.model_copy(update={"state": TicketState.CANCELLED}))
    scripted_hub.losing = 2
    at_work = cancellations(scripted_hub)
    at_work.cancel(COMMAND)
    wait_for(lambda: len(scripted_hub.received) >= 4, what="the ticket cancelled")
    at_work.stop(within_s=5)

    issue, cancel = (
        (ISSUE_LINE, COMMAND.model_dump(mode="json", exclude_none=True)),
        (CANCEL_LINE, CANCEL.model_dump(mode="json", exclude_none=True)),
    )
    assert received(scripted_hub) == [issue, issue, issue, cancel]


def test_a_refused_request_made_no_ticket_and_the_next_one_is_cancelled(
    scripted_hub: Any, ticket: TicketAnswer, wait_for: Callable[..., Any]
) -> None:
    scripted_hub.answers[ISSUE_LINE] = lambda body: (409, CLOSED) if body["service"] == "id-card" else (201, ticket)
    scripted_hub.answers[CANCEL_LINE] = lambda _: (200, ticket)
    at_work = cancellations(scripted_hub)
    at_work.cancel(COMMAND)
    at_work.cancel(OTHER)
    wait_for(lambda: len(scripted_hub.received) >= 3, what="the second one cancelled")
    at_work.stop(within_s=5)

    assert [(line, body["request_id"]) for line, body in received(scripted_hub)] == [
        (ISSUE_LINE, "kiosk-1:test:0"),
        (ISSUE_LINE, "kiosk-1:test:1"),
        (CANCEL_LINE, "kiosk-1:test:1:gone"),
    ]


def test_what_is_not_cancelled_when_the_kiosk_stops_is_dropped_with_a_warning(
    scripted_hub: Any, wait_for: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    scripted_hub.answers[ISSUE_LINE] = lambda _: (503, CLOSED)
    at_work = cancellations(scripted_hub)
    with caplog.at_level(logging.WARNING, logger="kiosk.workers.hub_link"):
        at_work.cancel(COMMAND)
        at_work.cancel(OTHER)
        wait_for(lambda: scripted_hub.received, what="the first request")
        at_work.stop(within_s=5)

    assert [message for message in caplog.messages if message.startswith("the kiosk stops")] == [
        f"the kiosk stops: if {command.request_id} made a ticket, it stays in the queue" for command in (COMMAND, OTHER)
    ]
