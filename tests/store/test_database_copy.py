"""A database is kept as it was before its tables are migrated, so that the older program can go on with it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from old_tree import HUBS, unpacked
from sqlalchemy import Engine

from server.store.county_database import open_county
from server.store.database import HEAD, open_reader, open_writer
from server.store.database_copy import COPIES_KEPT, keep_copy
from server.store.faults import StoreFault


def copies(database: Path) -> list[Path]:
    return sorted((database.parent / "backup").glob("*"))


def content(database: Path) -> dict[str, object]:
    """Version of the tables, and every entry of the journal."""
    with closing(sqlite3.connect(database)) as connection:
        (version,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        journal = connection.execute("SELECT * FROM journal ORDER BY site, seq").fetchall()
    return {"version": version, "journal": journal}


@pytest.mark.parametrize("site", [*HUBS, "county"])
def test_an_older_database_is_kept_as_it_was(site: str, tmp_path: Path) -> None:
    database = unpacked(site, tmp_path / "data" / f"{'county' if site == 'county' else 'hall'}.sqlite")
    before = content(database)
    if site == "county":
        open_county(f"sqlite:///{database}", must_exist=True).writer.dispose()
    else:
        open_writer(database).dispose()
    (copy,) = copies(database)
    assert copy.name.startswith(f"{database.stem}-{before['version']}-")
    assert content(copy) == before
    assert content(database) == before | {"version": HEAD}, "the journal is the same in the migrated one"


def test_a_new_database_and_one_of_today_need_no_copy(engine: Engine, path: Path) -> None:
    engine.dispose()
    open_writer(path).dispose()
    assert copies(path) == []


@pytest.mark.usefixtures("engine")
def test_the_newest_copies_are_kept(path: Path) -> None:
    kept = [keep_copy(path, f"000{version}") for version in range(COPIES_KEPT + 2)]
    assert copies(path) == kept[-COPIES_KEPT:]


def test_without_a_copy_nothing_is_migrated(tmp_path: Path) -> None:
    database = unpacked(HUBS[0], tmp_path / "hall.sqlite")
    before = content(database)
    (tmp_path / "backup").write_text("no folder")
    with pytest.raises(StoreFault, match="backup"):
        open_writer(database)
    assert content(database) == before


@pytest.mark.usefixtures("engine")
def test_a_copy_that_was_cut_off_is_no_copy(path: Path) -> None:
    (path.parent / "backup").mkdir()
    (path.parent / "backup" / f"{path.name}.part").write_bytes(b"half")
    copy = keep_copy(path, HEAD)
    assert copies(path) == [copy]
    open_reader(copy).dispose()
    assert content(copy) == content(path)
