"""A hub starts on sound data, puts right what it can, and says of everything else in one sentence what to do."""

from __future__ import annotations

import logging
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from plain_hub import PlainHub
from ports import LOCAL, free_port
from sqlalchemy import insert

from protocol.faults import is_lasting
from protocol.settings import CountyAddress
from server.domain.model.catalogue import Catalogue
from server.hub.access import Access
from server.hub.data_folder import prepare_data
from server.hub.settings import HubSettings
from server.store.database import open_writer
from server.store.faults import StoreDamaged, StoreFault, StoreUnusable
from server.store.journal.journal_lines import chain_after, line_from, row_of
from server.store.journal.journal_reader import read_head, read_rows
from server.store.site_store import Store
from server.store.tables import journal


@pytest.fixture
def settings(tmp_path: Path) -> HubSettings:
    return HubSettings(data=tmp_path / "data")


@pytest.fixture
def hub(small_catalogue: Catalogue, settings: HubSettings) -> PlainHub:
    """A hub whose data folder holds its journal and its tables."""
    hub = PlainHub(small_catalogue, small_catalogue.site)
    hub.open()
    for _ in range(3):
        hub.issue()
    prepare_data(settings, small_catalogue)
    write(settings.database, hub, since=0)
    return hub


def write(database: Path, hub: PlainHub, *, since: int) -> None:
    with closing(Store(open_writer(database), site=hub.site)) as store, store.transaction() as transaction:
        transaction.write(hub.made[since:])


def change(database: Path, statement: str) -> None:
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute(statement)


def head(database: Path, site: str) -> int:
    with closing(Store(open_writer(database), site=site)) as store:
        return store.head.seq


def test_sound_data_stays_as_it_is(hub: PlainHub, settings: HubSettings, small_catalogue: Catalogue) -> None:
    prepare_data(settings, small_catalogue)
    assert head(settings.database, hub.site) == len(hub.made)


def test_an_older_copy_of_the_database_is_refused_and_the_way_out_works(
    hub: PlainHub, settings: HubSettings, small_catalogue: Catalogue, tmp_path: Path
) -> None:
    shutil.copy(settings.database, tmp_path / "older")
    before = len(hub.made)
    hub.issue()
    write(settings.database, hub, since=before)
    shutil.copy(tmp_path / "older", settings.database)
    for _ in range(2):
        with pytest.raises(StoreUnusable, match=f"has entries up to {before}, and {len(hub.made)} were written here"):
            prepare_data(settings, small_catalogue)
    (settings.data / "hall.head").unlink()
    prepare_data(settings, small_catalogue)


def test_another_journal_of_the_site_is_refused(
    hub: PlainHub, settings: HubSettings, small_catalogue: Catalogue
) -> None:
    other = PlainHub(small_catalogue, hub.site)
    other.open()
    for _ in range(4):
        other.issue(service="household")
    for file in settings.data.glob("hall.sqlite*"):
        file.unlink()
    mark = (settings.data / "hall.head").read_bytes()
    write(settings.database, other, since=0)
    (settings.data / "hall.head").write_bytes(mark)
    with pytest.raises(StoreUnusable, match="holds another journal than was written here"):
        prepare_data(settings, small_catalogue)


def test_without_the_county_a_hub_that_lacks_entries_waits_for_it(
    hub: PlainHub, settings: HubSettings, small_catalogue: Catalogue
) -> None:
    address = CountyAddress.model_validate({"url": f"http://{LOCAL}:{free_port()}", "key": "k" * 40})
    settings = settings.model_copy(update={"county": address})
    prepare_data(settings, small_catalogue)
    settings.database.unlink()
    with pytest.raises(StoreFault, match="the county does not answer: put the newest copy back") as raised:
        prepare_data(settings, small_catalogue)
    assert not is_lasting(raised.value), "it starts when the county answers"
    assert len(hub.made) > 0


CHANGES: dict[str, Callable[[Path], None]] = {
    "an entry": lambda path: change(path, "UPDATE journal SET actor = 'somebody' WHERE seq = 5"),
    "an entry gone": lambda path: change(path, "DELETE FROM journal WHERE seq = 5"),
    "a time that is none": lambda path: change(path, "UPDATE journal SET at = 'yesterday' WHERE seq = 5"),
    "a text that is none": lambda path: change(path, "UPDATE journal SET fact = CAST(x'ff00' AS TEXT) WHERE seq = 5"),
    "a table gone": lambda path: change(path, "DROP TABLE days"),
    "no database": lambda path: path.write_bytes(b"no database" * 500) and None,
    "cut off": lambda path: path.write_bytes(path.read_bytes()[:9000]) and None,
}


