"""A site's store: one transaction writes the entries of commands, their projection, and the answers."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, bindparam, delete, func, insert, select, text

from protocol.county import CHAIN_START, JournalLine
from protocol.vocabulary import SiteId
from server.domain.events.apply import AppliedEntry
from server.domain.model.catalogue import Catalogue
from server.domain.model.hall import Hall
from server.store import tables as t
from server.store.database_file import DatabaseFile
from server.store.faults import StoreUnusable, translate_errors
from server.store.journal.journal_lines import chain_after, line_of, row_of
from server.store.journal.journal_mark import UNKNOWN_CHAIN, JournalMark
from server.store.journal.journal_reader import JournalHead, read_head
from server.store.prepared_statements import PreparedConnection, Values
from server.store.projection.project import project
from server.store.projection.row_statements import RowStatement
from server.store.queries.hall_loader import load_hall
from server.store.queries.issued_numbers_query import IssuedNumbersQuery
from server.store.soundness import verify_unchanged

log = logging.getLogger(__name__)

_ENTRY = insert(t.journal)
_REQUEST = insert(t.requests)
_ANSWER = select(t.requests.c.command, t.requests.c.status, t.requests.c.answer).where(
    t.requests.c.request_id == bindparam("request_id")
)


_PROBE = text("PRAGMA user_version = 0")


@dataclass(frozen=True, slots=True, kw_only=True)
class RememberedAnswer:
    """The stored answer to a request. ``command`` is the fingerprint that distinguishes two uses of one request id."""

    command: str
    status: int
    answer: str


class Store:
    """The writer's connection to a site's database. Used by one thread at a time."""

    def __init__(self, engine: Engine, *, site: SiteId) -> None:
        self._site = site
        self._connection: Connection = engine.connect()
        self._prepared = PreparedConnection(self._connection)
        self.numbers = IssuedNumbersQuery(self._prepared, site=site)
        path = Path(str(engine.url.database))
        with translate_errors():
            self._head = read_head(self._connection, site)
            owners = select(func.min(t.journal.c.site), func.max(t.journal.c.site))
            others = {*self._connection.execute(owners).one()} - {None, site}
            self._connection.rollback()
        self.file = DatabaseFile(engine.url.database, verify=lambda: verify_unchanged(engine, {site: self._head}))
        self._mark = JournalMark(path)
        self._marked = self._mark.read()
        self._is_mark_due = False
        if others:
            owner = min(others)
            raise StoreUnusable(
                f"数据库属于站点 {owner}，不是 {site}，请放回本站点的",
                f"the database belongs to {owner}, not to {site}: put this site's own back",
            )

    @property
    def head(self) -> JournalHead:
        """Head of the committed journal."""
        return self._head

    @property
    def is_behind(self) -> bool:
        """Whether the journal was further once than it is now."""
        return self._marked is not None and self._head.seq < self._marked.seq

    def check_mark(self) -> None:
        """Raise StoreUnusable when the journal is not the one that was written last, or ends before it did."""
        marked = self._marked
        if marked is not None and self._head.seq < marked.seq:
            raise StoreUnusable(
                f"数据库只有到第 {self._head.seq} 条流水，本站点写到过第 {marked.seq} 条：请放回最新的数据库后重启；"
                f"如果没有更新的，删除 {self._mark.path} 后重启，那以后发过的号会再发一次",
                f"the database has entries up to {self._head.seq}, and {marked.seq} were written here: put the newest "
                f"copy back and restart; if there is none, delete {self._mark.path} and restart, and the numbers "
                "issued since are issued again",
            )
        if marked is not None and marked.chain not in (UNKNOWN_CHAIN, self._chain_at(marked.seq)):
            raise StoreUnusable(
                f"数据库的流水不是本站点写的那一份：请放回最新的数据库，或删除 {self._mark.path}，然后重启",
                f"the database holds another journal than was written here: put the newest copy back, or delete "
                f"{self._mark.path}; then restart",
            )
        self._is_mark_due = True
        self.note_head()

    def note_head(self) -> None:
        """Note beside the database how far the journal was written since the last note; the answers need not wait."""
        if self._is_mark_due and not self.is_behind:
            self._is_mark_due = False
            self._marked = self._head
            self._mark.write(self._head)

    def _chain_at(self, seq: int) -> str:
        at = select(t.journal.c.chain).where(t.journal.c.site == self._site, t.journal.c.seq == seq)
        with translate_errors(), self._connection.begin():
            return self._connection.execute(at).scalar() or CHAIN_START

    def close(self) -> None:
        """Note the journal's head, and close the connection, the engine's only one."""
        self.note_head()
        self._connection.close()
        self._connection.engine.dispose()

    def load(self, initial: Catalogue) -> Hall:
        """Return the hall that the journal results in; ``initial`` is used while the journal has no catalogue."""
        with self._connection.begin():
            return load_hall(self._connection, initial)

    def last_written(self) -> datetime | None:
        """Return the time of the newest entry, by the clock at that time; None without entries."""
        newest = select(t.journal.c.at).where(t.journal.c.site == self._site).order_by(t.journal.c.seq.desc()).limit(1)
        with self._connection.begin():
            at: datetime | None = self._connection.execute(newest).scalar()
        return at

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Open a transaction: everything written in the block is committed durably at its end, or nothing is.

        Raises StoreFault, StoreFull, from the block or from the commit at its end.
        """
        with translate_errors(), self.file.written(), self._prepared.transaction():
            transaction = Transaction(self._prepared, site=self._site, head=self._head)
            yield transaction
        if transaction.head != self._head:
            self._head = transaction.head
            self._is_mark_due = True

    def forget_answers(self, *, before: date) -> None:
        """Delete the answers of business days before this one: their requests are not repeated any more."""
        with translate_errors(), self.file.written(), self._connection.begin():
            self._connection.execute(delete(t.requests).where(t.requests.c.business_day < before))


class Transaction:
    """An open transaction. ``head`` is the journal's head once it commits."""

    def __init__(self, connection: PreparedConnection, *, site: SiteId, head: JournalHead) -> None:
        self._connection = connection
        self._rows = _RowWriter(connection)
        self._site = site
        self.head = head

    def answered(self, request_id: str) -> RememberedAnswer | None:
        """Return the stored answer to this request; None for a new one."""
        row = self._connection.execute(_ANSWER, {"request_id": request_id}).fetchone()
        return None if row is None else RememberedAnswer(command=row[0], status=row[1], answer=row[2])

    def write(self, steps: Iterable[AppliedEntry]) -> None:
        """Write new entries to the journal and project them into the tables."""
        for step in steps:
            self.append(line_of(step.entry), step)

    def append(self, line: JournalLine, step: AppliedEntry) -> None:
        """Append one entry to the journal and project it; ``line`` is its stored form, which a restore must keep."""
        chain = chain_after(self.head.chain, site=self._site, line=line)
        kind = step.entry.fact.kind
        self._connection.execute(_ENTRY, row_of(line, site=self._site, kind=kind, chain=chain))
        project(self._rows, step)
        self.head = JournalHead(seq=line.seq, chain=chain)

    def probe(self) -> None:
        """Write something without meaning: whether the database takes changes again shows at the commit."""
        self._connection.execute(_PROBE, {})

    def remember(self, request_id: str, answer: RememberedAnswer, *, day: date) -> None:
        """Store the answer to a request, of a business day."""
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


class _RowWriter:
    """Runs the projection's statements at once."""

    def __init__(self, connection: PreparedConnection) -> None:
        self._connection = connection

    def execute(self, statement: RowStatement, values: Values, /) -> None:
        self._connection.execute(statement.sql, values)
