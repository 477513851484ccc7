"""The same promise and the same place in the queue read the same on every surface; only a label may differ."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from display.announcing import Announcing
from display.view_models import hall_view
from hardware.paper.paper_text import called_elsewhere_text, people_ahead_text, promise_text
from kiosk.wording import ahead_in_short
from protocol.retained_messages import Board, ServiceQueue
from protocol.text.waits import people_ahead, wait_range
from protocol.vocabulary import Promise, Text
from runtime.hub_liveness import HubLiveness

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


@pytest.mark.parametrize("promise", PROMISES)
@pytest.mark.parametrize("surface", [on_the_hall_screen, on_the_kiosk, promise_text, called_elsewhere_text])
def test_a_wait_reads_the_same_everywhere(surface: Callable[[Promise | None], Text], promise: Promise | None) -> None:
    shown, wait = surface(promise), wait_range(promise)
    assert wait.zh in shown.zh
    assert wait.en in shown.en


@pytest.mark.parametrize("count", [0, 1, 12])
@pytest.mark.parametrize("surface", [people_ahead_text])
def test_people_ahead_read_the_same_everywhere(surface: Callable[[int], Text], count: int) -> None:
    assert surface(count) == people_ahead(count)
