"""A site's store: one transaction holds the journal entries of a command, the tables made from them, and its answer."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, bindparam, delete, func, insert, select

from protocol import journal as j
from protocol.county import CHAIN_START, Line
from server.domain.catalogue import Catalogue
from server.domain.folding import Step, apply, empty
from server.domain.hall import Hall
from server.store import tables as t
from server.store.database import StoreFault, translated
from server.store.learned import learned
from server.store.lines import chain_after, entry_of, line_from, line_of, row_of
from server.store.prepared import Prepared
from server.store.projection import project

log = logging.getLogger(__name__)

_ENTRY = insert(t.journal)
_REQUEST = insert(t.requests)
_ANSWER = select(t.requests.c.command, t.requests.c.status, t.requests.c.answer).where(
    t.requests.c.request_id == bindparam("request_id")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What was answered to a request, to be answered again. ``command`` tells two uses of one id apart."""

    command: str
    status: int
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """How far a journal is written: the newest entry's number, and the chain over all entries to it."""

    seq: int = 0
    chain: str = CHAIN_START


class Store:
    """The writer's side of a site's database. Used by one thread at a time."""

    def __init__(self, engine: Engine, *, site: str) -> None:
        self._site = site
        self._connection: Connection = engine.connect()
        self._prepared = Prepared(self._connection)
        owner = self._connection.execute(select(t.journal.c.site).limit(1)).scalar()
        self._head = head(self._connection, site)
        self._connection.rollback()
        if owner not in (None, site):
            raise StoreFault(f"数据库属于站点 {owner}，不是 {site} / the database belongs to {owner}, not to {site}")

    @property
    def head(self) -> Head:
        """How far the journal is written."""
        return self._head

    def close(self) -> None:
        """Give the connection back; the last one out folds the write-ahead log into the database."""
        self._connection.close()

    def load(self, described: Catalogue) -> Hall:
        """Return the hall as the journal leaves it; ``described`` is used where the journal holds no catalogue yet."""
        with self._connection.begin():
            return load(self._connection, described)

    def last_written(self) -> datetime | None:
        """Return when the newest entry was written, by the clock of then; None while there is none."""
        newest = select(t.journal.c.at).where(t.journal.c.site == self._site).order_by(t.journal.c.seq.desc()).limit(1)
        with self._connection.begin():
            at: datetime | None = self._connection.execute(newest).scalar()
        return at

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Open the one transaction of a command: all that is written in it, durably, or nothing.

        Raises StoreFault, StoreFull from within or from the commit at its end.
        """
        with translated(), self._prepared.transaction():
            transaction = Transaction(self._prepared, site=self._site, head=self._head)
            yield transaction
        self._head = transaction.head

    def forget_answers(self, *, before: date) -> None:
        """Forget answers of business days before this one: nobody can still be waiting for them."""
        with translated(), self._connection.begin():
            self._connection.execute(delete(t.requests).where(t.requests.c.business_day < before))


class Transaction:
    """What a command may do between begin and commit. ``head`` is how far the journal will be written by its end."""

    def __init__(self, connection: Prepared, *, site: str, head: Head) -> None:
        self._connection = connection
        self._site = site
        self.head = head

    def answered(self, request_id: str) -> Answered | None:
        """Return what was answered to this request before, if anything."""
        row = self._connection.execute(_ANSWER, {"request_id": request_id}).fetchone()
        return None if row is None else Answered(command=row[0], status=row[1], answer=row[2])

    def write(self, steps: Iterable[Step]) -> None:
        """Write entries to the journal and to the tables made from it."""
        for step in steps:
            self.restore(line_of(step.entry), step)

    def restore(self, line: Line, step: Step) -> None:
        """Write one entry as the line that it was before, at this site or on its way to the county."""
        chain = chain_after(self.head.chain, site=self._site, line=line)
        kind = step.entry.fact.kind
        self._connection.execute(_ENTRY, row_of(line, site=self._site, kind=kind, chain=chain))
        project(self._connection, step)
        self.head = Head(seq=line.seq, chain=chain)

    def remember(self, request_id: str, answer: Answered, *, day: date) -> None:
        """Write down what is answered to a request."""
        self._connection.execute(
            _REQUEST,
            {
                "request_id": request_id,
                "command": answer.command,
                "status": answer.status,
                "answer": answer.answer,
                "business_day": day,
            },
        )


def head(connection: Connection, site: str) -> Head:
    """Return how far a site's journal is written."""
    newest = select(t.journal.c.seq, t.journal.c.chain).where(t.journal.c.site == site)
    row = connection.execute(newest.order_by(t.journal.c.seq.desc()).limit(1)).first()
    return Head() if row is None else Head(seq=row.seq, chain=row.chain)


def load(connection: Connection, described: Catalogue) -> Hall:
    """Make a hall from a journal: the catalogue in force, what was learned, and the current day's entries."""
    site = described.site
    first = connection.execute(select(func.max(t.days.c.first_seq)).where(t.days.c.site == site)).scalar()
    last = connection.execute(select(func.max(t.journal.c.seq)).where(t.journal.c.site == site)).scalar() or 0
    before = last + 1 if first is None else first
    catalogue = _catalogue(connection, described, before=before)
    hall = empty(catalogue, learned=learned(connection, site, before=before))
    for entry in entries(connection, site, since=before - 1):
        hall = apply(hall, entry)
    return replace(hall, seq=last)


def first_described(connection: Connection, site: str) -> Catalogue | None:
    """Return the site as the first entry of its journal describes it; None where it has no such entry."""
    first = next((entry_of(line_from(row)) for row in rows(connection, site, since=0, limit=1)), None)
    if first is None or not isinstance(first.fact, j.CatalogueChanged):
        return None
    return Catalogue.model_validate(first.fact.catalogue)


def entries(connection: Connection, site: str, *, since: int) -> Iterator[j.Entry]:
    """Yield the journal in order, from the entry after ``since``."""
    for row in rows(connection, site, since=since):
        yield entry_of(line_from(row))


def rows(connection: Connection, site: str, *, since: int, limit: int | None = None) -> Iterator[RowMapping]:
    """Yield the journal's rows in order, from the one after ``since``."""
    later = select(t.journal).where(t.journal.c.site == site, t.journal.c.seq > since)
    yield from connection.execute(later.order_by(t.journal.c.seq).limit(limit)).mappings()


def _catalogue(connection: Connection, described: Catalogue, *, before: int) -> Catalogue:
    fact: Any = connection.execute(
        select(t.journal.c.fact)
        .where(t.journal.c.site == described.site, t.journal.c.kind == "catalogue_changed", t.journal.c.seq < before)
        .order_by(t.journal.c.seq.desc())
        .limit(1)
    ).scalar()
    if fact is None:
        return described
    return Catalogue.model_validate(j.CatalogueChanged.model_validate_json(fact).catalogue)
