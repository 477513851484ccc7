"""Reads from a hub's database the entries that the county lacks, on a connection of its own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import Connection, Engine, select

from protocol.county import CHAIN_START, MAX_ENTRIES_PER_PUSH, DigestCheck, JournalLine
from protocol.vocabulary import SiteId
from server.store import tables as t
from server.store.database import snapshot
from server.store.faults import translate_errors
from server.store.journal.digest import tables_digest
from server.store.journal.journal_lines import line_from
from server.store.journal.journal_reader import read_head, read_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Consecutive entries, and the chain before them."""

    chain: str
    lines: tuple[JournalLine, ...]
    newest: int
    """Number of the newest entry in the journal."""
    check: DigestCheck | None = None
    day_left: bool = False
    """Whether the check is of the day before, so that the newest day has still to be compared."""


class Outbox:
    """A site's own journal in batches for the county."""

    def __init__(self, engine: Engine, *, site: SiteId) -> None:
        self._engine = engine
        self._site = site

    def newest(self) -> int:
        """Return the number of the newest entry. Raises StoreFault."""
        with translate_errors(), snapshot(self._engine) as connection:
            return read_head(connection, self._site).seq

    def batch(self, *, after: int, checked: int | None, at_most: int = MAX_ENTRIES_PER_PUSH) -> Batch:
        """Return the next entries, and together with the newest of them the digest of the day's tables.

        ``checked`` is the entry of the last comparison, None when no digest is wanted. When a day began after it, the
        day before is compared first, in its final state. Raises StoreFault.
        """
        with translate_errors(), snapshot(self._engine) as connection:
            found = read_rows(connection, self._site, since=after, limit=at_most)
            lines = tuple(line_from(row) for row in found)
            newest = read_head(connection, self._site).seq
            complete = newest == (lines[-1].seq if lines else after)
            batch = Batch(chain=self._chain(connection, after), lines=lines, newest=newest)
            return batch if checked is None or not complete else self._with_check(connection, batch, checked)

    def _chain(self, connection: Connection, seq: int) -> str:
        at = select(t.journal.c.chain).where(t.journal.c.site == self._site, t.journal.c.seq == seq)
        return connection.execute(at).scalar() or CHAIN_START

    def _with_check(self, connection: Connection, batch: Batch, checked: int) -> Batch:
        latest = select(t.days).where(t.days.c.site == self._site).order_by(t.days.c.first_seq.desc()).limit(2)
        days = connection.execute(latest).all()
        if not days:
            return batch
        is_of_day_before = len(days) > 1 and days[0].first_seq > checked
        day: date = days[1 if is_of_day_before else 0].day
        tables = tables_digest(connection, self._site, day)
        return replace(batch, check=DigestCheck(seq=batch.newest, day=day, tables=tables), day_left=is_of_day_before)
