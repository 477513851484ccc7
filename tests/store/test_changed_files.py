"""A database whose files another program has changed, replaced or removed takes nothing that would be lost."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from plain_hall import PlainHall

from server.domain.model.catalogue import Catalogue
from server.store.county_database import open_county
from server.store.county_store import CountyStore
from server.store.database import open_writer
from server.store.faults import StoreDamaged, StoreFault, StoreUnusable
from server.store.journal.heads import SiteHead
from server.store.site_store import Store


@pytest.fixture
def written(tmp_path: Path, small_catalogue: Catalogue) -> Iterator[tuple[Store, PlainHall, Path]]:
    """A store that has written a ticket and stays open."""
    path = tmp_path / "hall.sqlite"
    hall = PlainHall(small_catalogue)
    hall.issue()
    with closing(Store(open_writer(path), site=small_catalogue.site)) as store:
        with store.transaction() as transaction:
            transaction.write(hall.made)
        yield store, hall, path


def write_one_more(store: Store, hall: PlainHall) -> None:
    hall.issue()
    with store.transaction() as transaction:
        transaction.write(hall.made[-1:])


def log_of(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")


def overwrite(path: Path, change: Callable[[bytes], bytes]) -> None:
    content = change(path.read_bytes())
    with path.open("r+b") as file:
        file.write(content)
        file.truncate()


HARMS: dict[str, Callable[[Path], object]] = {
    "the database is deleted": lambda path: path.unlink(),
    "the database is replaced by a copy": lambda path: [path.rename(path.with_name("away")), path.write_bytes(b"")],
    "the log is deleted": lambda path: log_of(path).unlink(),
    "the log is cut off": lambda path: overwrite(log_of(path), lambda content: content[: len(content) // 2]),
    "the log is all zeros": lambda path: overwrite(log_of(path), lambda content: bytes(len(content))),
}


@pytest.mark.parametrize("harm", HARMS.values(), ids=HARMS.keys())
def test_nothing_is_taken_that_would_be_lost(
    written: tuple[Store, PlainHall, Path], harm: Callable[[Path], object]
) -> None:
    store, hall, path = written
    harm(path)
    for _ in range(2):
        with pytest.raises(StoreFault):
            write_one_more(store, hall)


def test_a_database_that_comes_back_is_used_again(written: tuple[Store, PlainHall, Path]) -> None:
    store, hall, path = written
    path.rename(path.with_name("away"))
    with pytest.raises(StoreUnusable, match="is gone or was replaced"):
        write_one_more(store, hall)
    path.with_name("away").rename(path)
    with store.transaction() as transaction:
        transaction.write(hall.made[-1:])


def test_a_change_that_harms_nothing_is_tolerated(written: tuple[Store, PlainHall, Path]) -> None:
    store, hall, path = written
    with closing(sqlite3.connect(path)) as other, other:
        other.execute("CREATE TABLE notes (note TEXT)")
    write_one_more(store, hall)
    assert log_of(path).stat().st_size > 0


def test_entries_of_another_program_are_noticed(written: tuple[Store, PlainHall, Path]) -> None:
    store, hall, path = written
    with closing(sqlite3.connect(path)) as other, other:
        other.execute("DELETE FROM journal WHERE seq = (SELECT max(seq) FROM journal)")
    with pytest.raises(StoreDamaged, match="the journal of small-hall was written up to"):
        write_one_more(store, hall)


def test_a_county_whose_file_is_gone_takes_nothing(tmp_path: Path) -> None:
    with closing(CountyStore(open_county(f"sqlite:///{tmp_path / 'county.sqlite'}"))) as county:
        county.prepare(["tax"])
        (tmp_path / "county.sqlite").unlink()
        with pytest.raises(StoreFault, match="is gone or was replaced"), county.transaction("tax") as transaction:
            transaction.write_head(SiteHead(seq=1))
