"""What the county itself writes: told as it is, also when it cannot be read back at once."""

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


class Desk:
    """A county's journal. What it writes can be read back for its picture while ``way`` leads to the database."""

    def __init__(self, folder: Path) -> None:
        self._file, self._way = folder / "county.sqlite", folder / "way.sqlite"
        self._engines = open_county(f"sqlite:///{self._file}")
        self.store = CountyStore(self._engines)
        self.store.prepare([COUNTY])
        self._seen = CountyStore(replace(self._engines, reader=open_reader(self._way)))
        self._writers = ThreadPoolExecutor(1)
        self.known_sites = KnownSites(self._seen, [], clock=Clock(), on_change=lambda *_: None)
        self._journal = CountyWriter(self.store, self.known_sites, clock=Clock(), writers=self._writers)

    def ruin(self) -> None:
        """Let the database take nothing any more."""
        with self._engines.writer.begin() as connection:
            connection.exec_driver_sql("DROP TABLE heads")

    def mend(self) -> None:
        self._way.symlink_to(self._file)

    def write(self, rule: CountyRule) -> None:
        asyncio.run(self._journal.write(rule, actor="manager"))

    @property
    def kinds(self) -> list[str]:
        return [entry.fact.kind for entry in self.store.read_entries(COUNTY, since=0)]

    def close(self) -> None:
        self._writers.shutdown()
        self._seen.reader.dispose()
        self.store.close()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    desk.close()


def test_what_was_written_is_no_fault_although_it_cannot_be_read_back(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    desk.write(lambda *_: [MADE])
    desk.write(ACCEPT)
    assert desk.kinds == ["proposal_made", "proposal_decided"]
    assert desk.known_sites.book.seq == 0
    assert [record.levelno for record in caplog.records] == [logging.ERROR] * 2


def test_where_nothing_could_be_written_nothing_is_looked_at(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    desk.ruin()
    with pytest.raises(StoreFault):
        desk.write(lambda *_: [MADE])
    assert caplog.records == []


def test_what_was_written_and_not_seen_is_seen_soon(county: RealCounty) -> None:
    store = CountyStore(open_county(county.database))
    with store.transaction(COUNTY) as transaction:
        accepted = j.ProposalDecided(proposal=MADE.proposal, decision="accepted")
        transaction.append_facts([MADE, accepted], moment=Clock().now(), actor="manager")
    store.close()
    until(lambda: county.view("site-1").helps, within_s=20, what="the site hears what was agreed")


@pytest.mark.parametrize("again", [ACCEPT, DECLINE])
def test_what_could_not_be_read_back_is_seen_when_somebody_decides_again(desk: Desk, again: CountyRule) -> None:
    desk.write(lambda *_: [MADE])
    desk.write(ACCEPT)
    desk.mend()
    if again is DECLINE:
        with pytest.raises(ProposalDecidedAlready):
            desk.write(again)
    else:
        desk.write(again)
    assert desk.kinds == ["proposal_made", "proposal_decided"]
    assert desk.known_sites.book.proposals["p"].decision == "accepted"
