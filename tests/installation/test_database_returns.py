"""The way back to an older program puts the database in place as it was before its tables changed."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from installation.commands import wipe
from installation.upkeep.rollback import DatabaseReturn, newest_copy, put_back
from runtime.run_command import CommandFailed
from server.store.database import HEAD, open_writer, tables_version
from server.store.database_copy import keep_copy


def test_the_tables_of_a_database_are_named(tmp_path: Path) -> None:
    database = tmp_path / "hall.sqlite"
    assert tables_version(database) is None
    open_writer(database).dispose()
    assert tables_version(database) == HEAD


def test_the_newest_copy_that_an_older_program_reads_takes_the_place(tmp_path: Path) -> None:
    database = tmp_path / "hall.sqlite"
    open_writer(database).dispose()
    older, newer = keep_copy(database, "0005"), keep_copy(database, "0007")
    database.with_suffix(".head").write_text("1 abc", encoding="ascii")
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("CREATE TABLE of_the_newer_program (x)")

    assert newest_copy(database, "0006") == older
    assert newest_copy(database, "0007") == newer
    aside = put_back(DatabaseReturn(database, older))

    assert database.read_bytes() == older.read_bytes()
    assert not database.with_suffix(".head").exists()
    assert {path.name for path in aside.iterdir()} == {"hall.sqlite", "hall.head"}


def test_without_a_copy_nothing_is_done(tmp_path: Path) -> None:
    database = tmp_path / "hall.sqlite"
    open_writer(database).dispose()
    with pytest.raises(CommandFailed, match="no copy of before"):
        newest_copy(database, "0001")


def test_a_file_of_answers_is_gone_after_the_first_boot(tmp_path: Path) -> None:
    file, link = tmp_path / "jiaohao.toml", tmp_path / "same"
    file.write_text('key = "abc"', encoding="ascii")
    link.hardlink_to(file)
    wipe(file)
    assert not file.exists()
    assert b"abc" not in link.read_bytes()