@pytest.mark.parametrize("harm", CHANGES.values(), ids=CHANGES.keys())
def test_a_damaged_database_is_refused(
    hub: PlainHub, settings: HubSettings, small_catalogue: Catalogue, harm: Callable[[Path], None]
) -> None:
    harm(settings.database)
    with pytest.raises(StoreDamaged, match="数据库文件已损坏，请从备份恢复，然后重启 / ") as raised:
        prepare_data(settings, small_catalogue)
    assert is_lasting(raised.value)
    assert len(hub.made) > 0


def test_tables_that_are_not_the_journals_are_repaired(
    hub: PlainHub, settings: HubSettings, small_catalogue: Catalogue, caplog: pytest.LogCaptureFixture
) -> None:
    change(settings.database, "UPDATE tickets SET number = 'A999'")
    change(settings.database, "DELETE FROM prints")
    prepare_data(settings, small_catalogue)
    with closing(sqlite3.connect(settings.database)) as connection:
        numbers = [number for (number,) in connection.execute("SELECT number FROM tickets ORDER BY number")]
    assert numbers == sorted(t.number for t in hub.hall.tickets.values())
    assert "已按流水修复" in caplog.text


def test_a_database_of_a_newer_program_is_refused(
    hub: PlainHub, settings: HubSettings, small_catalogue: Catalogue
) -> None:
    change(settings.database, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreUnusable, match="was written by a newer program"):
        prepare_data(settings, small_catalogue)
    assert len(hub.made) > 0


def test_entries_of_a_newer_program_are_refused_and_their_database_stays_where_it_is(
    hub: PlainHub, settings: HubSettings, small_catalogue: Catalogue
) -> None:
    """A county beside it changes nothing: what it would send is the same."""
    engine = open_writer(settings.database)
    with engine.begin() as connection:
        known = line_from(list(read_rows(connection, hub.site, since=0))[-1])
        line = known.model_copy(update={"seq": known.seq + 1, "fact": '{"kind":"of_next_year"}'})
        chain = chain_after(read_head(connection, hub.site).chain, site=hub.site, line=line)
        connection.execute(insert(journal), row_of(line, site=hub.site, kind="of_next_year", chain=chain))
    engine.dispose()
    county = CountyAddress.model_validate({"url": f"http://{LOCAL}:{free_port()}", "key": "k"})
    with pytest.raises(StoreUnusable, match="install that one, and leave the database where it is") as raised:
        prepare_data(settings.model_copy(update={"county": county}), small_catalogue)
    assert not isinstance(raised.value, StoreDamaged)
    assert is_lasting(raised.value)
    assert not list(settings.data.glob("*.damaged*"))
    with closing(sqlite3.connect(settings.database)) as connection:
        assert connection.execute("SELECT max(seq) FROM journal").fetchone() == (len(hub.made) + 1,)


def test_a_new_folder_is_reported(
    settings: HubSettings, small_catalogue: Catalogue, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        prepare_data(settings, small_catalogue)
    assert "本站点若用过，请停下并放回原来的" in caplog.text


@pytest.mark.parametrize("content", [b"", b"wrong", b"\xff\xfe"])
def test_a_broker_key_that_is_not_the_brokers_is_made_anew(tmp_path: Path, content: bytes) -> None:
    access = Access(tmp_path, site="hall")
    access.prepare()
    before = (tmp_path / "mosquitto.passwd").read_bytes()
    (tmp_path / "hub.key").write_bytes(content)
    access.prepare()
    assert (tmp_path / "mosquitto.passwd").read_bytes() != before
    assert len(access.hub_key()) > len(content)


@pytest.mark.parametrize("name", ["mosquitto.passwd", "mosquitto.acl"])
def test_a_damaged_file_of_the_broker_is_written_anew(tmp_path: Path, name: str) -> None:
    access = Access(tmp_path, site="hall")
    access.prepare()
    before = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(b"\0" * 10)
    access.prepare()
    assert (tmp_path / name).read_bytes() == before
