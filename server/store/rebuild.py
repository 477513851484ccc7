"""Looks whether the journal is as it was written, makes every table again from it, compares, and repairs when asked.

A table is repaired from the journal. A journal that was changed by hand is only told: what it said before is known to a
backup and to the county.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from heapq import merge
from itertools import groupby, repeat
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Connection, RowMapping, String, Table, create_engine, delete, func, insert, select

from protocol.county import CHAIN_START
from server.domain.catalogue import Catalogue
from server.domain.folding import Step, apply, empty
from server.store import tables as t
from server.store.database import StoreFault, no_journal, open_reader, open_writer, snapshot, translated
from server.store.journal import first_described
from server.store.lines import chain_after, entry_of, line_from
from server.store.projection import project

SHOWN = 10
AT_ONCE = 1000


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a rebuild found."""

    entries: int
    rows: int
    differences: tuple[str, ...]
    repaired: bool
    changed: tuple[str, ...] = ()
    """Entries of the journal that are not as they were written: nothing is compared with what they say now."""

    @property
    def sound(self) -> bool:
        """Whether all is as it should be."""
        return not self.changed and (self.repaired or not self.differences)

    def __str__(self) -> str:
        head = f"{self.entries} 条流水, {self.rows} 行 / {self.entries} journal entries, {self.rows} rows: "
        if self.changed:
            advice = "流水被改动过，请从备份恢复 / the journal was changed, restore it from a backup"
            return "\n".join([head + advice, *_shown(self.changed)])
        if not self.differences:
            return head + "完全一致 / nothing differs"
        end = "已修复 / repaired" if self.repaired else "用 --repair 修复 / repair with --repair"
        return "\n".join([head + f"{len(self.differences)} 处不同 / differences", *_shown(self.differences), end])


def _shown(lines: tuple[str, ...]) -> list[str]:
    more = len(lines) - SHOWN
    return [*lines[:SHOWN], *([f"(+{more})"] if more > 0 else [])]


def rebuild(path: Path, described: Catalogue, *, repair: bool) -> Report:
    """Compare the tables of a hub's database with those its journal makes, and repair them. Raises StoreFault."""
    if not path.exists():
        raise StoreFault(f"没有数据库 {path} / there is no database {path}")
    engine = open_writer(path) if repair else open_reader(path)
    try:
        with translated(), engine.begin() if repair else snapshot(engine) as kept:
            return rebuild_site(kept, described.site, described=described, repair=repair)
    finally:
        engine.dispose()


def rebuild_site(kept: Connection, site: str, *, described: Catalogue | None = None, repair: bool) -> Report:
    """Compare a site's tables with those its journal makes, and repair them, within the transaction under way.

    ``described`` is the site before its first entry; left out, it is what that entry says. Raises StoreFault: there is
    none.
    """
    changed = tuple(_changed_entries(kept, site))
    if changed:
        return Report(entries=_count(kept, t.journal, site), rows=0, differences=(), repaired=False, changed=changed)
    described = described or first_described(kept, site)
    if described is None:
        raise no_journal(kept, site)
    fresh = create_engine("sqlite://")
    t.metadata.create_all(fresh)
    with fresh.begin() as made:
        count = replay(kept, made, described)
        differences = tuple(d for table in t.MADE_FROM_JOURNAL for d in _compare(kept, made, table, site))
        if differences and repair:
            _replace(kept, made, site)
        made_rows = sum(_count(made, table, site) for table in t.MADE_FROM_JOURNAL)
    fresh.dispose()
    return Report(entries=count, rows=made_rows, differences=differences, repaired=repair and bool(differences))


def replay(source: Connection, target: Connection, described: Catalogue) -> int:
    """Make the tables in ``target`` from the journal in ``source``; return how many entries there were."""
    hall = empty(described)
    count = 0
    for row in _rows(source, t.journal, described.site):
        entry = entry_of(line_from(row))
        after = apply(hall, entry)
        project(target, Step(before=hall, entry=entry, after=after))
        hall = after
        count += 1
    return count


def _changed_entries(connection: Connection, site: str) -> Iterator[str]:
    """Yield what the chain says of the journal: entries that are missing, and entries that are not what was written."""
    chain, seq = CHAIN_START, 0
    for row in _rows(connection, t.journal, site):
        if row["seq"] != seq + 1:
            yield f"journal: {seq + 1}–{row['seq'] - 1} 缺少 / missing"
        elif chain_after(chain, site=site, line=line_from(row)) != row["chain"]:
            yield f"journal: {row['seq']} 被改动 / was changed by hand: {row['kind']} {row['fact']:.200}"
        chain, seq = row["chain"], row["seq"]


def _count(connection: Connection, table: Table, site: str) -> int:
    return connection.execute(select(func.count()).select_from(table).where(table.c.site == site)).scalar_one()


def _key(table: Table) -> Column[Any]:
    """Return what tells the rows of one site apart."""
    _, key = table.primary_key.columns
    return key


def _rows(connection: Connection, table: Table, site: str) -> Iterator[RowMapping]:
    """Yield a site's rows in the order of their keys, texts by their letters' codes as Python has them.

    A stretch at a time: PostgreSQL would hand over the work of years at once.
    """
    key = _key(table)
    by_code = connection.dialect.name == "postgresql" and isinstance(key.type, String)
    query = select(table).where(table.c.site == site).order_by(key.collate("C") if by_code else key)
    yield from connection.execute(query.execution_options(yield_per=AT_ONCE)).mappings()


def _compare(kept: Connection, made: Connection, table: Table, site: str) -> Iterator[str]:
    """Yield what differs between two states of a table, row by row."""
    key = _key(table).name
    states = (zip(repeat(state), _rows(state, table, site), strict=False) for state in (kept, made))
    for name, rows in groupby(merge(*states, key=lambda told: told[1][key]), key=lambda told: told[1][key]):
        found = dict(rows)
        old, new = found.get(kept), found.get(made)
        if old is None or new is None:
            yield f"{table.name}: {'缺少 / missing' if old is None else '多余 / surplus'}: {dict(old or new or {})}"
        elif fields := [f"{k}: {old[k]!r} ≠ {new[k]!r}" for k in old if old[k] != new[k]]:
            yield f"{table.name} {name}: {', '.join(fields)}"


def _replace(kept: Connection, made: Connection, site: str) -> None:
    for table in t.MADE_FROM_JOURNAL:
        kept.execute(delete(table).where(table.c.site == site))
        rows = [dict(row) for row in _rows(made, table, site)]
        if rows:
            kept.execute(insert(table), rows)
