"""Asking the hub from beside the screen: the menu stays reset, a request is repeated and never doubled."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from kiosk.state import events as e
from kiosk.workers import hub_link
from kiosk.workers.hub_link import HubLink
from protocol.answers import ErrorAnswer, Offer, OfferAnswer, ReferralAnswer, ServicesAnswer, TicketAnswer
from protocol.hub_client import HubClient
from protocol.requests import AcceptOffer, CheckInByCode, IssueTicket, RequestOffer
from protocol.vocabulary import Text

COMMAND = IssueTicket(request_id="kiosk-1:test:0", service="id-card")
CLOSED = ErrorAnswer(error="service_not_served", message=Text(zh="今天不再取号。", en="No more numbers today."))
FORBIDDEN = ErrorAnswer(error="unknown_key", message=Text(zh="密钥不对。", en="This key is not known."))
QUESTION = RequestOffer(request_id="kiosk-1:test:0", service="id-card")
ACCEPTED = AcceptOffer(request_id="kiosk-1:test:1", offer="offer-1")


@pytest.fixture(autouse=True)
def _no_menu_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """A menu comes at the beginning, after a request and when it is asked for; never in between."""
    monkeypatch.setattr(hub_link, "MENU_EVERY_S", 600.0)


@contextmanager
def linked(hub: Any, heard: Any, *, request_limit_s: float = 6.0) -> Iterator[HubLink]:
    link = HubLink(HubClient(hub.address, timeout_s=20), report=heard, request_limit_s=request_limit_s)
    link.start()
    try:
        yield link
    finally:
        link.stop()


def test_the_menu_comes_at_once_and_again_when_the_hall_has_changed(
    scripted_hub: Any, heard: Any, menu: ServicesAnswer
) -> None:
    with linked(scripted_hub, heard) as link:
        assert heard.wait_for(e.MenuReceived) == e.MenuReceived(menu=menu)
        link.refresh_menu()
        heard.wait_for(e.MenuReceived, count=2)


def test_one_menu_missed_is_nothing_two_are_the_hub_away_and_its_answer_is_its_return(
    scripted_hub: Any, heard: Any, wait_for: Callable[..., Any]
) -> None:
    scripted_hub.losing = 1
    with linked(scripted_hub, heard) as link:
        heard.wait_for(e.MenuReceived)
        assert heard.news == heard.all(e.MenuReceived)
        scripted_hub.losing = 3
        link.refresh_menu()
        heard.wait_for(e.HubLost)
        before = len(heard.all(e.MenuReceived))
        wait_for(lambda: len(heard.all(e.MenuReceived)) > before, what="the menu after the hub's return")


def test_a_lost_answer_is_asked_for_again_with_the_same_id(
    scripted_hub: Any, heard: Any, menu: ServicesAnswer, ticket_of: Callable[..., TicketAnswer]
) -> None:
    ticket = ticket_of(menu.services[0])
    scripted_hub.answers["POST /v1/tickets"] = lambda _: (201, ticket)
    with linked(scripted_hub, heard) as link:
        heard.wait_for(e.MenuReceived)
        scripted_hub.losing = 2
        link.submit(COMMAND)
        assert heard.wait_for(e.TicketReceived) == e.TicketReceived(request_id="kiosk-1:test:0", ticket=ticket)
    asked = [body for question, body in scripted_hub.asked if question == "POST /v1/tickets"]
    assert asked == [COMMAND.model_dump(mode="json", exclude_none=True)] * 3


def test_a_refusal_is_told_with_the_hubs_sentence(scripted_hub: Any, heard: Any) -> None:
    scripted_hub.answers["POST /v1/tickets"] = lambda _: (409, CLOSED)
    with linked(scripted_hub, heard) as link:
        link.submit(COMMAND)
        told = e.RequestRefused(request_id="kiosk-1:test:0", message=CLOSED.message, error="service_not_served")
        assert heard.wait_for(e.RequestRefused) == told


def test_no_answer_in_time_is_told_as_unanswered(scripted_hub: Any, heard: Any) -> None:
    scripted_hub.answers["POST /v1/tickets"] = lambda _: (503, CLOSED)
    with linked(scripted_hub, heard, request_limit_s=4.0) as link:
        link.submit(COMMAND)
        assert heard.wait_for(e.RequestUnanswered) == e.RequestUnanswered(request_id="kiosk-1:test:0")
    assert 2 <= [question for question, _ in scripted_hub.asked].count("POST /v1/tickets") <= 10


def test_a_kiosk_whose_key_is_refused_sends_its_visitors_to_the_staff(scripted_hub: Any, heard: Any) -> None:
    scripted_hub.answers["POST /v1/tickets"] = lambda _: (401, FORBIDDEN)
    scripted_hub.answers["GET /v1/services"] = lambda _: (401, FORBIDDEN)
    with linked(scripted_hub, heard) as link:
        link.submit(COMMAND)
        heard.wait_for(e.RequestUnanswered)
        heard.wait_for(e.HubLost)
    assert heard.all(e.RequestRefused) == []


def test_an_offer_is_told_and_none_is_not(
    scripted_hub: Any, heard: Any, offer: Offer, wait_for: Callable[..., Any]
) -> None:
    scripted_hub.answers["POST /v1/offers"] = lambda body: (
        200,
        OfferAnswer(offer=offer if body["service"] == "id-card" else None),
    )
    with linked(scripted_hub, heard) as link:
        link.find_offer(RequestOffer(request_id="kiosk-1:test:9", service="household"))
        asked = lambda: [question for question, _ in scripted_hub.asked].count("POST /v1/offers")
        wait_for(lambda: asked() == 1, what="the first question")
        link.find_offer(QUESTION)
        assert heard.wait_for(e.OfferReceived) == e.OfferReceived(request_id="kiosk-1:test:0", offer=offer)
    assert len(heard.all(e.OfferReceived)) == 1


def test_a_question_the_hub_is_slow_with_holds_up_no_number_and_comes_to_nothing(
    scripted_hub: Any,
    heard: Any,
    menu: ServicesAnswer,
    offer: Offer,
    ticket_of: Callable[..., TicketAnswer],
    wait_for: Callable[..., Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    answered = threading.Event()

    def slowly(_: dict[str, Any]) -> tuple[int, OfferAnswer]:
        answered.wait(10)
        return 200, OfferAnswer(offer=offer)

    scripted_hub.answers["POST /v1/offers"] = slowly
    scripted_hub.answers["POST /v1/tickets"] = lambda _: (201, ticket_of(menu.services[0]))
    with linked(scripted_hub, heard) as link:
        link.find_offer(QUESTION)
        link.submit(COMMAND)
        heard.wait_for(e.TicketReceived)
        wait_for(lambda: "no offer for kiosk-1:test:0" in caplog.text, what="the question given up")
        link.find_offer(RequestOffer(request_id="kiosk-1:test:2", service="id-card"))
        answered.set()
        assert heard.wait_for(e.OfferReceived).request_id == "kiosk-1:test:2"
    assert len(heard.all(e.OfferReceived)) == 1


def test_a_place_elsewhere_is_told(scripted_hub: Any, heard: Any, referral: ReferralAnswer) -> None:
    scripted_hub.answers["POST /v1/referrals"] = lambda _: (200, referral)
    with linked(scripted_hub, heard) as link:
        link.submit(ACCEPTED)
        assert heard.wait_for(e.ReferralReceived) == e.ReferralReceived(request_id="kiosk-1:test:1", referral=referral)


def test_a_place_elsewhere_is_asked_for_once(scripted_hub: Any, heard: Any) -> None:
    scripted_hub.answers["POST /v1/referrals"] = lambda _: (503, CLOSED)
    with linked(scripted_hub, heard) as link:
        link.submit(ACCEPTED)
        assert heard.wait_for(e.RequestUnanswered) == e.RequestUnanswered(request_id="kiosk-1:test:1")
    assert [question for question, _ in scripted_hub.asked].count("POST /v1/referrals") == 1


def test_a_lost_check_in_is_asked_for_again_with_the_same_id(
    scripted_hub: Any, heard: Any, menu: ServicesAnswer, ticket_of: Callable[..., TicketAnswer]
) -> None:
    ticket = ticket_of(menu.services[0])
    scripted_hub.answers["POST /v1/check-ins"] = lambda _: (200, ticket)
    with linked(scripted_hub, heard) as link:
        heard.wait_for(e.MenuReceived)
        scripted_hub.losing = 1
        link.submit(CheckInByCode(request_id="kiosk-1:test:3", code="A017"))
        assert heard.wait_for(e.CheckInReceived) == e.CheckInReceived(request_id="kiosk-1:test:3", ticket=ticket)
    assert [question for question, _ in scripted_hub.asked].count("POST /v1/check-ins") == 2
