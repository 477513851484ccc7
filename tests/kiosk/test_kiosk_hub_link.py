"""The link to the hub: the menu is polled, a request is repeated and never doubled."""

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
from protocol.clients.hub_client import HubClient
from protocol.requests import AcceptOffer, CheckInByCode, IssueTicket, RequestOffer
from protocol.vocabulary import Text

COMMAND = IssueTicket(request_id="kiosk-1:test:0", service="id-card")
CLOSED = ErrorAnswer(error="service_not_served", message=Text(zh="今天不再取号。", en="No more numbers today."))
FORBIDDEN = ErrorAnswer(error="unknown_key", message=Text(zh="密钥不对。", en="This key is not known."))
OFFER_REQUEST = RequestOffer(request_id="kiosk-1:test:0", service="id-card")
ACCEPTED = AcceptOffer(request_id="kiosk-1:test:1", offer="offer-1")


@pytest.fixture(autouse=True)
def _no_menu_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """A menu comes at the start, after a request and on demand; never in between. A missed one is retried soon."""
    monkeypatch.setattr(hub_link, "MENU_EVERY_S", 600.0)
    monkeypatch.setattr(hub_link, "_MENU_RETRY_S", 0.05)


@contextmanager
def linked(hub: Any, news: Any, *, request_limit_s: float = 6.0) -> Iterator[HubLink]:
    link = HubLink(HubClient(hub.address, timeout_s=20), report=news, request_limit_s=request_limit_s)
    link.start()
    try:
        yield link
    finally:
        link.stop()


def test_the_menu_comes_at_once_and_again_when_the_hall_has_changed(
    scripted_hub: Any, news: Any, menu: ServicesAnswer
) -> None:
    with linked(scripted_hub, news) as link:
        assert news.wait_for(e.MenuReceived) == e.MenuReceived(menu=menu)
        link.refresh_menu()
        news.wait_for(e.MenuReceived, count=2)


def test_every_missed_menu_is_reported_and_the_next_menu_is_the_hubs_return(
    scripted_hub: Any, news: Any, menu: ServicesAnswer
) -> None:
    scripted_hub.losing = 2
    with linked(scripted_hub, news):
        news.wait_for(e.MenuReceived)
    assert news.all_news == [e.MenuMissed(), e.MenuMissed(), e.MenuReceived(menu=menu)]


def test_a_change_of_the_hall_brings_the_menu_at_once_while_it_is_retried(
    scripted_hub: Any, news: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_link, "_MENU_RETRY_LONGEST_S", 600.0)
    monkeypatch.setattr(hub_link, "_MENU_RETRY_S", 600.0)
    scripted_hub.losing = 1
    with linked(scripted_hub, news) as link:
        news.wait_for(e.MenuMissed)
        link.refresh_menu()
        news.wait_for(e.MenuReceived)


def test_a_request_with_a_lost_answer_is_repeated_with_the_same_id(
    scripted_hub: Any, news: Any, menu: ServicesAnswer, ticket_of: Callable[..., TicketAnswer]
) -> None:
    ticket = ticket_of(menu.services[0])
    scripted_hub.answers["POST /v1/tickets"] = lambda _: (201, ticket)
    with linked(scripted_hub, news) as link:
        news.wait_for(e.MenuReceived)
        scripted_hub.losing = 2
        link.submit(COMMAND)
        assert news.wait_for(e.TicketReceived) == e.TicketReceived(request_id="kiosk-1:test:0", ticket=ticket)
    bodies = [body for line, body in scripted_hub.received if line == "POST /v1/tickets"]
    assert bodies == [COMMAND.model_dump(mode="json", exclude_none=True)] * 3


def test_a_refusal_is_reported_with_the_hubs_sentence(scripted_hub: Any, news: Any) -> None:
    scripted_hub.answers["POST /v1/tickets"] = lambda _: (409, CLOSED)
    with linked(scripted_hub, news) as link:
        link.submit(COMMAND)
        expected = e.RequestRefused(request_id="kiosk-1:test:0", message=CLOSED.message, error="service_not_served")
        assert news.wait_for(e.RequestRefused) == expected


