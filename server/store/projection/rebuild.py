"""Verifies the journal's hash chain, replays the journal into new tables, compares, and repairs on request.

A table is repaired from the journal. A journal that was changed by hand is only reported: a backup has the former
content, and hub and county have each other's journal. Lost newest entries are detected only at the county, which keeps
the head of each journal (``heads``).
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from heapq import merge
from itertools import groupby, islice, repeat
from pathlib import Path
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    StaticPool,
    String,
    Table,
    create_engine,
    delete,
    func,
    insert,
    inspect,
    select,
)

from protocol.vocabulary import SiteId
from server.domain.events.apply import AppliedEntry, apply, empty_hall
from server.domain.model.catalogue import Catalogue
from server.domain.model.hall import Hall
from server.store import tables as t
from server.store.database import open_reader, open_writer, snapshot
from server.store.faults import StoreFault, translate_errors
from server.store.journal.chain_check import changed_entries
from server.store.journal.journal_lines import entry_of, line_from
from server.store.projection.project import project
from server.store.projection.row_batch import RowBatch
from server.store.projection.row_statements import key_column

DIFFERENCES_SHOWN = 10
FETCH_ROWS = 1000


@dataclass(frozen=True, kw_only=True)
class Report:
    """Result of a rebuild."""

    entries: int
    rows: int = 0
    different: int = 0
    """Number of rows of the tables that differ."""
    differences: tuple[str, ...] = ()
    """Descriptions of the first of them, and how many more there are."""
    repaired: bool = False
    changed: tuple[str, ...] = ()
    """Entries of the journal that break the hash chain, described in the same way; no table is compared then."""

    @property
    def sound(self) -> bool:
        """Whether the chain holds and no row differs any more."""
        return not self.changed and (self.repaired or not self.differences)

    def __str__(self) -> str:
        head = f"{self.entries} 条流水, {self.rows} 行 / {self.entries} journal entries, {self.rows} rows: "
        if self.changed:
            return "\n".join([head + "流水被改动过 / the journal was changed", *self.changed])
        if not self.differences:
            return head + "完全一致 / nothing differs"
        end = "已修复 / repaired" if self.repaired else "用 --repair 修复 / repair with --repair"
        return "\n".join([head + f"{self.different} 处不同 / differences", *self.differences, end])


def _shown(found: Iterable[str]) -> tuple[str, ...]:
    """Return the first ``DIFFERENCES_SHOWN`` lines, and how many more there are."""
    lines = iter(found)
    first, more = tuple(islice(lines, DIFFERENCES_SHOWN)), sum(1 for _ in lines)
    return (*first, f"(+{more})") if more else first


def rebuild(path: Path, initial: Catalogue, *, repair: bool) -> Report:
    """Compare the tables of a hub's database with those its journal makes, and repair them. Raises StoreFault."""
    if not path.exists():
        raise StoreFault(f"没有数据库 {path}", f"there is no database {path}")
    engine = open_writer(path) if repair else open_reader(path)
    try:
        begun = engine.begin() if repair else snapshot(engine)
        with translate_errors(), begun as kept, closing(Rebuild(initial.site)) as again:
            _require_every_column(kept)
            if again.is_journal_intact(kept):
                again.compare(kept, initial)
            if repair and again.report.different:
                again.repair(kept)
            return again.report
    finally:
        engine.dispose()


def _require_every_column(kept: Connection) -> None:
    """Raise StoreFault for older tables that lack a column, which only a writer can add."""
    present = inspect(kept)
    for table in t.MADE_FROM_JOURNAL:
        if set(table.columns.keys()) - {column["name"] for column in present.get_columns(table.name)}:
            raise StoreFault(
                "数据库比本程序旧；请先启动一次服务，它会更新数据库",
                "the database is older than this program; start its server once, which updates it",
            )


