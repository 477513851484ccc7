"""Refused pushes: one that is too large is made smaller, and a stopped push goes on once the county is mended."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from plain_hub import PlainHub, lose_entries
from real_county import RealCounty
from real_hall import until

from protocol.answers import CountyState
from protocol.vocabulary import Text
from server.county.app import LARGEST_BODY
from server.domain.forecast.forecast import Forecast
from server.domain.model.catalogue import Catalogue
from server.hub.replication import replicator
from server.hub.replication.county_link import CountyLink
from server.hub.replication.replicator import Replicator
from server.runtime.clock import Clock
from server.store.county_database import open_county
from server.store.county_store import CountyStore
from server.store.database import open_reader, open_writer
from server.store.journal.outbox import Outbox
from server.store.site_store import Store

AGAIN_S = 0.2


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealCounty]:
    with RealCounty(tmp_path_factory.mktemp("county"), ["large", "keyless", "forked", "losing", "stopped"]) as running:
        yield running


@contextmanager
def replicating(county: RealCounty, hub: PlainHub, folder: Path) -> Iterator[Replicator]:
    """Push a journal to the county until the block ends."""
    writer = open_writer(folder / "hall.sqlite")
    reader = open_reader(folder / "hall.sqlite")
    store = Store(writer, site=hub.site)
    with store.transaction() as transaction:
        transaction.write(hub.made)
    outbox = Outbox(reader, site=hub.site)
    replicator = Replicator(county.client(hub.site), outbox, clock=Clock(), retry_refused_s=AGAIN_S)
    replicator.start()
    try:
        yield replicator
    finally:
        replicator.stop()
        store.close()
        reader.dispose()
        writer.dispose()


def refused(replicator: Replicator) -> str:
    connection = replicator.connection
    return connection.refused.error if connection.refused and connection.state is CountyState.STOPPED else ""


def joined(replicator: Replicator, hub: PlainHub) -> bool:
    connection = replicator.connection
    return connection.state is CountyState.JOINED and connection.seq == hub.hall.seq and connection.tables_equal is True


def test_a_hub_is_not_joined_before_the_county_has_answered(
    county: RealCounty, small_catalogue: Catalogue, tmp_path: Path
) -> None:
    county.processes[0].freeze()
    try:
        with replicating(county, PlainHub(small_catalogue, "keyless"), tmp_path) as replicator:
            connection = replicator.connection
            assert (connection.state, connection.away_since is None) == (CountyState.AWAY, False)
            assert connection.seq == 0, "nobody knows yet what the county has"
            assert replicator.away_since is None, "no screen shows it in the first moment"
    finally:
        county.processes[0].resume()


def test_a_push_that_is_too_large_is_made_again_in_parts(
    county: RealCounty, small_catalogue: Catalogue, tmp_path: Path
) -> None:
    hub = PlainHub(small_catalogue, "large")
    services = hub.hall.site.catalogue.services
    for letter in "abcdefghijkl":
        papers = (Text(zh="", en=letter * 900_000),)
        first = services[0].model_copy(update={"materials": papers})
        hub.change(hub.hall.site.catalogue.model_copy(update={"services": (first, *services[1:])}))
    hub.change(hub.hall.site.catalogue.model_copy(update={"services": services}))
    hub.issue()
    assert sum(len(line.fact) for line in hub.lines) > LARGEST_BODY
    with replicating(county, hub, tmp_path) as replicator:
        until(lambda: joined(replicator, hub), what="the county has all of it")


def test_a_stop_pushes_what_was_committed_last(county: RealCounty, small_catalogue: Catalogue, tmp_path: Path) -> None:
    """The disk of a stopped hub may be lost: the county then has the numbers that were issued in the last moment."""
    hub = PlainHub(small_catalogue, "stopped")
    with replicating(county, hub, tmp_path) as replicator:
        until(lambda: joined(replicator, hub), what="the county has all of it")
        before = len(hub.made)
        hub.issue()
        engine = open_writer(tmp_path / "hall.sqlite")
        with closing(Store(engine, site=hub.site)) as store, store.transaction() as transaction:
            transaction.write(hub.made[before:])
    assert county.client(hub.site).journal_after(0).seq == hub.hall.seq


def test_a_site_that_the_county_does_not_know_goes_on_when_it_does(
    county: RealCounty, small_catalogue: Catalogue, tmp_path: Path
) -> None:
    hub = PlainHub(small_catalogue, "forgotten")
    with replicating(county, hub, tmp_path) as replicator:
        until(lambda: refused(replicator) == "unknown_site", what="it stops, with the reason")
        assert replicator.connection.away_since is not None
        process = county.processes[0]
        process.stop()
        with (county.folder / "county-1.toml").open("a", encoding="utf-8") as settings:
            settings.write('[[sites]]\nid = "forgotten"\nname = { zh = "新", en = "New" }\n')
            settings.write('address = { zh = "新街", en = "New Street" }\n')
        county.start(process)
        until(lambda: joined(replicator, hub), what="it goes on without a restart")
        assert replicator.connection.refused is None


def test_a_key_that_the_county_has_lost_is_good_again_when_it_is_found(
    county: RealCounty, small_catalogue: Catalogue, tmp_path: Path
) -> None:
    hub = PlainHub(small_catalogue, "keyless")
    county.key("keyless")
    (keys,) = county.folder.rglob("county-access.json")
    before = keys.read_bytes()
    county.access.revoke("keyless")
    with replicating(county, hub, tmp_path) as replicator:
        until(lambda: refused(replicator) == "unknown_key", what="it stops, with the reason")
        keys.write_bytes(before)
        until(lambda: joined(replicator, hub), what="it goes on without a restart")


def test_entries_that_the_county_lost_are_pushed_again_before_there_is_anything_new(
    county: RealCounty, small_catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replicator, "HEARTBEAT_S", 3600)
    hub = PlainHub(small_catalogue, "losing")
    hub.open()
    engines = open_county(county.database)

    def lost_and_pushed_again(pushing: Replicator) -> None:
        until(lambda: joined(pushing, hub), what="the county has all of it")
        for kept in (4, 2):
            lose_entries(engines, hub, kept=kept)
            until(lambda: CountyStore(engines).read_heads()["losing"].seq == hub.hall.seq, what="nothing is missing")

    async def polling(pushing: Replicator) -> None:
        writer: Any = None  # the view of a county without referrals and proposals requires nothing to be written
        link = CountyLink(county.client("losing"), writer, pushing, clock=Clock(), forecast=Forecast)
        link.start()
        try:
            await asyncio.to_thread(lost_and_pushed_again, pushing)
        finally:
            link.stop()

    with replicating(county, hub, tmp_path) as pushing:
        asyncio.run(polling(pushing))
    engines.writer.dispose()
    engines.reader.dispose()


def test_a_journal_with_two_pasts_stays_stopped(county: RealCounty, small_catalogue: Catalogue, tmp_path: Path) -> None:
    other = PlainHub(small_catalogue, "forked")
    other.issue("household")
    county.client("forked").push(other.push())
    hub = PlainHub(small_catalogue, "forked")
    hub.issue("id-card")
    with replicating(county, hub, tmp_path) as replicator:
        until(lambda: refused(replicator) == "journal_rewritten", what="it stops, with the reason")
        until(lambda: not replicator._thread.is_alive(), what="it pushes no more")
        assert refused(replicator) == "journal_rewritten"
