"""Contact of the county with each site, by clocks that only the test moves. On SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from plain_hall import MORNING, PlainHall
from plain_hub import PlainHub, lose_entries
from sqlalchemy import update

from protocol.county import PLAN_VALID_S, JournalPush
from protocol.vocabulary import Text
from server.county.intake.inbox import CountyInbox
from server.county.intake.known_sites import KnownSite, KnownSites
from server.county.intake.push_refusals import PushNotAccepted
from server.county.planning.site_states import site_state
from server.county.settings import CountySite
from server.domain.model.catalogue import Catalogue
from server.runtime.clock import Clock
from server.store import tables as t
from server.store.county_database import open_county
from server.store.county_store import CountyStore
from server.store.faults import StoreRefused, translate_errors
from server.store.journal.heads import SiteHead
from server.store.journal.site_news import SiteNews


class CountyAndHub:
    """One county process and a site's hub."""

    def __init__(self, address: str, hub: PlainHub) -> None:
        self.hub = hub
        self.wall, self.mono_s = MORNING, 1e6
        self.engines = open_county(address)
        self.store = CountyStore(self.engines)
        self.store.prepare([hub.site])
        clock = Clock(wall=lambda: self.wall, mono=lambda: self.mono_s)
        self.known_sites = KnownSites(self.store, [hub.site], clock=clock, on_change=lambda *_: None)
        self.inbox = CountyInbox(self.store, self.known_sites, clock=clock)

    @property
    def head(self) -> SiteHead:
        return self.known_sites.sites[self.hub.site].head

    def wait(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)
        self.mono_s += seconds

    def push(self, push: JournalPush | None = None) -> None:
        self.inbox.accept(self.hub.site, push or self.hub.push(after=self.head.seq))

    def refuse(self, push: JournalPush) -> str:
        with pytest.raises(PushNotAccepted) as refused:
            self.push(push)
        return refused.value.name


@pytest.fixture
def pair(database: str, tmp_path: Path, hub: PlainHub) -> Iterator[CountyAndHub]:
    pair = CountyAndHub(database or f"sqlite:///{tmp_path / 'county.sqlite'}", hub)
    pair.push()
    yield pair
    pair.store.close()


def test_contact_counts_although_the_countys_own_clock_was_put_back(pair: CountyAndHub) -> None:
    pair.wall -= timedelta(hours=2)
    for _ in range(7):
        pair.wait(10)
        pair.push()
        assert pair.known_sites.age_s(pair.hub.site) == 0
    assert pair.known_sites.silent_sites == frozenset()
    pair.wait(PLAN_VALID_S + 1)
    assert pair.known_sites.silent_sites == {pair.hub.site}


def test_a_site_without_any_contact_is_silent(pair: CountyAndHub) -> None:
    other = KnownSites(pair.store, ["nowhere"], clock=Clock(), on_change=lambda *_: None)
    assert other.silent_sites == {"nowhere"}


def test_a_second_machine_with_a_sites_key_is_reported_for_ten_minutes(pair: CountyAndHub) -> None:
    forged = pair.hub.push(after=3).model_copy(update={"chain": "f" * 64})
    assert pair.refuse(forged) == "journal_rewritten"
    pair.wait(300)
    pair.push()
    assert pair.head.refused == "journal_rewritten"
    assert pair.refuse(forged) == "journal_rewritten"
    pair.wait(590)
    pair.push()
    assert pair.head.refused == "journal_rewritten", "it was refused once more meanwhile"
    assert pair.head.heard_at is not None
    assert pair.head.refused_at is not None
    assert pair.head.heard_at - pair.head.refused_at == timedelta(seconds=590)
    pair.wait(20)
    pair.push()
    assert (pair.head.refused, pair.head.refused_at) == ("", None)


def test_a_gap_is_no_fault_once_it_is_closed(pair: CountyAndHub) -> None:
    for _ in range(2):
        pair.hub.issue()
    gap = pair.hub.push(after=pair.head.seq + 1)
    assert pair.refuse(gap) == "gap"
    assert pair.head.refused == "gap"
    pair.push()
    assert pair.head.refused == ""


@pytest.mark.parametrize(
    "kept",
    [{"hub_mono_s": None}, {"hub_mono_s": 1e308}, {"hub_at": datetime(9999, 12, 31, tzinfo=UTC)}, {"hub_boot": "a\tb"}],
)
def test_an_impossible_clock_is_read_as_none_although_it_was_stored(pair: CountyAndHub, kept: dict[str, Any]) -> None:
    with pair.engines.writer.begin() as connection:
        connection.execute(update(t.heads).where(t.heads.c.site == pair.hub.site).values(**kept))
    assert pair.store.read_heads()[pair.hub.site] == replace(pair.head, hub=None)