class Rebuild:
    """A site's tables made again from its journal, in a database of their own, and which of the kept rows differ.

    That database is a file without a name: years of tables do not fill the memory, and are gone when it is closed.
    """

    _hall: Hall
    """The site as far as the tables are made."""

    def __init__(self, site: SiteId) -> None:
        self._site = site
        self._engine = create_engine("sqlite://", creator=lambda: sqlite3.connect(""), poolclass=StaticPool)
        self._replayed = self._engine.connect()
        self._differing_keys: dict[Table, list[Any]] = defaultdict(list)
        self.report = Report(entries=0)

    def close(self) -> None:
        """Forget what was made."""
        self._replayed.close()
        self._engine.dispose()

    def is_journal_intact(self, kept: Connection) -> bool:
        """Verify the hash chain; without it nothing can be replayed."""
        changed = _shown(changed_entries(kept, self._site))
        self.report = Report(entries=_count(kept, t.journal, self._site), changed=changed)
        return not changed

    def compare(self, kept: Connection, initial: Catalogue) -> None:
        """Replay the journal and compare. ``initial`` is the site before its first entry."""
        t.metadata.create_all(self._replayed)
        self._hall = replay(kept, self._replayed, empty_hall(initial))
        differences = _shown(self._differences(kept))
        rows = sum(_count(self._replayed, table, self._site) for table in t.MADE_FROM_JOURNAL)
        different = sum(map(len, self._differing_keys.values()))
        self.report = replace(self.report, rows=rows, different=different, differences=differences)

    def _differences(self, kept: Connection) -> Iterator[str]:
        for table in t.MADE_FROM_JOURNAL:
            for key, difference in _compare(kept, self._replayed, table, self._site):
                self._differing_keys[table].append(key)
                yield difference

    def repair(self, kept: Connection) -> None:
        """Repair the rows that differ, after replaying the entries since the comparison."""
        self._hall = replay(kept, self._replayed, self._hall)
        for table, keys in self._differing_keys.items():
            for some in _stretches(keys):
                kept.execute(delete(table).where(table.c.site == self._site, key_column(table).in_(some)))
        for table, keys in self._differing_keys.items():
            for some in _stretches(keys):
                rows = [dict(row) for row in _rows(self._replayed, table, self._site, key_column(table).in_(some))]
                if rows:
                    kept.execute(insert(table), rows)
        self.report = replace(self.report, repaired=True)


def replay(source: Connection, target: Connection, hall: Hall) -> Hall:
    """Write to ``target`` the tables that the journal in ``source`` makes after a hall; return the hall it makes."""
    rows = _rows(source, t.journal, hall.site.catalogue.site, t.journal.c.seq > hall.seq)
    while some := list(islice(rows, FETCH_ROWS)):
        batch = RowBatch()
        for row in some:
            entry = entry_of(line_from(row))
            after = apply(hall, entry)
            project(batch, AppliedEntry(before=hall, entry=entry, after=after))
            hall = after
        batch.write(target)
    return hall


def _count(connection: Connection, table: Table, site: SiteId) -> int:
    return connection.execute(select(func.count()).select_from(table).where(table.c.site == site)).scalar_one()


def _stretches(keys: list[Any]) -> Iterator[list[Any]]:
    return (keys[first : first + FETCH_ROWS] for first in range(0, len(keys), FETCH_ROWS))


def _rows(connection: Connection, table: Table, site: SiteId, *which: ColumnElement[bool]) -> Iterator[RowMapping]:
    """Yield a site's rows in the order of their keys, texts by their letters' codes as Python has them.

    A stretch at a time: PostgreSQL would hand over the work of years at once.
    """
    key = key_column(table)
    by_code = connection.dialect.name == "postgresql" and isinstance(key.type, String)
    query = select(table).where(table.c.site == site, *which).order_by(key.collate("C") if by_code else key)
    yield from connection.execute(query.execution_options(yield_per=FETCH_ROWS)).mappings()


def _compare(kept: Connection, made: Connection, table: Table, site: SiteId) -> Iterator[tuple[Any, str]]:
    """Yield what differs between two states of a table, row by row: the row's key, and the difference in words."""
    key = key_column(table).name
    states = (zip(repeat(state), _rows(state, table, site), strict=False) for state in (kept, made))
    for name, rows in groupby(merge(*states, key=lambda state: state[1][key]), key=lambda state: state[1][key]):
        found = dict(rows)
        old, new = found.get(kept), found.get(made)
        if old is None or new is None:
            what = "缺少 / missing" if old is None else "多余 / surplus"
            yield name, f"{table.name}: {what}: {dict(old or new or {})}"
        elif fields := [f"{k}: {old[k]!r} ≠ {new[k]!r}" for k in old if old[k] != new[k]]:
            yield name, f"{table.name} {name}: {', '.join(fields)}"
