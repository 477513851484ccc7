"""A hub without a process: a hall in memory whose journal can be pushed to a county, also wrongly."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from plain_hall import MORNING, PlainHall
from sqlalchemy import delete, update

from protocol.county import CHAIN_START, DigestCheck, JournalLine, JournalPush
from server.domain.events.apply import AppliedEntry
from server.domain.model.catalogue import Catalogue
from server.store import tables as t
from server.store.county_database import CountyEngines
from server.store.county_store import CountyStore
from server.store.database import open_reader, open_writer
from server.store.journal.journal_lines import chain_after, line_of
from server.store.journal.outbox import Outbox
from server.store.site_store import Store


class PlainHub(PlainHall):
    """A hall in memory whose journal begins with its description, as every hub's does."""

    def __init__(self, catalogue: Catalogue, site: str, *, at: datetime = MORNING) -> None:
        self.site = site
        super().__init__(catalogue.model_copy(update={"site": site}), at=at)

    def turn_day(self) -> list[AppliedEntry]:
        """Begin the business day; the first one after the site's description."""
        if self.hall.seq == 0:
            self.change(self.hall.site.catalogue)
        return super().turn_day()

    @property
    def lines(self) -> list[JournalLine]:
        """The journal's lines as they are stored and pushed."""
        return [line_of(entry) for entry in self.journal]

    def chain(self, seq: int, lines: list[JournalLine] | None = None) -> str:
        """Return the chain at a number."""
        return self.chain_on(CHAIN_START, (self.lines if lines is None else lines)[:seq])

    def chain_on(self, chain: str, lines: Sequence[JournalLine]) -> str:
        """Return the chain after some more lines."""
        for line in lines:
            chain = chain_after(chain, site=self.site, line=line)
        return chain

    def push(
        self,
        after: int = 0,
        upto: int | None = None,
        *,
        lines: list[JournalLine] | None = None,
        check: DigestCheck | None = None,
    ) -> JournalPush:
        """Return the push of a stretch; ``lines`` are the journal it is cut from, the site's own when left out."""
        journal = self.lines if lines is None else lines
        return JournalPush(
            after=after,
            chain=self.chain(after, journal),
            entries=journal[after:upto],
            check=check,
            now=self.moment,
            version="0.1.0",
            newest=len(journal),
        )


def checked(hub: PlainHub, folder: Path) -> JournalPush:
    """Return the push of the hub's whole journal, with the digest of the tables that its own store makes of it."""
    path = folder / "hub.sqlite"
    store = Store(open_writer(path), site=hub.site)
    with store.transaction() as transaction:
        transaction.write(hub.made)
    store.close()
    return hub.push(check=Outbox(open_reader(path), site=hub.site).batch(after=0, checked=0).check)


def lose_entries(engines: CountyEngines, hub: PlainHub, *, kept: int) -> None:
    """Let a county's database lose the newest entries of a hub and all that was made of them, as an old copy lacks."""
    with engines.writer.begin() as connection:
        connection.execute(delete(t.journal).where(t.journal.c.site == hub.site, t.journal.c.seq > kept))
        head = {"seq": kept, "chain": hub.chain(kept), "hub_seq": kept}
        connection.execute(update(t.heads).where(t.heads.c.site == hub.site).values(**head))
    CountyStore(engines).rebuild(hub.site, repair=True)
