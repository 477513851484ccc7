"""The same promise and the same place in the queue read the same on every surface; only a label may differ."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from plain_hall import PlainHall
from real_hall import SMALL_HALL

from demo.narration import Narrator
from display.announcing import Announcing
from display.view_models import hall_view
from hardware.paper.paper_text import called_elsewhere_text, people_ahead_text, promise_text
from kiosk.screens.display_list import ScreenFormat
from kiosk.screens.draw_page import draw_page
from kiosk.state.kiosk_state import KioskState, Overlay, Selection, Step
from kiosk.wording import ahead_in_short
from protocol.answers import Offer, OtherSite, ServiceAnswer, ServicesAnswer, TicketAnswer
from protocol.retained_messages import Board, ServiceQueue
from protocol.settings import load_settings
from protocol.text.waits import PAST_CLOSING, people_ahead, wait_range
from protocol.vocabulary import Language, Promise, ServiceId, SiteId, Text, TicketId, TicketState
from runtime.hub_liveness import HubLiveness
from server.domain.events.apply import empty_hall
from server.domain.model.catalogue import Catalogue
from server.web.staff.manager import manager_text
from server.web.staff.manager.manager_view_model import HallNow, hall_view_model
from server.web.templates import render
from server.web.visitor.ticket_page import ticket_page

NOW = datetime(2026, 11, 23, 2, 5, tzinfo=UTC)
KNOWN = (Promise(low_min=20, high_min=35), Promise(low_min=0, high_min=10), Promise(low_min=5, high_min=5))
PROMISES = (*KNOWN, None)
OTHER = Promise(low_min=90, high_min=120)
"""The range of the other place beside the one that is compared."""
NAME = Text(zh="厅", en="hall")
SERVICE = ServiceId("id-card")
SITE = OtherSite(site=SiteId("police"), name=NAME, address=NAME, travel_min=6)


def catalogue() -> Catalogue:
    return load_settings(Catalogue, SMALL_HALL)


def ticket(*, count: int | None, promise: Promise | None) -> TicketAnswer:
    return TicketAnswer(
        id=TicketId("ticket"),
        number="A017",
        service=SERVICE,
        state=TicketState.WAITING,
        business_day=NOW.date(),
        language=Language.ZH,
        issued_at=NOW,
        people_ahead=count,
        promise=promise,
        page="/t/ticket",
        seq=1,
    )


def service(*, count: int, promise: Promise | None) -> ServiceAnswer:
    return ServiceAnswer(
        id=SERVICE,
        letter="A",
        name=NAME,
        department="police",
        materials=[],
        area=NAME,
        waiting=count,
        people_ahead=count,
        promise=promise,
        offered=True,
    )


def offer(*, here: Promise = OTHER, there: Promise = OTHER) -> Offer:
    return Offer(id="offer", service=SERVICE, here=here, there=there, saving_min=9, site=SITE)


def in_both(surface: Callable[[Language], str]) -> Text:
    return Text(zh=surface(Language.ZH), en=surface(Language.EN))


def on_the_hall_screen(promise: Promise | None) -> Text:
    queue = ServiceQueue(service=SERVICE, letter="A", name=NAME, waiting=1, promise=promise)
    board = Board(seq=1, as_of=NOW, site=SiteId("hall"), name=NAME, calls=[], waiting=[queue], open=True)
    shown = hall_view(
        Announcing().with_board(board, replayed=True, at=0.0), HubLiveness(), notice=None, now=NOW, at=0.0, page_s=8.0
    )
    return shown.waiting[0].promise


def on_the_number_page(promise: Promise | None) -> Text:
    return ahead_in_short(12, promise)


def ahead_on_the_number_page(count: int) -> Text:
    return ahead_in_short(count, OTHER)


def kiosk_page(step: Step | Overlay, *, count: int, promise: Promise | None, offered: Offer | None) -> Text:
    """Return the lines of a kiosk's page on which a service is chosen."""
    menu = ServicesAnswer(
        seq=1,
        as_of=NOW,
        site=SiteId("hall"),
        name=NAME,
        open=True,
        hours=NAME,
        departments=[],
        services=[service(count=count, promise=promise)],
        priorities=[],
        county=True,
    )
    state = KioskState(
        boot="kiosk-1:test",
        menu=menu,
        step=Step.CONFIRM,
        selection=Selection(service=SERVICE),
        offer=offered,
    )

    def lines(language: Language) -> str:
        drawn = draw_page(
            replace(state, language=language), ScreenFormat(width_px=1920, height_px=1080), at=0.0, public_url=""
        )
        assert drawn.page is step
        return "\n".join(drawn.texts)

    return in_both(lines)


def on_the_confirm_page(promise: Promise | None) -> Text:
    return kiosk_page(Step.CONFIRM, count=3, promise=promise, offered=None)


def here_on_the_offer_page(promise: Promise) -> Text:
    return kiosk_page(Overlay.OFFER, count=3, promise=OTHER, offered=offer(here=promise))


def there_on_the_offer_page(promise: Promise) -> Text:
    return kiosk_page(Overlay.OFFER, count=3, promise=OTHER, offered=offer(there=promise))


def ahead_on_the_offer_page(count: int) -> Text:
    return kiosk_page(Overlay.OFFER, count=count, promise=OTHER, offered=offer())


