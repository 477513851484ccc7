from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from plain_hall import PlainHall
from sqlalchemy import Engine

from protocol.vocabulary import PrintOutcome
from server.domain.desk import issuance
from server.domain.model.catalogue import Catalogue
from server.store.database import open_writer
from server.store.site_store import Store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "hall.sqlite"


@pytest.fixture
def engine(path: Path) -> Iterator[Engine]:
    engine = open_writer(path)
    yield engine
    engine.dispose()


@pytest.fixture
def store(engine: Engine, small_catalogue: Catalogue) -> Iterator[Store]:
    store = Store(engine, site=small_catalogue.site)
    yield store
    store.close()


@pytest.fixture
def hall(small_catalogue: Catalogue) -> PlainHall:
    """A hall with all windows open."""
    hall = PlainHall(small_catalogue)
    hall.open()
    return hall


@pytest.fixture
def busy(hall: PlainHall) -> PlainHall:
    """A hall in which everything has happened that can happen to a ticket."""
    finished, moved, missed, left, waiting = [hall.issue(print_device="kiosk-1") for _ in range(5)]
    hall.do(issuance.end_print(hall.hall, job=f"{finished.id}.1", outcome=PrintOutcome.PRINTED, reason=""))
    hall.serve("window-1", seconds=300)
    hall.call_next("window-1")
    hall.start("window-1")
    hall.transfer("invoice", "window-1")
    hall.call_next("window-2")
    hall.no_show("window-2")
    hall.return_to_queue(missed.id)
    hall.cancel(left.id)
    hall.call_next("window-1")
    hall.call_next("window-3")
    assert {finished.id, left.id}.isdisjoint(hall.hall.tickets)
    assert {moved.id, missed.id, waiting.id} <= set(hall.hall.tickets)
    return hall
