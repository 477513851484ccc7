"""Every line of the journal is chained to all before it, also those of a hub from before there was a chain."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from alembic import command
from alembic.config import Config
from plain_hall import PlainHall
from sqlalchemy import Engine, create_engine, select

from protocol import journal as j
from protocol.county import CHAIN_START, JournalLine
from server.domain.model.catalogue import Catalogue
from server.store import tables as t
from server.store.database import MIGRATIONS, open_writer
from server.store.journal.journal_lines import chain_after, entry_of, line_of
from server.store.journal.journal_reader import JournalHead
from server.store.site_store import Store


def chain_of(site: str, entries: list[j.Entry]) -> str:
    chain = CHAIN_START
    for entry in entries:
        chain = chain_after(chain, site=site, line=line_of(entry))
    return chain


def keep(store: Store, hall: PlainHall) -> None:
    with store.transaction() as transaction:
        transaction.write(hall.made)


def test_what_is_written_is_chained_to_all_before_it(store: Store, busy: PlainHall, engine: Engine) -> None:
    keep(store, busy)
    whole = chain_of("small-hall", busy.journal)
    assert store.head == JournalHead(seq=busy.hall.seq, chain=whole)
    with engine.connect() as connection:
        kept = list(connection.execute(select(t.journal.c.chain).order_by(t.journal.c.seq)).scalars())
    assert kept[-1] == whole
    assert len(set(kept)) == len(kept)


def test_a_store_goes_on_where_the_chain_was_left(
    store: Store, busy: PlainHall, path: Path, small_catalogue: Catalogue
) -> None:
    keep(store, busy)
    store.close()
    assert Store(open_writer(path), site=small_catalogue.site).head == JournalHead(
        seq=busy.hall.seq, chain=chain_of("small-hall", busy.journal)
    )


def test_what_was_rolled_back_leaves_no_link(store: Store, busy: PlainHall) -> None:
    def fail() -> None:
        with store.transaction() as transaction:
            transaction.write(busy.made)
            raise KeyError("something")

    with pytest.raises(KeyError):
        fail()
    assert store.head == JournalHead()
    keep(store, busy)
    assert store.head.chain == chain_of("small-hall", busy.journal)


def test_a_line_reads_back_as_the_entry_it_was_written_from(busy: PlainHall) -> None:
    assert [entry_of(line_of(entry)) for entry in busy.journal] == busy.journal


def test_the_same_entry_at_another_site_has_another_chain(busy: PlainHall) -> None:
    assert chain_of("tax", busy.journal) != chain_of("police", busy.journal)


def test_the_chain_of_a_line_is_what_it_always_was() -> None:
    at = datetime(2026, 3, 2, 9, 0, 0, 500_000, tzinfo=ZoneInfo("Asia/Shanghai"))
    fact = '{"kind":"notice_changed"}'
    line = JournalLine(seq=7, at=at, boot="boot-1", mono_s=12.25, actor="window-1", request_id=None, fact=fact)
    known = "4c680fa9b73f320e786d89e3832fcbcae05a0254d9aad358bc1cf2e9a4f692b0"  # sha256sum of its own text
    assert chain_after(CHAIN_START, site="tax", line=line) == known


def test_a_journal_from_before_the_chain_is_chained_when_it_is_opened(
    tmp_path: Path, busy: PlainHall, small_catalogue: Catalogue
) -> None:
    path = tmp_path / "old.sqlite"
    old = create_engine(f"sqlite:///{path}")
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with old.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        for entry in busy.journal:
            line = line_of(entry)
            connection.exec_driver_sql(
                "INSERT INTO journal VALUES ('small-hall', ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    line.seq,
                    line.at.strftime("%Y-%m-%d %H:%M:%S.%f"),
                    line.boot,
                    line.mono_s,
                    line.actor,
                    line.request_id,
                    entry.fact.kind,
                    line.fact,
                ),
            )
    old.dispose()
    assert Store(open_writer(path), site=small_catalogue.site).head == JournalHead(
        seq=busy.hall.seq, chain=chain_of("small-hall", busy.journal)
    )