def test_a_hall_whose_last_moment_cannot_be_has_that_of_its_contact(small_catalogue: Catalogue) -> None:
    name = Text(zh="厅", en="hall")
    site = CountySite(id="tax", name=name, address=name)
    hall, contacted = PlainHall(small_catalogue, at=datetime(9999, 12, 31, 8, tzinfo=UTC)), PlainHall(small_catalogue)
    found = site_state(site, KnownSite(hall=hall.hall, last_contact=contacted.moment), None)
    contacted.wait(86400)
    assert found is not None
    assert found.now(contacted.moment) == contacted.moment


@pytest.mark.parametrize("number", [10**30, 2**63])
def test_a_number_that_no_database_can_store_is_refused_and_nothing_is_written(pair: CountyAndHub, number: int) -> None:
    before = pair.store.read_heads()
    with pytest.raises(StoreRefused), translate_errors(), pair.engines.writer.begin() as connection:
        connection.execute(update(t.heads).values(checked_seq=number))
    assert pair.store.read_heads() == before


def test_a_moment_that_no_database_can_store_is_refused(pair: CountyAndHub) -> None:
    east = datetime.fromisoformat("0001-01-01T00:00:00+08:00")
    with pytest.raises(StoreRefused), translate_errors(), pair.engines.writer.begin() as connection:
        connection.execute(update(t.heads).values(checked_at=east))


def test_entries_that_the_database_lost_are_known_to_be_missing_until_the_hub_pushes_them_again(
    pair: CountyAndHub,
) -> None:
    had, kept = pair.head.seq, pair.head.seq - 4
    lose_entries(pair.engines, pair.hub, kept=kept)
    pair.known_sites.refresh()
    known = pair.known_sites.sites[pair.hub.site]
    assert known.hall is not None
    assert (known.head.seq, known.hall.seq, known.head.missing) == (kept, kept, range(kept + 1, had + 1))
    assert pair.store.read_heads()[pair.hub.site] == known.head, "every command knows it too"
    pair.known_sites.refresh()
    pair.push()
    assert (pair.head.seq, pair.head.missing) == (had, range(0))
    assert pair.known_sites.halls[pair.hub.site] == pair.hub.hall


def test_a_push_that_comes_before_the_loss_was_noticed_brings_what_is_missing(pair: CountyAndHub) -> None:
    had, kept = pair.head.seq, pair.head.seq - 4
    lose_entries(pair.engines, pair.hub, kept=kept)
    assert pair.refuse(pair.hub.push(after=had)) == "gap"
    assert pair.head.seq == kept
    pair.push(pair.hub.push(after=kept, upto=kept + 2))
    assert pair.head.seq == kept + 2
    lose_entries(pair.engines, pair.hub, kept=kept)
    pair.push(pair.hub.push(after=kept, upto=kept + 1))
    assert pair.head.seq == kept + 1, "less than was known is what the database has"


def test_what_was_pushed_while_the_database_was_read_is_not_undone(pair: CountyAndHub) -> None:
    class Late(CountyStore):
        """A push is accepted while its answer is on the way."""

        def read_news(self, known: Mapping[str, SiteHead]) -> dict[str, SiteNews]:
            found = super().read_news(known)
            pair.hub.issue()
            pair.push()
            return found

    other = KnownSites(pair.store, [pair.hub.site], clock=Clock(), on_change=lambda *_: None)
    pair.inbox = CountyInbox(pair.store, other, clock=Clock())
    other.refresh()
    other._store = Late(pair.engines)
    pair.hub.issue()
    CountyInbox(pair.store, pair.known_sites, clock=Clock()).accept(pair.hub.site, pair.hub.push(pair.head.seq))
    other.refresh()
    assert other.halls[pair.hub.site] == pair.hub.hall


def test_another_past_that_is_longer_than_the_known_one_replaces_it(
    pair: CountyAndHub, small_catalogue: Catalogue, tmp_path: Path
) -> None:
    other = PlainHub(small_catalogue, pair.hub.site)
    while other.hall.seq <= pair.head.seq:
        other.issue("invoice")
    pair.store.forget(pair.hub.site, tmp_path / "kept.jsonl")
    writing = KnownSites(pair.store, [pair.hub.site], clock=Clock(), on_change=lambda *_: None)
    CountyInbox(pair.store, writing, clock=Clock()).accept(pair.hub.site, other.push())
    pair.known_sites.refresh()
    assert pair.known_sites.halls[pair.hub.site] == other.hall
