"""Writes the county's own journal: proposals, the managers' decisions, and measured results."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from functools import partial, reduce

from protocol import journal as j
from server.county.intake.known_sites import KnownSites
from server.domain.county import proposal_book
from server.domain.county.proposal_book import COUNTY, ProposalBook
from server.domain.model.refusals import Refusal
from server.runtime.clock import Clock
from server.store.county_store import CountyStore, SiteTransaction
from server.store.faults import StoreFault

log = logging.getLogger(__name__)

CountyRule = Callable[[ProposalBook, j.Moment], Iterable[j.AnyFact]]
"""A rule: returns the facts to write, given the newest book and the moment; raises a Refusal to write nothing."""


class CountyWriter:
    """The writer of the county's own journal. Of several processes one writes at a time, after reading the others'."""

    def __init__(self, store: CountyStore, known_sites: KnownSites, *, clock: Clock, writers: Executor) -> None:
        self._store = store
        self._known_sites = known_sites
        self._clock = clock
        self._writers = writers

    async def write(self, rule: CountyRule, *, actor: str) -> None:
        """Write the facts of a rule, durably. Raises StoreFault, and whatever the rule raises.

        What is committed stays committed even if reading it back fails.
        """
        await asyncio.get_running_loop().run_in_executor(self._writers, partial(self._write, rule, actor=actor))

    def _write(self, rule: CountyRule, *, actor: str) -> None:
        try:
            with self._store.transaction(COUNTY) as transaction:
                book, moment = self._newest_book(transaction), self._clock.now()
                facts = list(rule(book, moment))
                if facts:
                    transaction.append_facts(facts, moment=moment, actor=actor)
        except Refusal:  # the rule was decided on entries that this process may not have read yet
            self._refresh()
            raise
        self._refresh()

    def _newest_book(self, transaction: SiteTransaction) -> ProposalBook:
        """Return the book that the locked journal results in, folding on from the known one if the journal has it."""
        known = self._known_sites.county
        book = known.book if transaction.chain_at(known.head.seq) == known.head.chain else ProposalBook()
        return reduce(proposal_book.apply_to_book, self._store.read_entries(COUNTY, since=book.seq), book)

    def _refresh(self) -> None:
        """Read back what is committed; a fault is only logged, because the next refresh makes up for it."""
        try:
            self._known_sites.refresh()
        except StoreFault as fault:
            log.error("committed entries could not be read back; the next refresh reads them: %s", fault)  # noqa: TRY400 - the cause is the store's