def phone_page(*, count: int | None, promise: Promise | None, offered: Offer | None = None) -> Text:
    """Return the ticket's page, which shows both languages."""
    hall = empty_hall(catalogue())._replace(day=NOW.date())
    html = bytes(ticket_page(ticket(count=count, promise=promise), hall=hall, at=NOW, offered=offered).body).decode()
    return Text(zh=html, en=html)


def on_the_phone(promise: Promise | None) -> Text:
    return phone_page(count=3, promise=promise)


def here_on_the_phone(promise: Promise) -> Text:
    return phone_page(count=3, promise=OTHER, offered=offer(here=promise))


def there_on_the_phone(promise: Promise) -> Text:
    return phone_page(count=3, promise=OTHER, offered=offer(there=promise))


def ahead_on_the_phone(count: int) -> Text:
    return phone_page(count=count, promise=None)


def hall_now(promises: Mapping[ServiceId, Promise | None], *, past_closing: int = 0) -> HallNow:
    return hall_view_model(
        empty_hall(catalogue()),
        [],
        promises,
        at=PlainHall(catalogue()).moment,
        clock_trusted=True,
        broker_connected=True,
        county=None,
        past_closing=past_closing,
    )


def on_the_managers_page(promise: Promise | None) -> Text:
    now = hall_now({SERVICE: promise})
    now = replace(now, services=now.services[:1])
    return in_both(
        lambda language: render("manager/services.html", now=now, text=manager_text, language=language, labels=[])
    )


def narrated(capsys: pytest.CaptureFixture[str], *, count: int | None, promise: Promise | None) -> str:
    """Return what the demo prints for a new ticket and for the check-in of a visitor from another site."""
    narrator = Narrator()
    narrator.ticket(ticket(count=count, promise=promise), service(count=0, promise=None), page="/t/ticket")
    narrator.checks_in("A017", at=NAME, people_ahead=count)
    return capsys.readouterr().out


@pytest.mark.parametrize("promise", PROMISES)
@pytest.mark.parametrize(
    "surface",
    [
        on_the_hall_screen,
        on_the_number_page,
        on_the_confirm_page,
        promise_text,
        called_elsewhere_text,
        on_the_phone,
        on_the_managers_page,
    ],
)
def test_a_wait_reads_the_same_everywhere(surface: Callable[[Promise | None], Text], promise: Promise | None) -> None:
    shown, wait = surface(promise), wait_range(promise)
    assert wait.zh in shown.zh
    assert wait.en in shown.en


@pytest.mark.parametrize("promise", KNOWN)
@pytest.mark.parametrize(
    "surface", [here_on_the_offer_page, there_on_the_offer_page, here_on_the_phone, there_on_the_phone]
)
def test_both_waits_of_an_offer_read_the_same_everywhere(surface: Callable[[Promise], Text], promise: Promise) -> None:
    shown, wait = surface(promise), wait_range(promise)
    assert wait.zh in shown.zh
    assert wait.en in shown.en


@pytest.mark.parametrize("surface", [on_the_phone, on_the_managers_page])
def test_a_promise_past_closing_reads_so_to_visitor_and_manager(surface: Callable[[Promise], Text]) -> None:
    late = surface(Promise(low_min=180, high_min=240, past_closing=True))
    assert PAST_CLOSING.zh in late.zh
    assert PAST_CLOSING.en in late.en
    assert PAST_CLOSING.zh not in surface(Promise(low_min=180, high_min=240)).zh


def test_a_manager_reads_how_many_who_wait_may_not_be_reached_today() -> None:
    now = hall_now({}, past_closing=12)
    assert any("12 人今天可能办不到" in warning.zh for warning in now.warnings)
    assert hall_now({}).warnings == ()


@pytest.mark.parametrize("count", [0, 1, 12])
@pytest.mark.parametrize(
    "surface", [people_ahead_text, ahead_on_the_number_page, ahead_on_the_offer_page, ahead_on_the_phone]
)
def test_people_ahead_read_the_same_everywhere(surface: Callable[[int], Text], count: int) -> None:
    shown, people = surface(count), people_ahead(count)
    assert people.zh in shown.zh
    assert people.en in shown.en


@pytest.mark.parametrize("promise", PROMISES)
@pytest.mark.parametrize("count", [0, 1, 12])
def test_the_demo_narrates_a_ticket_as_its_paper_reads(
    capsys: pytest.CaptureFixture[str], count: int, promise: Promise | None
) -> None:
    printed, wait, people = narrated(capsys, count=count, promise=promise), wait_range(promise), people_ahead(count)
    assert printed.count(people.zh) == printed.count(people.en) == 2
    assert wait.zh in printed
    assert wait.en in printed


@pytest.mark.parametrize("promise", PROMISES)
def test_people_ahead_that_are_unknown_are_left_out_everywhere(
    capsys: pytest.CaptureFixture[str], promise: Promise | None
) -> None:
    printed = narrated(capsys, count=None, promise=promise)
    surfaces = (ahead_in_short(None, promise), phone_page(count=None, promise=promise), Text(zh=printed, en=printed))
    for shown in surfaces:
        assert "前面" not in shown.zh
        assert "ahead" not in shown.en.lower()
        assert wait_range(promise).zh in shown.zh
    assert people_ahead_text(None) is None
