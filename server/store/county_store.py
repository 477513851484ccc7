"""The county's store: every site's journal with its projection into tables, on SQLite or PostgreSQL.

On PostgreSQL several county processes may write concurrently: whoever writes entries of a site locks its head's row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from protocol import journal as j
from protocol.county import CHAIN_START, MAX_ENTRIES_PER_PUSH, JournalLine
from protocol.vocabulary import SiteId
from runtime.owned_files import open_owned
from server.domain.events.apply import AppliedEntry, apply
from server.domain.model.catalogue import Catalogue
from server.domain.model.hall import Hall
from server.store import tables as t
from server.store.county_database import CountyEngines, lock_exclusively, pipelined
from server.store.database import snapshot
from server.store.database_file import DatabaseFile
from server.store.faults import StoreFault, translate_errors
from server.store.journal.digest import tables_digest
from server.store.journal.heads import SiteHead, head_columns, head_from_row
from server.store.journal.journal_lines import chain_after, line_from, line_of, row_of
from server.store.journal.journal_reader import JournalHead, first_catalogue, read_entries, read_head, read_rows
from server.store.journal.site_news import SiteNews, read_heads, read_news
from server.store.projection.project import project
from server.store.projection.rebuild import Rebuild, Report
from server.store.projection.row_batch import RowBatch
from server.store.queries.hall_loader import load_hall
from server.store.soundness import verify_newest_day, verify_structure, verify_unchanged

REFUSAL_EVERY = timedelta(minutes=1)
"""Minimum interval at which a repeated refusal of a site is written."""


class CountyStore:
    """The county's database. As many threads may write at once as ``CountyEngines.writers`` allows."""

    def __init__(self, engines: CountyEngines) -> None:
        self._writer = engines.writer
        self.reader = engines.reader
        """Engine for read-only queries."""
        self.file = DatabaseFile(None if engines.shared else engines.writer.url.database, verify=self._verify)
        self.shared = engines.shared
        """Whether other processes may write the same database."""

    @contextmanager
    def _begin(self) -> Iterator[Connection]:
        """Open a transaction that writes, committed durably at the block's end. Raises StoreFault."""
        with translate_errors(), self.file.written(), self._writer.begin() as connection:
            yield connection

    def _verify(self) -> None:
        """Verify a database that another program has changed. Raises StoreFault."""
        verify_unchanged(self._writer, {site: head.journal for site, head in self.read_heads().items()})

    def prepare(self, sites: Iterable[SiteId]) -> None:
        """Create the missing heads of these sites; a transaction locks the head's row."""
        with self._begin() as connection:
            wanted = list(sites)
            if not _sites_with_heads(connection).issuperset(wanted):
                self._create_heads(connection, wanted)

    def _create_heads(self, connection: Connection, sites: Iterable[SiteId]) -> None:
        if self.shared:
            connection.exec_driver_sql("LOCK TABLE heads IN SHARE ROW EXCLUSIVE MODE")
        known = _sites_with_heads(connection)
        fresh = [{"site": site, **head_columns(SiteHead())} for site in sites if site not in known]
        if fresh:
            connection.execute(insert(t.heads), fresh)

    def check(self) -> None:
        """Check a database in a file of the county's own: its rights, its structure and the newest day of each journal.

        Raises StoreFault.
        """
        if self.shared:
            return
        path = Path(str(self._writer.url.database))
        self.file.check_rights()
        verify_structure(path)
        for site in self.read_heads():
            verify_newest_day(path, site)

    def read_heads(self) -> dict[SiteId, SiteHead]:
        """Return the head of every site, by site."""
        with translate_errors(), self.reader.connect() as connection:
            return read_heads(connection)

    def read_news(self, known: Mapping[SiteId, SiteHead]) -> dict[SiteId, SiteNews]:
        """Return what has been written to the journals since their known heads, by site."""
        with translate_errors(), snapshot(self.reader) as connection:
            return read_news(connection, known)

    def load_site(self, site: SiteId) -> tuple[SiteHead, Hall | None]:
        """Return a site's head, and the hall that its journal results in; None without a journal."""
        with translate_errors(), snapshot(self.reader) as connection:
            return read_heads(connection).get(site, SiteHead()), _hall(connection, site, None)

    def read_entries(self, site: SiteId, *, since: int) -> list[j.Entry]:
        """Return the entries of a journal after ``since``, in order."""
        with translate_errors(), snapshot(self.reader) as connection:
            return list(read_entries(connection, site, since=since))

    def chain_at(self, site: SiteId, seq: int) -> str | None:
        """Return the chain of a site's journal at a number; None where the journal has none."""
        with translate_errors(), self.reader.connect() as connection:
            return _chain_at(connection, site, seq)

    def seq_before(self, site: SiteId, at: datetime) -> int:
        """Return the number up to which all entries of a journal are older than a moment.

        Entries after the first one that is not older do not count, whatever their time: a clock may have been put back.
        """
        own = t.journal.c
        both = select(func.min(own.seq).filter(own.at >= at), func.max(own.seq)).where(own.site == site)
        with translate_errors(), self.reader.connect() as connection:
            first, newest = connection.execute(both).one()
        return (newest or 0) if first is None else first - 1

    def read_stretch(self, site: SiteId, *, since: int) -> tuple[int, str | None, list[JournalLine]]:
        """Return how far a journal is, its chain at ``since`` (None when it is shorter), and the lines after that."""
        with translate_errors(), snapshot(self.reader) as connection:
            lines = [line_from(row) for row in read_rows(connection, site, since=since, limit=MAX_ENTRIES_PER_PUSH)]
            return read_head(connection, site).seq, _chain_at(connection, site, since), lines

    def forget(self, site: SiteId, kept: Path) -> int:
        """Delete a site's journal and its tables, after writing its lines to the file ``kept``; return their number.

        Raises StoreFault: there are none, or a server runs on the database, which would not notice the deletion.
        """
        with self._begin() as connection:
            if self.shared:
                lock_exclusively(connection)
            if not list(read_rows(connection, site, since=0, limit=1)):
                raise self._no_journal(site)
            count = _write_lines(connection, site, kept, since=0)
            for table in (t.journal, t.heads, *t.MADE_FROM_JOURNAL):
                connection.execute(delete(table).where(table.c.site == site))
        return count

    def rebuild(self, site: SiteId, *, repair: bool) -> Report:
        """Rebuild a site's tables from its journal, compare them with the stored ones, and ``repair`` those on request.

        A server may run meanwhile: it waits only for the repair itself. Raises StoreFault: the site has no journal, or
        another one than at the comparison.
        """
        with translate_errors(), closing(Rebuild(site)) as again:
            with snapshot(self.reader) as connection:
                compared = read_head(connection, site)
                if again.is_journal_intact(connection):
                    again.compare(connection, self._described(connection, site))
            if repair and again.report.different:
                with self.transaction(site) as held:
                    if held.chain_at(compared.seq) != compared.chain:
                        raise StoreFault(
                            f"{site} 的流水刚被换掉，请再运行一次",
                            f"the journal of {site} was replaced just now: run the command again",
                        )
                    held.repair(again)
            return again.report

    def _described(self, connection: Connection, site: SiteId) -> Catalogue:
        initial = first_catalogue(connection, site)
        if initial is None:
            raise self._no_journal(site)
        return initial

    def _no_journal(self, site: SiteId) -> StoreFault:
        url = self._writer.url
        return StoreFault(
            f"{url} 里没有 {site} 的流水，无事可做", f"{url} has no entry of {site}: there is nothing to do"
        )

    def note_hub_seq(self, site: SiteId, seq: int) -> None:
        """Record that a hub has its journal at least up to a number, which the database has lost."""
        head = t.heads.c
        fewer = or_(head.hub_seq.is_(None), head.hub_seq < seq)
        with self._begin() as connection:
            connection.execute(update(t.heads).where(head.site == site, fewer).values(hub_seq=seq))

    def note_refusal(self, site: SiteId, name: str, *, at: datetime) -> None:
        """Record why a site's entries were refused."""
        head = t.heads.c
        is_news = or_(head.refused != name, ~head.refused_at.between(at - REFUSAL_EVERY, at))
        change = update(t.heads).where(head.site == site, is_news)
        with self._begin() as connection:
            connection.execute(change.values(refused=name, refused_at=at))

    @contextmanager
    def transaction(self, site: SiteId) -> Iterator[SiteTransaction]:
        """Open a transaction that locks a site's journal: committed durably at the block's end, or not at all.

        Raises StoreFault; StoreRefused for values that the database does not take.
        """
        held = select(t.heads).where(t.heads.c.site == site).with_for_update()
        with self._begin() as connection:
            row = connection.execute(held).mappings().one_or_none()
            if row is None:  # the site was deleted under a running server
                self._create_heads(connection, [site])
                row = connection.execute(held).mappings().one()
            yield SiteTransaction(connection, site, head_from_row(row))

    def close(self) -> None:
        """Close all connections; the file of an SQLite database is then whole without its write-ahead log."""
        self.reader.dispose()
        self._writer.dispose()
        self.file.merge_log()


