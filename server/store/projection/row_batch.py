"""Collects the row statements of many entries and writes their net effect: one statement for many rows."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import Connection, Table, Update

from server.store.prepared_statements import Values
from server.store.projection.row_statements import (
    RowInsert,
    RowsChange,
    RowStatement,
    RowUpdate,
    key_column,
    update_row,
)

_cached_update = cache(update_row)


@dataclass(slots=True)
class _Update:
    """The merged updates of one row that is stored already."""

    site: str
    columns: dict[str, Any] = field(default_factory=dict)
    added: frozenset[str] = frozenset()


class RowBatch:
    """Merges the statements of each row in their order, as if each had been run at once."""

    def __init__(self) -> None:
        self._inserts: dict[RowInsert, list[dict[str, Any]]] = defaultdict(list)
        self._inserted: dict[tuple[Table, Any], dict[str, Any]] = {}
        self._updates: dict[tuple[Table, Any], _Update] = {}
        self._before: list[tuple[RowBatch, RowsChange, Values]] = []
        """What was collected before each change of many rows, and the change."""

    def execute(self, statement: RowStatement, values: Values, /) -> None:
        """Collect one statement."""
        if isinstance(statement, RowsChange):
            self._before.append((self._taken(), statement, values))
        elif isinstance(statement, RowInsert):
            self._insert(statement, values)
        else:
            self._update(statement, values)

    def _taken(self) -> RowBatch:
        """Return the rows collected since the last change of many rows, as a batch of their own, and forget them."""
        taken = RowBatch()
        taken._inserts, self._inserts = self._inserts, taken._inserts
        taken._inserted, self._inserted = self._inserted, taken._inserted
        taken._updates, self._updates = self._updates, taken._updates
        return taken

    def _insert(self, statement: RowInsert, values: Values) -> None:
        """Collect a new row; a second one with its key stays, for the database to refuse."""
        table = statement.table
        row = dict.fromkeys(table.c.keys()) | dict(values)
        self._inserts[statement].append(row)
        self._inserted[table, row[key_column(table).name]] = row

    def _update(self, statement: RowUpdate, values: Values) -> None:
        key = (statement.table, values["b_key"])
        columns = self._inserted.get(key)
        if columns is None:
            pending = self._updates.setdefault(key, _Update(values["b_site"]))
            pending.added |= set(statement.added)
            columns = pending.columns
        for name in values.keys() - {"b_site", "b_key"}:
            columns[name] = values[name] + columns.get(name, 0) if name in statement.added else values[name]

    def write(self, connection: Connection) -> None:
        """Write the collected rows, the new ones first, and forget them."""
        for batch, change, values in self._before:
            batch.write(connection)
            connection.execute(change.sql, values)
        self._before.clear()
        for statement, rows in self._inserts.items():
            connection.execute(statement.sql, rows)
        for sql, parameters in self._merged().items():
            connection.execute(sql, parameters)
        for collected in (self._inserts, self._inserted, self._updates):
            collected.clear()

    def _merged(self) -> dict[Update, list[dict[str, Any]]]:
        """Return the updates by the columns that they change."""
        merged: dict[Update, list[dict[str, Any]]] = defaultdict(list)
        for (table, key), pending in self._updates.items():
            replaced = sorted(pending.columns.keys() - pending.added)
            change = _cached_update(table, *replaced, added=tuple(sorted(pending.added)))
            merged[change.sql].append({"b_site": pending.site, "b_key": key, **pending.columns})
        return merged