def test_a_request_without_an_answer_in_time_is_reported_as_unanswered(scripted_hub: Any, news: Any) -> None:
    scripted_hub.answers["POST /v1/tickets"] = lambda _: (503, CLOSED)
    with linked(scripted_hub, news, request_limit_s=4.0) as link:
        link.submit(COMMAND)
        assert news.wait_for(e.RequestUnanswered) == e.RequestUnanswered(request_id="kiosk-1:test:0")
    assert 2 <= [line for line, _ in scripted_hub.received].count("POST /v1/tickets") <= 10


def test_a_refused_key_is_reported_as_unanswered_and_as_missed_menus(scripted_hub: Any, news: Any) -> None:
    scripted_hub.answers["POST /v1/tickets"] = lambda _: (401, FORBIDDEN)
    scripted_hub.answers["GET /v1/services"] = lambda _: (401, FORBIDDEN)
    with linked(scripted_hub, news) as link:
        link.submit(COMMAND)
        news.wait_for(e.RequestUnanswered)
        news.wait_for(e.MenuMissed, count=2)
    assert news.all(e.RequestRefused) == []


def test_an_offer_is_reported_and_no_offer_is_not(
    scripted_hub: Any, news: Any, offer: Offer, wait_for: Callable[..., Any]
) -> None:
    scripted_hub.answers["POST /v1/offers"] = lambda body: (
        200,
        OfferAnswer(offer=offer if body["service"] == "id-card" else None),
    )
    with linked(scripted_hub, news) as link:
        link.find_offer(RequestOffer(request_id="kiosk-1:test:9", service="household"))
        count = lambda: [line for line, _ in scripted_hub.received].count("POST /v1/offers")
        wait_for(lambda: count() == 1, what="the first request")
        link.find_offer(OFFER_REQUEST)
        assert news.wait_for(e.OfferReceived) == e.OfferReceived(request_id="kiosk-1:test:0", offer=offer)
    assert len(news.all(e.OfferReceived)) == 1


def test_a_slow_offer_holds_up_no_ticket_and_is_dropped(
    scripted_hub: Any,
    news: Any,
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

    caplog.set_level("DEBUG")
    scripted_hub.answers["POST /v1/offers"] = slowly
    scripted_hub.answers["POST /v1/tickets"] = lambda _: (201, ticket_of(menu.services[0]))
    with linked(scripted_hub, news) as link:
        link.find_offer(OFFER_REQUEST)
        link.submit(COMMAND)
        news.wait_for(e.TicketReceived)
        wait_for(lambda: "no offer for kiosk-1:test:0" in caplog.text, what="the offer given up")
        link.find_offer(RequestOffer(request_id="kiosk-1:test:2", service="id-card"))
        answered.set()
        assert news.wait_for(e.OfferReceived).request_id == "kiosk-1:test:2"
    assert len(news.all(e.OfferReceived)) == 1


def test_a_place_at_another_site_is_reported(scripted_hub: Any, news: Any, referral: ReferralAnswer) -> None:
    scripted_hub.answers["POST /v1/referrals"] = lambda _: (200, referral)
    with linked(scripted_hub, news) as link:
        link.submit(ACCEPTED)
        assert news.wait_for(e.ReferralReceived) == e.ReferralReceived(request_id="kiosk-1:test:1", referral=referral)


def test_a_place_at_another_site_is_requested_once(scripted_hub: Any, news: Any) -> None:
    scripted_hub.answers["POST /v1/referrals"] = lambda _: (503, CLOSED)
    with linked(scripted_hub, news) as link:
        link.submit(ACCEPTED)
        assert news.wait_for(e.RequestUnanswered) == e.RequestUnanswered(request_id="kiosk-1:test:1")
    assert [line for line, _ in scripted_hub.received].count("POST /v1/referrals") == 1


def test_a_lost_check_in_is_repeated_with_the_same_id(
    scripted_hub: Any, news: Any, menu: ServicesAnswer, ticket_of: Callable[..., TicketAnswer]
) -> None:
    ticket = ticket_of(menu.services[0])
    scripted_hub.answers["POST /v1/check-ins"] = lambda _: (200, ticket)
    with linked(scripted_hub, news) as link:
        news.wait_for(e.MenuReceived)
        scripted_hub.losing = 1
        link.submit(CheckInByCode(request_id="kiosk-1:test:3", code="A017"))
        assert news.wait_for(e.CheckInReceived) == e.CheckInReceived(request_id="kiosk-1:test:3", ticket=ticket)
    assert [line for line, _ in scripted_hub.received].count("POST /v1/check-ins") == 2
