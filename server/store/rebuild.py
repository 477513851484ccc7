"""Looks whether the journal is as it was written, makes every table again from it, compares, and repairs when asked.

A table is repaired from the journal. A journal that was changed by hand is only told: what it said before is known to a
backup and to the county.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, create_engine, delete, func, insert, select

from protocol.county import CHAIN_START
from server.domain.catalogue import Catalogue
from server.domain.folding import Step, apply, empty
from server.store import tables as t
from server.store.database import StoreFault, open_reader, open_writer, translated
from server.store.journal import entries, rows
from server.store.lines import chain_after, line_from
from server.store.projection import project

SHOWN = 10


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
    """Compare the tables of a database with those its journal makes. Raises StoreFault."""
    if not path.exists():
        raise StoreFault(f"没有数据库 {path} / there is no database {path}")
    fresh = create_engine("sqlite://")
    t.metadata.create_all(fresh)
    with translated(), open_reader(path).connect() as kept, fresh.begin() as made:
        changed = tuple(_changed_entries(kept, described.site))
        if changed:
            return Report(entries=_count(kept, t.journal), rows=0, differences=(), repaired=False, changed=changed)
        count = replay(kept, made, described)
        differences = tuple(d for table in t.MADE_FROM_JOURNAL for d in _compare(kept, made, table, described.site))
        if differences and repair:
            _replace(path, made, described.site)
        made_rows = sum(_count(made, table) for table in t.MADE_FROM_JOURNAL)
    return Report(entries=count, rows=made_rows, differences=differences, repaired=repair and bool(differences))


def replay(source: Connection, target: Connection, described: Catalogue) -> int:
    """Make the tables in ``target`` from the journal in ``source``; return how many entries there were."""
    hall = empty(described)
    count = 0
    for entry in entries(source, described.site, since=0):
        after = apply(hall, entry)
        project(target, Step(before=hall, entry=entry, after=after))
        hall = after
        count += 1
    return count


def _changed_entries(connection: Connection, site: str) -> Iterator[str]:
    """Yield what the chain says of the journal: entries that are missing, and entries that are not what was written."""
    chain, seq = CHAIN_START, 0
    for row in rows(connection, site, since=0):
        if row["seq"] != seq + 1:
            yield f"journal: {seq + 1}–{row['seq'] - 1} 缺少 / missing"
        elif chain_after(chain, site=site, line=line_from(row)) != row["chain"]:
            yield f"journal: {row['seq']} 被改动 / was changed by hand: {row['kind']} {row['fact']:.200}"
        chain, seq = row["chain"], row["seq"]


def _count(connection: Connection, table: Table) -> int:
    return connection.execute(select(func.count()).select_from(table)).scalar_one()


def _rows(connection: Connection, table: Table, site: str) -> Iterator[dict[str, Any]]:
    query = select(table).where(table.c.site == site).order_by(*table.primary_key.columns)
    for row in connection.execute(query).mappings():
        yield dict(row)


def _compare(kept: Connection, made: Connection, table: Table, site: str) -> Iterator[str]:
    for old, new in zip_longest(_rows(kept, table, site), _rows(made, table, site)):
        if old != new:
            yield f"{table.name}: {_changed(old, new)}"


def _changed(old: dict[str, Any] | None, new: dict[str, Any] | None) -> str:
    if old is None or new is None:
        return f"{'缺少 / missing' if old is None else '多余 / surplus'}: {old or new}"
    fields = [f"{k}: {old[k]!r} ≠ {new[k]!r}" for k in old if old[k] != new[k]]
    return ", ".join(fields)


def _replace(path: Path, made: Connection, site: str) -> None:
    engine = open_writer(path)
    with translated(), engine.begin() as connection:
        for table in t.MADE_FROM_JOURNAL:
            connection.execute(delete(table).where(table.c.site == site))
            rows = list(_rows(made, table, site))
            if rows:
                connection.execute(insert(table), rows)
    engine.dispose()
