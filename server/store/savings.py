"""Reads from the journals what balancing saved."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, Engine, and_, func, select

from protocol import journal as j
from server.domain.account import KINDS, account
from server.domain.savings import Savings
from server.store import tables as t
from server.store.database import translated
from server.store.lines import entry_of, line_from


class Account:
    """Reads beside the writer, at the county: every site's journal is there, and the county's own."""

    def __init__(self, engine: Engine, *, county: str) -> None:
        self._engine = engine
        self._county = county

    def between(self, first: date, last: date, *, time_zone: str) -> Savings:
        """Return the account of these business days, both included. Raises StoreFault."""
        zone = ZoneInfo(time_zone)
        begin = datetime.combine(first, time(), zone).astimezone(UTC)
        end = datetime.combine(last + timedelta(days=1), time(), zone).astimezone(UTC)
        told = t.journal.c
        with translated(), self._engine.connect() as connection:
            stretches = {site: _days(connection, site, first, last) for site in _sites(connection)}
            stretches[self._county] = and_(told.at >= begin, told.at < end)
            return account({site: list(_entries(connection, site, s)) for site, s in stretches.items()})


def _sites(connection: Connection) -> list[str]:
    return list(connection.execute(select(t.days.c.site).distinct()).scalars())


def _days(connection: Connection, site: str, first: date, last: date) -> ColumnElement[bool]:
    """Return which entries of a site's journal belong to these business days."""
    began = select(func.min(t.days.c.first_seq)).where(t.days.c.site == site)
    begin = connection.execute(began.where(t.days.c.day >= first, t.days.c.day <= last)).scalar()
    end = connection.execute(began.where(t.days.c.day > last)).scalar()
    none, all_later = t.journal.c.seq < 0, t.journal.c.seq >= (begin or 0)
    return none if begin is None else all_later if end is None else and_(all_later, t.journal.c.seq < end)


def _entries(connection: Connection, site: str, stretch: ColumnElement[bool]) -> Iterator[j.Entry]:
    query = select(t.journal).where(t.journal.c.site == site, stretch, t.journal.c.kind.in_(KINDS))
    for row in connection.execute(query.order_by(t.journal.c.seq)).mappings():
        yield entry_of(line_from(row))
