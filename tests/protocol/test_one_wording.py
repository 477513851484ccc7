"""The same promise and the same place in the queue read the same on every surface; only a label may differ."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from real_hall import SMALL_HALL

from display.announcing import Announcing
from display.view_models import hall_view
from hardware.paper.paper_text import called_elsewhere_text, people_ahead_text, promise_text
from kiosk.wording import ahead_in_short
from protocol.answers import TicketAnswer
from protocol.retained_messages import Board, ServiceQueue
from protocol.settings import load_settings
from protocol.text.waits import people_ahead, wait_range
from protocol.vocabulary import Language, Promise, Text, TicketState
from runtime.hub_liveness import HubLiveness
from server.domain.events.apply import empty_hall
from server.domain.model.catalogue import Catalogue
from server.web.visitor.ticket_view_model import ticket_box

NOW = datetime(2026, 11, 23, 2, 5, tzinfo=UTC)
PROMISES = (
    Promise(low_min=20, high_min=35),
    Promise(low_min=0, high_min=10),
    Promise(low_min=5, high_min=5),
    None,
)


def on_the_hall_screen(promise: Promise | None) -> Text:
    name = Text(zh="厅", en="hall")
    queue = ServiceQueue(service="id-card", letter="A", name=name, waiting=1, promise=promise)
    board = Board(seq=1, as_of=NOW, site="hall", name=name, calls=[], waiting=[queue], open=True)
    shown = hall_view(
        Announcing().with_board(board, replayed=True, at=0.0), HubLiveness(), notice=None, now=NOW, at=0.0, page_s=8.0
    )
    return shown.waiting[0].promise


def on_the_kiosk(promise: Promise | None) -> Text:
    return ahead_in_short(None, promise)


def at_the_kiosk(promise: Promise | None) -> Text:
    return ahead_in_short(None, promise)


def ahead_at_the_kiosk(count: int) -> Text:
    return ahead_in_short(count, PROMISES[0])


def on_the_phone(promise: Promise | None) -> Text:
    return ticket_page_line(1, people_ahead=3, promise=promise)


def ahead_on_the_phone(count: int) -> Text:
    return ticket_page_line(0, people_ahead=count, promise=None)


def ticket_page_line(line: int, *, people_ahead: int, promise: Promise | None) -> Text:
    """Return a line of the ticket page's box while the visitor waits: first the people ahead, then the wait."""
    ticket = TicketAnswer(
        id="ticket",
        number="A017",
        service="id-card",
        state=TicketState.WAITING,
        business_day=NOW.date(),
        language=Language.ZH,
        issued_at=NOW,
        people_ahead=people_ahead,
        promise=promise,
        page="/t/ticket",
        seq=1,
    )
    return ticket_box(ticket, empty_hall(load_settings(Catalogue, SMALL_HALL)), living=True).lines[line]


@pytest.mark.parametrize("promise", PROMISES)
@pytest.mark.parametrize("surface", [on_the_hall_screen, on_the_kiosk, promise_text, called_elsewhere_text])
def test_a_wait_reads_the_same_everywhere(surface: Callable[[Promise | None], Text], promise: Promise | None) -> None:
    shown, wait = surface(promise), wait_range(promise)
    assert wait.zh in shown.zh
    assert wait.en in shown.en


@pytest.mark.parametrize("count", [0, 1, 12])
@pytest.mark.parametrize("surface", [people_ahead_text])
def test_people_ahead_read_the_same_everywhere(surface: Callable[[int], Text], count: int) -> None:
    shown, people = surface(count), people_ahead(count)
    assert people.zh in shown.zh
    assert people.en in shown.en
