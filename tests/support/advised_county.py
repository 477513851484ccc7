"""A county's rounds of advice on a real store, with a clock that only the test moves, and hubs in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from plain_hub import PlainHub

from protocol import journal as j
from protocol.vocabulary import Text
from server.county.intake.inbox import CountyInbox
from server.county.intake.known_sites import KnownSites
from server.county.planning.advisor import Advisor
from server.county.planning.county_writer import CountyWriter
from server.county.planning.site_states import site_states
from server.county.settings import CountySite
from server.domain.county import proposal_book
from server.domain.county.proposal_book import COUNTY, ProposalBook, ProposalRecord
from server.domain.county.travel import Travel
from server.domain.model.catalogue import Catalogue
from server.runtime.clock import Clock
from server.store.county_database import open_county
from server.store.county_store import CountyStore
from server.store.queries.help_results import HelpResults

MORNING = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)
"""A Monday, 09:00 in Shanghai."""
ZONE = "Asia/Shanghai"


class AdvisedCounty:
    """A county of these sites; the test runs its rounds of advice."""

    def __init__(self, address: str, described: Mapping[str, Catalogue], *, travel: Travel | None = None) -> None:
        self._passed_s = 0.0
        clock = Clock(wall=lambda: MORNING + timedelta(seconds=self._passed_s), mono=lambda: 1e6 + self._passed_s)
        engines = open_county(address)
        self.clock = clock
        self.hubs = {site: PlainHub(catalogue, site, at=MORNING) for site, catalogue in described.items()}
        sites = {site: _described(site) for site in described}
        self.store = CountyStore(engines)
        self.store.prepare([*sites, COUNTY])
        self.known_sites = KnownSites(self.store, sites, clock=clock, on_change=lambda *_: None)
        self.known_sites.refresh()
        self._inbox = CountyInbox(self.store, self.known_sites, clock=clock)
        self._writers = ThreadPoolExecutor(1)
        self._journal = CountyWriter(self.store, self.known_sites, clock=clock, writers=self._writers)
        self._proposing = Advisor(
            lambda: site_states(sites, self.known_sites.sites, {}),
            self._journal,
            HelpResults(self.store.reader),
            has_all=self.known_sites.has_all,
            book=lambda: self.known_sites.book,
            travel=travel or Travel(),
            clock=clock,
            time_zone=ZONE,
        )

    @property
    def hub(self) -> PlainHub:
        """The first site's hub."""
        return next(iter(self.hubs.values()))

    def wait(self, seconds: float) -> None:
        """Let time pass everywhere."""
        self._passed_s += seconds
        for hub in self.hubs.values():
            hub.wait(seconds)

    def push(self, *, after: int | None = None, upto: int | None = None) -> None:
        """Accept the new entries of every hub, or those of a given range."""
        for site, hub in self.hubs.items():
            known = self.known_sites.sites[site].head.seq
            self._inbox.accept(site, hub.push(after=known if after is None else after, upto=upto))

    def reread_book(self) -> ProposalBook:
        """Return the county's own proposals as a process that starts now reads them."""
        fresh = KnownSites(self.store, self.hubs, clock=self.clock, on_change=lambda *_: None)
        fresh.refresh()
        return fresh.book

    def run_round(self) -> None:
        """Accept the new entries of every hub, then do what is due."""
        self.push()
        self.tick()

    def tick(self) -> None:
        """Do what is due."""
        asyncio.run(self._proposing.tick())

    def decide(self, decision: str) -> None:
        """A manager decides the one proposal that waits for it."""
        (open_,) = self.known_sites.book.open
        name = open_.fact.proposal
        chosen = "accepted" if decision == "accepted" else "declined"
        asyncio.run(
            self._journal.write(
                lambda book, _: proposal_book.decide(book, proposal=name, decision=chosen), actor="manager"
            )
        )

    @property
    def now(self) -> j.Moment:
        """The moment by the county's clock."""
        return self.clock.now()

    @property
    def proposals(self) -> list[ProposalRecord]:
        """Every proposal, oldest first."""
        return list(self.known_sites.book.proposals.values())

    def close(self) -> None:
        """End the writer's thread and the store."""
        self._writers.shutdown()
        self.store.close()


def _described(site: str) -> CountySite:
    name = Text(zh=f"{site}厅", en=f"{site} hall")
    return CountySite(id=site, name=name, address=name)
