"""The digest of a day reads no row of the years before."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from plain_hall import PlainHall
from sqlalchemy import event

from server.domain.model.catalogue import Catalogue
from server.store.database import open_reader
from server.store.journal.digest import tables_digest
from server.store.site_store import Store

MONDAY = date(2026, 3, 2)


def test_prints_are_found_by_the_tickets_of_the_day(
    store: Store, path: Path, busy: PlainHall, small_catalogue: Catalogue
) -> None:
    with store.transaction() as transaction:
        transaction.write(busy.made)
    engine = open_reader(path)
    statements: list[tuple[str, Any]] = []
    event.listen(engine, "before_cursor_execute", lambda *sent: statements.append((sent[2], sent[3])))
    with engine.connect() as connection:
        assert tables_digest(connection, small_catalogue.site, MONDAY)
        plans = [
            row.detail
            for statement, values in list(statements)
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        ]
    engine.dispose()
    assert "SEARCH prints USING INDEX prints_ticket (site=? AND ticket=?)" in plans
    assert not [plan for plan in plans if plan.startswith("SCAN") or plan.endswith("(site=?)")]
