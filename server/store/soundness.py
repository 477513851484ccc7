"""Whether a database holds what was written to it, as far as that is quickly read.

SQLite's own check covers the file's structure, the hash chain the entries of the newest business day, and a replay of
those entries the day's tables. ``jiaohao-admin rebuild`` checks all of the journal and of the tables.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path

from sqlalchemy import Connection, Engine, StaticPool, create_engine, delete, insert, select
from sqlalchemy.exc import OperationalError

from protocol.vocabulary import SiteId
from server.domain.model.catalogue import Catalogue
from server.store import tables as t
from server.store.database import open_reader
from server.store.faults import StoreDamaged, StoreFault, StoreUnusable, translate_errors
from server.store.journal.chain_check import changed_entries
from server.store.journal.digest import day_rows, tables_digest
from server.store.journal.journal_reader import JournalHead, read_head
from server.store.projection.rebuild import replay
from server.store.queries.hall_loader import first_of_newest_day, hall_before

log = logging.getLogger(__name__)

QUICKLY_READ_BYTES = 256 * 1024 * 1024
"""Size up to which the structure of a whole database is checked, bytes: a second or two."""


def verify_structure(path: Path) -> None:
    """Have SQLite check a database's file, unless that takes long. Raises StoreDamaged."""
    if path.stat().st_size > QUICKLY_READ_BYTES:
        return
    engine = open_reader(path)
    try:
        with _damage_found(), engine.connect() as connection:
            found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
            if found != "ok":
                raise StoreDamaged(" ".join(str(found).split()))
    finally:
        engine.dispose()


def verify_newest_day(path: Path, site: SiteId) -> JournalHead:
    """Verify the hash chain of the newest business day, and return the journal's head. Raises StoreDamaged."""
    engine = open_reader(path)
    try:
        with _damage_found(), engine.connect() as connection:
            first = first_of_newest_day(connection, site)
            changed = next(changed_entries(connection, site, since=(first or 1) - 1), None)
            if changed is not None:
                raise StoreDamaged(changed)
            return read_head(connection, site)
    finally:
        engine.dispose()


def verify_unchanged(writer: Engine, heads: Mapping[SiteId, JournalHead]) -> None:
    """Verify that a database which another program has changed still holds its journals.

    The write-ahead log is merged then: a start would read no further than to the first frame that was damaged, though
    nobody needs that frame any more. Raises StoreDamaged; StoreFault when the log cannot be merged now.
    """
    path = Path(str(writer.url.database))
    verify_structure(path)
    for site, head in heads.items():
        found = verify_newest_day(path, site)
        if found != head:
            raise StoreDamaged(f"the journal of {site} was written up to {head.seq}, and it ends at {found.seq}")
    with translate_errors(), closing(writer.raw_connection()) as connection:
        busy, _, _ = connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise StoreFault("数据库正被其他程序使用", "another program uses the database")


def repair_newest_day(writer: Engine, initial: Catalogue) -> bool:
    """Replace the newest business day's rows when they differ from what its entries make; return whether they did.

    Raises StoreUnusable: this program cannot apply the entries, whose chain holds.
    """
    site = initial.site
    memory = create_engine("sqlite://", creator=lambda: sqlite3.connect(":memory:"), poolclass=StaticPool)
    with _damage_found(), writer.begin() as kept, closing(memory.connect()) as made:
        first = first_of_newest_day(kept, site)
        if first is None:
            return False
        t.metadata.create_all(made)
        try:
            day = replay(kept, made, hall_before(kept, initial, seq=first)._replace(seq=first - 1)).day
        except (ValueError, LookupError) as error:  # the chain holds: these bytes are what a hub wrote
            raise StoreUnusable(
                "本程序读不懂数据库里的流水，可能由更新的版本写成：请装回那个版本，数据库留在原处",
                "the database holds entries that this program cannot apply; a newer version has perhaps written them: "
                f"install that one, and leave the database where it is: {str(error).partition(chr(10))[0]}",
            ) from error
        if day is None or _has_older_rows(kept, site, day, first=first):
            return False
        if tables_digest(kept, site, day) == tables_digest(made, site, day):
            return False
        _replace_day(kept, made, site, day)
        return True


def _has_older_rows(kept: Connection, site: SiteId, day: date, *, first: int) -> bool:
    """Whether a date came twice, because a clock was wrong: then its rows are not made by the newest entries alone."""
    older = (t.tickets.c.site == site, t.tickets.c.business_day == day, t.tickets.c.issued_seq < first)
    return kept.execute(select(t.tickets.c.id).where(*older).limit(1)).first() is not None


def _replace_day(kept: Connection, made: Connection, site: SiteId, day: date) -> None:
    for table in reversed(t.MADE_FROM_JOURNAL):  # prints before the tickets that they are found by
        kept.execute(delete(table).where(table.c.site == site, day_rows(table, site, day)))
        rows = [dict(row) for row in made.execute(select(table).where(day_rows(table, site, day))).mappings()]
        if rows:
            kept.execute(insert(table), rows)


@contextmanager
def _damage_found() -> Iterator[None]:
    """Turn what reading a damaged database raises into StoreDamaged; other faults of the database stay."""
    try:
        with translate_errors():
            yield
    except StoreFault as fault:
        cause = fault.__cause__.orig if isinstance(fault.__cause__, OperationalError) else None
        # SQLITE_ERROR: a table or column is missing; without a code: a text that is no UTF-8
        if cause is None or getattr(cause, "sqlite_errorcode", sqlite3.SQLITE_ERROR) != sqlite3.SQLITE_ERROR:
            raise
        raise StoreDamaged(str(cause)) from fault
    except (ValueError, TypeError) as error:  # a value that its column cannot have
        raise StoreDamaged(str(error)[:300]) from error
