"""A database that is far from the county: the round trips of a push do not grow with its entries."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from distant_link import DistantLink
from plain_hub import PlainHub
from real_postgres import RealPostgres

from server.county.intake.inbox import CountyInbox
from server.county.intake.known_sites import KnownSites
from server.domain.model.catalogue import Catalogue
from server.runtime.clock import Clock
from server.store.county_database import open_county
from server.store.county_store import CountyStore

ROUND_TRIPS = 8
"""Limit of the round trips of one push: of the connection's check, the transaction, the head and the rows."""


@pytest.fixture
def link(postgres: RealPostgres) -> Iterator[DistantLink]:
    with DistantLink(to=postgres.port) as link:
        yield link


@pytest.fixture
def store(postgres: RealPostgres, link: DistantLink) -> Iterator[CountyStore]:
    address = postgres.database().replace(f":{postgres.port}/", f":{link.port}/")
    store = CountyStore(open_county(address))
    yield store
    store.close()


def test_a_push_of_300_entries_costs_as_few_round_trips_as_one_of_30(
    link: DistantLink, store: CountyStore, small_catalogue: Catalogue
) -> None:
    hub = PlainHub(small_catalogue, "tax")
    hub.open()
    while len(hub.journal) < 360:
        hub.issue()
        hub.serve("window-1", seconds=30)
    clock = Clock()
    store.prepare([hub.site])
    known_sites = KnownSites(store, [hub.site], clock=clock, on_change=lambda *_: None)
    inbox = CountyInbox(store, known_sites, clock=clock)
    costs = []
    for after, upto in ((0, 30), (30, 60), (60, 360)):
        before = link.round_trips
        assert inbox.accept(hub.site, hub.push(after, upto)).seq == upto
        costs.append(link.round_trips - before)
    assert max(costs[1:]) <= ROUND_TRIPS
    assert not store.rebuild(hub.site, repair=False).different
