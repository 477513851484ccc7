from __future__ import annotations

import pytest
from plain_hall import PlainHall
from sqlalchemy import Engine

from server.domain.model.catalogue import Catalogue
from server.store.faults import StoreFull
from server.store.site_store import Store


def room(engine: Engine, pages: int) -> None:
    """Let the database grow by so many pages and no more."""
    with engine.connect() as connection:
        used = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {used + pages}")


def issue_until_refused(store: Store, hall: PlainHall) -> None:
    while True:
        hall.issue(print_device="kiosk-1")
        with store.transaction() as transaction:
            transaction.write(hall.made[-1:])


def test_a_full_disk_refuses_loses_nothing_and_goes_on_when_there_is_room(
    store: Store, engine: Engine, hall: PlainHall, small_catalogue: Catalogue
) -> None:
    with store.transaction() as transaction:
        transaction.write(hall.made)
    room(engine, 2)
    with pytest.raises(StoreFull, match="磁盘已满，请清理磁盘 / the disk is full, please make room"):
        issue_until_refused(store, hall)

    refused = hall.made[-1]
    assert refused.before.counts["A"] > 1, "some tickets found room"
    assert store.load(small_catalogue) == refused.before, "every accepted ticket is there, the refused one is not"
    with pytest.raises(StoreFull), store.transaction() as transaction:
        transaction.write([refused])
    room(engine, 1000)
    with store.transaction() as transaction:
        transaction.write([refused])
    assert store.load(small_catalogue) == refused.after
