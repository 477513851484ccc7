"""The rows of many entries, merged and written together, are those of one entry after the other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from plain_hall import PlainHall
from sqlalchemy import Engine, create_engine, select

from server.domain.desk import calls
from server.store import tables as t
from server.store.faults import StoreRefused, translate_errors
from server.store.projection.project import project
from server.store.projection.row_batch import RowBatch
from server.store.site_store import Store


@pytest.fixture
def day(busy: PlainHall) -> PlainHall:
    """A busy day with a ticket that is called again and again."""
    for _ in range(3):
        busy.do(calls.recall(busy.hall, window="window-1"))
    busy.wait(86_400)
    busy.turn_day()
    return busy


def rows(engine: Engine) -> dict[str, list[Any]]:
    with engine.connect() as connection:
        return {table.name: list(connection.execute(select(table).order_by(*table.primary_key))) for table in MADE}


MADE = t.MADE_FROM_JOURNAL


@pytest.mark.parametrize("at_once", [1, 2, 7, 1000])
def test_merged_rows_are_those_of_one_entry_after_the_other(
    store: Store, engine: Engine, day: PlainHall, tmp_path: Path, at_once: int
) -> None:
    with store.transaction() as transaction:
        transaction.write(day.made)
    merged = create_engine(f"sqlite:///{tmp_path / 'merged.sqlite'}")
    t.metadata.create_all(merged)
    batch = RowBatch()
    with merged.begin() as connection:
        for first in range(0, len(day.made), at_once):
            for step in day.made[first : first + at_once]:
                project(batch, step)
            batch.write(connection)
    assert rows(merged) == rows(engine)
    assert max(call.recalls for call in rows(engine)["calls"]) == 3
    merged.dispose()


def test_a_row_that_is_new_twice_is_refused(engine: Engine, busy: PlainHall) -> None:
    batch = RowBatch()
    for _ in range(2):
        for step in busy.made:
            project(batch, step)
    with pytest.raises(StoreRefused), translate_errors(), engine.begin() as connection:
        batch.write(connection)
    assert rows(engine)["tickets"] == []
