from __future__ import annotations

import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from plain_hall import MORNING, PlainHall
from sqlalchemy import Engine, func, select

from server.domain.model.catalogue import Catalogue
from server.store import tables as t
from server.store.database import open_reader, open_writer
from server.store.faults import StoreFault
from server.store.projection.rebuild import rebuild
from server.store.site_store import RememberedAnswer, Store

ANSWER = RememberedAnswer(command="issue", status=200, answer="{}")


def rows(engine: Engine) -> dict[str, int]:
    with engine.connect() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in t.metadata.sorted_tables
        }


def keep(store: Store, hall: PlainHall) -> None:
    """Write all that happened, and an answer, as one command."""
    with store.transaction() as transaction:
        transaction.write(hall.made)
        transaction.remember("request-1", ANSWER, day=MORNING.date())


def break_off(store: Store, hall: PlainHall) -> None:
    """Write all that happened, then fail before the commit."""
    with store.transaction() as transaction:
        transaction.write(hall.made)
        raise ZeroDivisionError


@pytest.mark.parametrize("table", ["journal", "days", "tickets", "calls", "prints", "requests"])
def test_a_command_that_fails_in_any_table_leaves_nothing_in_the_others(
    store: Store, engine: Engine, busy: PlainHall, table: str, small_catalogue: Catalogue
) -> None:
    busy.wait(86_400)
    busy.turn_day()
    with engine.begin() as connection:
        connection.exec_driver_sql(
            f"CREATE TRIGGER broken BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'broken'); END"
        )
    with pytest.raises(StoreFault, match="broken"):
        keep(store, busy)
    assert set(rows(engine).values()) == {0}

    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER broken")
    keep(store, busy)
    assert store.load(small_catalogue) == busy.hall


def test_a_command_refused_half_way_leaves_nothing(store: Store, engine: Engine, busy: PlainHall) -> None:
    with pytest.raises(ZeroDivisionError):
        break_off(store, busy)
    assert set(rows(engine).values()) == {0}


KILLED = """
import os, signal, sys
from pathlib import Path
from plain_hall import PlainHall
from real_hall import SMALL_HALL
from protocol.settings import load_settings
from server.domain.model.catalogue import Catalogue
from server.store.database import open_writer
from server.store.site_store import Store

catalogue = load_settings(Catalogue, SMALL_HALL)
store = Store(open_writer(Path(sys.argv[1])), site=catalogue.site)
hall = PlainHall(catalogue)
with store.transaction() as transaction:
    transaction.write(hall.made)
hall.issue()
with store.transaction() as transaction:
    transaction.write(hall.made[-1:])
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_process_killed_between_journal_and_commit_leaves_the_state_before(
    path: Path, small_catalogue: Catalogue
) -> None:
    environment = {"PYTHONPATH": ":".join(sys.path)}
    killed = subprocess.run([sys.executable, "-c", KILLED, str(path)], env=environment, check=False, timeout=60)
    assert killed.returncode == -signal.SIGKILL
    engine = open_writer(path)
    store = Store(engine, site=small_catalogue.site)
    assert store.load(small_catalogue) == PlainHall(small_catalogue).hall
    store.close()
    engine.dispose()
    assert rebuild(path, small_catalogue, repair=False).differences == ()


def test_a_number_can_never_be_given_twice_even_by_a_wrong_rule(store: Store, hall: PlainHall) -> None:
    before = hall.hall
    hall.issue()
    keep(store, hall)
    hall.hall = before
    twice = hall.made[-1]
    hall.issue()
    wrong = hall.made[-1]
    assert twice.entry.seq == wrong.entry.seq
    with pytest.raises(StoreFault), store.transaction() as transaction:
        transaction.write([wrong])


def test_an_answer_is_kept_for_its_day_and_the_next_and_then_forgotten(store: Store) -> None:
    with store.transaction() as transaction:
        transaction.remember("request-1", ANSWER, day=MORNING.date())
    store.forget_answers(before=MORNING.date())
    with store.transaction() as transaction:
        assert transaction.answered("request-1") == ANSWER
        assert transaction.answered("request-2") is None
    store.forget_answers(before=MORNING.date() + timedelta(days=1))
    with store.transaction() as transaction:
        assert transaction.answered("request-1") is None


def test_a_database_of_another_site_is_refused(store: Store, engine: Engine, hall: PlainHall) -> None:
    keep(store, hall)
    with pytest.raises(StoreFault, match="belongs to small-hall, not to other-hall"):
        Store(engine, site="other-hall")


def test_a_reader_reads_beside_the_writer_and_cannot_write(store: Store, path: Path, hall: PlainHall) -> None:
    reader = open_reader(path)
    with store.transaction() as transaction:
        transaction.write(hall.made)
        assert rows(reader)["journal"] == 0, "what is not committed is not seen"
    assert rows(reader)["journal"] == len(hall.made)
    with reader.connect() as connection, pytest.raises(Exception, match="readonly"):
        connection.execute(t.journal.delete())
    reader.dispose()


def test_commits_are_durable_by_their_settings(engine: Engine) -> None:
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2, "FULL"
