from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from plain_hall import PlainHall
from sqlalchemy import Engine, event

from server.domain.model.catalogue import Catalogue
from server.store.faults import StoreFault
from server.store.projection.rebuild import DIFFERENCES_SHOWN, FETCH_ROWS, rebuild
from server.store.site_store import Store


@pytest.fixture
def kept(store: Store, busy: PlainHall) -> PlainHall:
    with store.transaction() as transaction:
        transaction.write(busy.made)
    return busy


def test_tables_that_the_journal_made_do_not_differ_from_it(
    kept: PlainHall, path: Path, small_catalogue: Catalogue
) -> None:
    report = rebuild(path, small_catalogue, repair=False)
    assert (report.entries, report.differences, report.repaired) == (len(kept.journal), (), False)
    assert "nothing differs" in str(report)


TAMPERED = {
    "a changed state": ("UPDATE tickets SET state = 'finished' WHERE number = 'A002'", "tickets: state: 'serving'"),
    "a changed wait": ("UPDATE calls SET waited_s = waited_s + 1", "calls: waited_s"),
    "a lost call": ("DELETE FROM calls WHERE seq = (SELECT max(seq) FROM calls)", "calls"),
    "a lost day": ("DELETE FROM days", "days: 缺少 / missing"),
    "a surplus print": (
        (
            "INSERT INTO prints SELECT site, 'zzz.9', ticket, device, reprint, outcome, reason, started_at, ended_at "
            "FROM prints LIMIT 1"
        ),
        "prints: 多余 / surplus",
    ),
    "an emptied table": ("DELETE FROM tickets", "tickets: 缺少 / missing"),
}


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize("name", sorted(TAMPERED))
def test_a_tampered_row_is_found_reported_and_repaired(
    name: str, engine: Engine, path: Path, small_catalogue: Catalogue
) -> None:
    statement, reported = TAMPERED[name]
    with engine.begin() as connection:
        connection.exec_driver_sql(statement)
    found = rebuild(path, small_catalogue, repair=False)
    assert found.differences
    assert not found.repaired
    assert reported.split(":")[0] in str(found)
    assert "--repair" in str(found)

    repaired = rebuild(path, small_catalogue, repair=True)
    assert (repaired.differences, repaired.repaired) == (found.differences, True)
    assert rebuild(path, small_catalogue, repair=False).differences == ()


@pytest.mark.usefixtures("kept")
def test_older_tables_are_not_compared_and_the_reader_learns_what_to_do(
    engine: Engine, path: Path, small_catalogue: Catalogue
) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE calls DROP COLUMN waited_s")
    with pytest.raises(StoreFault, match="older than this program; start its server once"):
        rebuild(path, small_catalogue, repair=False)


def test_years_of_wrong_rows_are_counted_not_listed_and_put_right_some_at_a_time(
    store: Store, engine: Engine, hall: PlainHall, path: Path, small_catalogue: Catalogue
) -> None:
    for _ in range(FETCH_ROWS + 100):
        hall.issue()
    with store.transaction() as transaction:
        transaction.write(hall.made)
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM tickets")
    at_once: list[int] = []

    def note(*arguments: Any) -> None:  # connection, cursor, statement, parameters
        at_once.append(len(arguments[3]))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        report = rebuild(path, small_catalogue, repair=True)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert len(report.differences) == DIFFERENCES_SHOWN + 1
    assert max(at_once) == FETCH_ROWS + 1, "keys, and the site"
    assert f"{FETCH_ROWS + 100} 处不同 / differences" in str(report)
    assert f"(+{FETCH_ROWS + 100 - DIFFERENCES_SHOWN})" in str(report)
    assert rebuild(path, small_catalogue, repair=False).differences == ()


def test_a_rebuild_of_nothing_is_one_sentence(tmp_path: Path, small_catalogue: Catalogue) -> None:
    with pytest.raises(StoreFault, match="there is no database"):
        rebuild(tmp_path / "nothing.sqlite", small_catalogue, repair=False)
    assert list(tmp_path.iterdir()) == [], "a rebuild makes no database"


CHANGED_BY_HAND = {
    "a fact": ("UPDATE journal SET fact = replace(fact, '}', ' }') WHERE seq = 9", "9 被改动 / was changed by hand"),
    "a time": ("UPDATE journal SET mono_s = mono_s + 1 WHERE seq = 4", "4 被改动 / was changed by hand"),
    "an actor": ("UPDATE journal SET actor = 'clerk' WHERE seq = 5", "5 被改动 / was changed by hand"),
    "nonsense": ("UPDATE journal SET fact = 'nonsense' WHERE seq = 6", "6 被改动 / was changed by hand"),
    "a lost entry": ("DELETE FROM journal WHERE seq = 7", "7–7 缺少 / missing"),
}


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize("name", sorted(CHANGED_BY_HAND))
def test_an_entry_that_was_changed_by_hand_is_named_and_nothing_is_repaired_from_it(
    name: str, engine: Engine, path: Path, small_catalogue: Catalogue
) -> None:
    statement, reported = CHANGED_BY_HAND[name]
    with engine.begin() as connection:
        connection.exec_driver_sql(statement)
        connection.exec_driver_sql("DELETE FROM days")
    report = rebuild(path, small_catalogue, repair=True)
    assert len(report.changed) == 1
    assert reported in str(report)
    assert not report.sound
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM days").scalar() == 0