class SiteTransaction:
    """A transaction on one site's journal. ``head`` is how far the journal will be when it commits."""

    def __init__(self, connection: Connection, site: SiteId, head: SiteHead) -> None:
        self._connection = connection
        self._site = site
        self.head = head

    def load_hall(self, known: Hall | None, *, chain: str) -> Hall | None:
        """Return the hall that the journal results in.

        It is folded on from ``known`` if the journal has that hall's last entry, with its ``chain``.
        """
        if known is not None and known.seq == self.head.seq and chain == self.head.chain:
            return known
        goes_on = known is not None and self.chain_at(known.seq) == chain
        return _hall(self._connection, self._site, known if goes_on else None)

    def chain_at(self, seq: int) -> str | None:
        """Return the chain at a number; None where the journal has none."""
        return _chain_at(self._connection, self._site, seq)

    def chains(self, after: int, count: int) -> list[str]:
        """Return the chains at the ``count`` numbers after a number, as far as the journal has them."""
        own = t.journal.c
        later = select(own.chain).where(own.site == self._site, own.seq > after).order_by(own.seq).limit(count)
        return list(self._connection.execute(later).scalars())

    def cut(self, seq: int, kept: Path) -> int:
        """Delete the entries after a number, after writing their lines to the file ``kept``; return how many.

        The tables are made again from the rest.
        """
        count = _write_lines(self._connection, self._site, kept, since=seq)
        chain = self.chain_at(seq) or CHAIN_START
        self._connection.execute(delete(t.journal).where(t.journal.c.site == self._site, t.journal.c.seq > seq))
        self.write_head(replace(self.head, seq=seq, chain=chain, tables_equal=None, checked_seq=None, checked_at=None))
        initial = first_catalogue(self._connection, self._site)
        if initial is None:
            for table in t.MADE_FROM_JOURNAL:
                self._connection.execute(delete(table).where(table.c.site == self._site))
            return count
        with closing(Rebuild(self._site)) as again:
            again.compare(self._connection, initial)
            again.repair(self._connection)
        return count

    def append_applied(self, lines: Sequence[tuple[JournalLine, str]], steps: Sequence[AppliedEntry]) -> None:
        """Append lines to the journal, each with its chain, and project them; ``steps`` are the same entries applied.

        All of it is sent at once, so that a distant database costs one round trip and not one for each entry.
        """
        batch = RowBatch()
        for step in steps:
            project(batch, step)
        kinds = (step.entry.fact.kind for step in steps)
        with pipelined(self._connection):
            self.append_lines([(*line, kind) for line, kind in zip(lines, kinds, strict=True)])
            batch.write(self._connection)

    def append_lines(self, lines: Sequence[tuple[JournalLine, str, str]]) -> None:
        """Append lines to the journal, each with its chain and the kind of its fact; they are not projected."""
        if lines:
            made = [row_of(line, site=self._site, kind=kind, chain=chain) for line, chain, kind in lines]
            self._connection.execute(insert(t.journal), made)

    def append_facts(self, facts: Iterable[j.AnyFact], *, moment: j.Moment, actor: str) -> JournalHead:
        """Append facts to the county's own journal, and return how far it is then."""
        seq, chain, lines = self.head.seq, self.head.chain, []
        for fact in facts:
            seq += 1
            line = line_of(j.Entry(seq=seq, moment=moment, actor=actor, request_id=None, fact=fact))
            chain = chain_after(chain, site=self._site, line=line)
            lines.append((line, chain, fact.kind))
        self.append_lines(lines)
        self.write_head(replace(self.head, seq=seq, chain=chain, received_at=moment.at, heard_at=moment.at))
        return JournalHead(seq=seq, chain=chain)

    def repair(self, again: Rebuild) -> None:
        """Repair the tables with those rebuilt from the journal."""
        again.repair(self._connection)

    def digest(self, day: date) -> str:
        """Return the digest of a business day's tables within this transaction."""
        return tables_digest(self._connection, self._site, day)

    def write_head(self, head: SiteHead) -> None:
        """Write how far the journal is and how it stands with the site."""
        change = update(t.heads).where(t.heads.c.site == self._site)
        self._connection.execute(change.values(**head_columns(head)))
        self.head = head


def _hall(connection: Connection, site: SiteId, known: Hall | None) -> Hall | None:
    if known is None:
        initial = first_catalogue(connection, site)
        return None if initial is None else load_hall(connection, initial)
    for entry in read_entries(connection, site, since=known.seq):
        known = apply(known, entry)
    return known


def _write_lines(connection: Connection, site: SiteId, kept: Path, *, since: int) -> int:
    """Write the lines of a journal after a number to a new file, and return their number."""
    seq = since
    with open_owned(kept, "x") as file:
        while lines := [line_from(row) for row in read_rows(connection, site, since=seq, limit=MAX_ENTRIES_PER_PUSH)]:
            file.writelines(line.model_dump_json() + "\n" for line in lines)
            seq = lines[-1].seq
    return seq - since


def _chain_at(connection: Connection, site: SiteId, seq: int) -> str | None:
    if seq == 0:
        return CHAIN_START
    at = select(t.journal.c.chain).where(t.journal.c.site == site, t.journal.c.seq == seq)
    found: str | None = connection.execute(at).scalar()
    return found


def _sites_with_heads(connection: Connection) -> set[str]:
    return set(connection.execute(select(t.heads.c.site)).scalars())
