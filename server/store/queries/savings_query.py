"""Reads the entries from which the savings of balancing are measured."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, Engine, RowMapping, and_, or_, select

from protocol import journal as j
from protocol.vocabulary import SiteId
from server.domain.county.measured_savings import SAVINGS_KINDS, measure_savings
from server.domain.county.proposal_book import KEPT
from server.domain.county.savings import Savings
from server.store import tables as t
from server.store.faults import translate_errors
from server.store.journal.journal_lines import entry_of, line_from

OF_A_TICKET = frozenset({"ticket_issued", "ticket_called", "ticket_cancelled", "ticket_not_arrived"})
"""Kinds that every visitor leaves behind: only those of offered or referred visitors are kept in memory."""
OF_A_PROPOSAL = frozenset({"proposal_decided", "proposal_measured"})
"""Kinds that follow a proposal, possibly on a later day."""
FETCH_ROWS = 1000
"""Number of rows fetched from the database at a time."""


class SavingsQuery:
    """The query, on an engine for reading the county's database: the journals of all sites and of the county itself."""

    def __init__(self, engine: Engine, *, county: SiteId) -> None:
        self._engine = engine
        self._county = county

    def between(self, first: date, last: date, *, time_zone: str) -> Savings:
        """Return the savings of these business days, both included. Raises StoreFault."""
        zone = ZoneInfo(time_zone)
        begin = datetime.combine(first, time(), zone).astimezone(UTC)
        end = datetime.combine(last + timedelta(days=1), time(), zone).astimezone(UTC)
        entry = t.journal.c
        with translate_errors(), self._engine.connect() as connection:
            stretches = {site: _days(connection, site, first, last) for site in _sites(connection)}
            later = and_(entry.kind.in_(OF_A_PROPOSAL), entry.at < end + KEPT)
            stretches[self._county] = and_(entry.at >= begin, or_(entry.at < end, later))
            found = {
                site: list(map(_entry, _rows(connection, site, stretch, frozenset(SAVINGS_KINDS) - OF_A_TICKET)))
                for site, stretch in stretches.items()
            }
            offered = _OfferedVisitors(entry.fact for entries in found.values() for entry in entries)
            for site, stretch in stretches.items():
                found[site] += (_entry(r) for r in _rows(connection, site, stretch, OF_A_TICKET) if offered.has(r))
            return measure_savings(found)


class _OfferedVisitors:
    """Selects, in the order of a journal, the facts of offered or referred visitors."""

    def __init__(self, facts: Iterable[j.AnyFact]) -> None:
        self._offers: set[str] = set()
        self._tickets: set[str | None] = set()
        for fact in facts:
            if isinstance(fact, j.OfferMade):
                self._offers.add(fact.offer)
                self._tickets.add(fact.ticket)
            elif isinstance(fact, j.ReferralTaken):
                self._tickets.add(fact.there)

    def has(self, row: RowMapping) -> bool:
        """Whether the row is of such a visitor; a ticket issued after an offer is, from then on."""
        fact = json.loads(row["fact"])
        if fact.get("offer") in self._offers:
            self._tickets.add(fact["ticket"])
        return fact["ticket"] in self._tickets


def _sites(connection: Connection) -> list[SiteId]:
    return list(connection.execute(select(t.days.c.site).distinct()).scalars())


def _days(connection: Connection, site: SiteId, first: date, last: date) -> ColumnElement[bool]:
    """Return which entries of a site's journal belong to these business days.

    A clock that was wrong may have left a day of another year between two of them.
    """
    seq = t.journal.c.seq
    of_site = select(t.days.c.day, t.days.c.first_seq).where(t.days.c.site == site).order_by(t.days.c.first_seq)
    days = connection.execute(of_site).all()
    ends = [day.first_seq for day in days[1:]]
    stretches = [
        seq >= day.first_seq if end is None else and_(seq >= day.first_seq, seq < end)
        for day, end in zip(days, [*ends, None], strict=True)
        if first <= day.day <= last
    ]
    return or_(*stretches) if stretches else seq < 0


def _rows(
    connection: Connection, site: SiteId, stretch: ColumnElement[bool], kinds: Iterable[str]
) -> Iterator[RowMapping]:
    query = select(t.journal).where(t.journal.c.site == site, stretch, t.journal.c.kind.in_(kinds))
    options = {"yield_per": FETCH_ROWS}
    yield from connection.execute(query.order_by(t.journal.c.seq), execution_options=options).mappings()


def _entry(row: RowMapping) -> j.Entry:
    return entry_of(line_from(row))
