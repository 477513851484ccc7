"""The county's own writes: one that cannot be read back at once is no failed write."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from real_county import RealCounty
from real_hall import until

from protocol import journal as j
from server.county.intake.known_sites import KnownSites
from server.county.planning.county_writer import CountyRule, CountyWriter
from server.domain.county import proposal_book
from server.domain.county.proposal_book import COUNTY
from server.domain.model.refusals import ProposalDecidedAlready
from server.runtime.clock import Clock
from server.store.county_database import open_county
from server.store.county_store import CountyStore
from server.store.database import open_reader
from server.store.faults import StoreFault

MADE = j.ProposalMade(
    proposal="p",
    site="site-1",
    window="window-1",
    services=("invoice",),
    before_p90_min=30,
    after_p90_min=20,
    saving_min=60,
    confidence=1,
)
ACCEPT: CountyRule = lambda book, _: proposal_book.decide(book, proposal="p", decision="accepted")
DECLINE: CountyRule = lambda book, _: proposal_book.decide(book, proposal="p", decision="declined")


class WrittenJournal:
    """A county's journal; its entries can be read back only after ``mend``."""

    def __init__(self, folder: Path) -> None:
        self._file, self._read_path = folder / "county.sqlite", folder / "read.sqlite"
        self._engines = open_county(f"sqlite:///{self._file}")
        self.store = CountyStore(self._engines)
        self.store.prepare([COUNTY])
        self._seen = CountyStore(replace(self._engines, reader=open_reader(self._read_path)))
        self._writers = ThreadPoolExecutor(1)
        self.known_sites = KnownSites(self._seen, [], clock=Clock(), on_change=lambda *_: None)
        self._writer = CountyWriter(self.store, self.known_sites, clock=Clock(), writers=self._writers)

    def break_writes(self) -> None:
        """Make every later write fail."""
        with self._engines.writer.begin() as connection:
            connection.exec_driver_sql("DROP TABLE heads")

    def mend(self) -> None:
        self._read_path.symlink_to(self._file)

    def write(self, rule: CountyRule) -> None:
        asyncio.run(self._writer.write(rule, actor="manager"))

    @property
    def kinds(self) -> list[str]:
        return [entry.fact.kind for entry in self.store.read_entries(COUNTY, since=0)]

    def close(self) -> None:
        self._writers.shutdown()
        self._seen.reader.dispose()
        self.store.close()


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[WrittenJournal]:
    journal = WrittenJournal(tmp_path)
    yield journal
    journal.close()


def test_a_write_that_cannot_be_read_back_is_logged_and_no_fault(
    journal: WrittenJournal, caplog: pytest.LogCaptureFixture
) -> None:
    journal.write(lambda *_: [MADE])
    journal.write(ACCEPT)
    assert journal.kinds == ["proposal_made", "proposal_decided"]
    assert journal.known_sites.book.seq == 0
    assert [record.levelno for record in caplog.records] == [logging.ERROR] * 2


def test_after_a_failed_write_nothing_is_read_back(journal: WrittenJournal, caplog: pytest.LogCaptureFixture) -> None:
    journal.break_writes()
    with pytest.raises(StoreFault):
        journal.write(lambda *_: [MADE])
    assert caplog.records == []


def test_an_entry_of_another_process_is_read_soon(county: RealCounty) -> None:
    store = CountyStore(open_county(county.database))
    with store.transaction(COUNTY) as transaction:
        accepted = j.ProposalDecided(proposal=MADE.proposal, decision="accepted")
        transaction.append_facts([MADE, accepted], moment=Clock().now(), actor="manager")
    store.close()
    until(lambda: county.view("site-1").helps, within_s=20, what="the site's view has what was agreed")


@pytest.mark.parametrize("again", [ACCEPT, DECLINE])
def test_an_entry_that_could_not_be_read_back_is_read_before_a_decision(
    journal: WrittenJournal, again: CountyRule
) -> None:
    journal.write(lambda *_: [MADE])
    journal.write(ACCEPT)
    journal.mend()
    if again is DECLINE:
        with pytest.raises(ProposalDecidedAlready):
            journal.write(again)
    else:
        journal.write(again)
    assert journal.kinds == ["proposal_made", "proposal_decided"]
    assert journal.known_sites.book.proposals["p"].decision == "accepted"
