"""The county's own journal: what it proposes, what managers decide, and what came of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from functools import partial

from protocol import journal as j
from server.county.intake.known_sites import KnownSites
from server.domain.county import proposal_book
from server.domain.county.proposal_book import COUNTY, ProposalBook
from server.domain.model.refusals import Refusal
from server.runtime.clock import Clock
from server.store.county_store import CountyStore
from server.store.faults import StoreFault

log = logging.getLogger(__name__)

CountyRule = Callable[[ProposalBook, j.Moment], Iterable[j.AnyFact]]
"""What is written, given all that was written before; raises a Refusal to write nothing."""


class CountyWriter:
    """Written by one process at a time: each first reads what the others have written."""

    def __init__(self, store: CountyStore, picture: KnownSites, *, clock: Clock, writers: Executor) -> None:
        self._store = store
        self._picture = picture
        self._clock = clock
        self._writers = writers

    async def write(self, rule: CountyRule, *, actor: str) -> None:
        """Write what a rule makes of the book as it is now, durably. Raises StoreFault, and what the rule raises.

        What is written is written, also when the picture cannot be brought up to date with it.
        """
        await asyncio.get_running_loop().run_in_executor(self._writers, partial(self._write, rule, actor=actor))

    def _write(self, rule: CountyRule, *, actor: str) -> None:
        try:
            with self._store.transaction(COUNTY) as transaction:
                book = self._picture.book
                for entry in self._store.read_entries(COUNTY, since=book.seq):
                    book = proposal_book.apply_to_book(book, entry)
                moment = self._clock.now()
                facts = list(rule(book, moment))
                if facts:
                    transaction.append_facts(facts, moment=moment, actor=actor)
        except Refusal:  # for what stands there already
            self._refresh()
            raise
        self._refresh()

    def _refresh(self) -> None:
        """See what is written now. It is written, whether it can be seen at once or not."""
        try:
            self._picture.refresh()
        except StoreFault:
            log.exception("what was written could not be looked at; it is seen with the next look")
