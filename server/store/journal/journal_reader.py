"""Reads a site's journal in order: rows, entries, and its head."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping, select

from protocol import journal as j
from protocol.county import CHAIN_START
from protocol.vocabulary import SiteId
from server.domain.model.catalogue import Catalogue
from server.store import tables as t
from server.store.journal.journal_lines import entry_of, line_from


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalHead:
    """Head of a journal: the newest entry's number, and the chain over all entries up to it."""

    seq: int = 0
    chain: str = CHAIN_START


def read_head(connection: Connection, site: SiteId) -> JournalHead:
    """Return the head of a site's journal."""
    newest = select(t.journal.c.seq, t.journal.c.chain).where(t.journal.c.site == site)
    row = connection.execute(newest.order_by(t.journal.c.seq.desc()).limit(1)).first()
    return JournalHead() if row is None else JournalHead(seq=row.seq, chain=row.chain)


def first_catalogue(connection: Connection, site: SiteId) -> Catalogue | None:
    """Return the catalogue in the first entry of a journal; None where the first entry is no catalogue."""
    first = next((entry_of(line_from(row)) for row in read_rows(connection, site, since=0, limit=1)), None)
    if first is None or not isinstance(first.fact, j.CatalogueChanged):
        return None
    return Catalogue.model_validate(first.fact.catalogue)


def read_entries(connection: Connection, site: SiteId, *, since: int) -> Iterator[j.Entry]:
    """Yield the entries in order, from the one after ``since``."""
    for row in read_rows(connection, site, since=since):
        yield entry_of(line_from(row))


def read_rows(connection: Connection, site: SiteId, *, since: int, limit: int | None = None) -> Iterator[RowMapping]:
    """Yield the rows in order, from the one after ``since``."""
    later = select(t.journal).where(t.journal.c.site == site, t.journal.c.seq > since)
    yield from connection.execute(later.order_by(t.journal.c.seq).limit(limit)).mappings()
