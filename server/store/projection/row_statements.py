"""Statements of the projection, kept as values: a hub runs each at once, the county merges those of many entries.

All but a ``RowsChange`` write one row. The second column of a table's primary key distinguishes the rows of one site.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import Column, Delete, Insert, Table, Update, bindparam, insert, update

from server.store.prepared_statements import Values


@dataclass(frozen=True, slots=True, eq=False)
class RowInsert:
    """Inserts a row; a nullable column without a value is NULL."""

    table: Table
    sql: Insert


@dataclass(frozen=True, slots=True, eq=False)
class RowUpdate:
    """Updates the row of ``b_site`` and ``b_key``; the values of ``added`` are added to the columns, others replace."""

    table: Table
    added: tuple[str, ...]
    sql: Update


@dataclass(frozen=True, slots=True, eq=False)
class RowsChange:
    """Changes any number of rows; it happens after all statements before it, and before all behind it."""

    sql: Update | Delete


RowStatement = RowInsert | RowUpdate | RowsChange


class StatementRunner(Protocol):
    """What the projection needs: something that runs its statements, now or later."""

    def execute(self, statement: RowStatement, values: Values, /) -> Any:  # noqa: ANN401 - nobody reads it
        """Run one statement with the values of its columns."""


def insert_row(table: Table) -> RowInsert:
    """Return an INSERT of one row; made once, so that it is compiled once."""
    return RowInsert(table, insert(table))


def update_row(table: Table, *columns: str, added: tuple[str, ...] = ()) -> RowUpdate:
    """Return an UPDATE of some columns of one row; made once, so that it is compiled once."""
    values: dict[str, Any] = {name: bindparam(name) for name in columns}
    values |= {name: table.c[name] + bindparam(name) for name in added}
    row = (table.c.site == bindparam("b_site"), key_column(table) == bindparam("b_key"))
    return RowUpdate(table, added, update(table).where(*row).values(values))


def key_column(table: Table) -> Column[Any]:
    """Return the column that distinguishes the rows of one site."""
    _, key = table.primary_key.columns
    return key
