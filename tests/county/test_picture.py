"""How well the county hears each site, by clocks that only the test moves. On SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from paper_hub import PaperHub
from plain_hall import MORNING, PlainHall
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


class Ear:
    """One county process and a site's hub."""

    def __init__(self, address: str, hub: PaperHub) -> None:
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

    def hear(self, push: JournalPush | None = None) -> None:
        self.inbox.accept(self.hub.site, push or self.hub.push(after=self.head.seq))

    def refuse(self, push: JournalPush) -> str:
        with pytest.raises(PushNotAccepted) as refused:
            self.hear(push)
        return refused.value.name


@pytest.fixture
def ear(database: str, tmp_path: Path, hub: PaperHub) -> Iterator[Ear]:
    ear = Ear(database or f"sqlite:///{tmp_path / 'county.sqlite'}", hub)
    ear.hear()
    yield ear
    ear.store.close()


def test_a_hub_is_heard_although_the_countys_own_clock_was_put_back(ear: Ear) -> None:
    ear.wall -= timedelta(hours=2)
    for _ in range(7):
        ear.wait(10)
        ear.hear()
        assert ear.known_sites.age_s(ear.hub.site) == 0
    assert ear.known_sites.silent_sites == frozenset()
    ear.wait(PLAN_VALID_S + 1)
    assert ear.known_sites.silent_sites == {ear.hub.site}


def test_a_site_never_heard_of_is_unheard(ear: Ear) -> None:
    other = KnownSites(ear.store, ["nowhere"], clock=Clock(), on_change=lambda *_: None)
    assert other.silent_sites == {"nowhere"}


def test_of_a_second_machine_with_a_sites_key_the_managers_hear_for_ten_minutes(ear: Ear) -> None:
    forged = ear.hub.push(after=3).model_copy(update={"chain": "f" * 64})
    assert ear.refuse(forged) == "journal_rewritten"
    ear.wait(300)
    ear.hear()
    assert ear.head.refused == "journal_rewritten"
    assert ear.refuse(forged) == "journal_rewritten"
    ear.wait(590)
    ear.hear()
    assert ear.head.refused == "journal_rewritten", "it was refused once more meanwhile"
    assert ear.head.heard_at is not None
    assert ear.head.refused_at is not None
    assert ear.head.heard_at - ear.head.refused_at == timedelta(seconds=590)
    ear.wait(20)
    ear.hear()
    assert (ear.head.refused, ear.head.refused_at) == ("", None)


def test_a_gap_is_no_fault_once_it_is_closed(ear: Ear) -> None:
    for _ in range(2):
        ear.hub.issue()
    gap = ear.hub.push(after=ear.head.seq + 1)
    assert ear.refuse(gap) == "gap"
    assert ear.head.refused == "gap"
    ear.hear()
    assert ear.head.refused == ""


@pytest.mark.parametrize(
    "kept",
    [{"hub_mono_s": None}, {"hub_mono_s": 1e308}, {"hub_at": datetime(9999, 12, 31, tzinfo=UTC)}, {"hub_boot": "a\tb"}],
)
def test_a_clock_that_cannot_be_is_none_although_it_was_kept_once(ear: Ear, kept: dict[str, Any]) -> None:
    with ear.engines.writer.begin() as connection:
        connection.execute(update(t.heads).where(t.heads.c.site == ear.hub.site).values(**kept))
    assert ear.store.read_heads()[ear.hub.site] == replace(ear.head, hub=None)


def test_a_hall_whose_last_entry_cannot_be_stands_at_when_it_was_heard(small_catalogue: Catalogue) -> None:
    name = Text(zh="厅", en="hall")
    site = CountySite(id="tax", name=name, address=name)
    hall, heard = PlainHall(small_catalogue, at=datetime(9999, 12, 31, 8, tzinfo=UTC)), PlainHall(small_catalogue)
    found = site_state(site, KnownSite(hall=hall.hall, last_contact=heard.moment), None)
    heard.wait(86400)
    assert found is not None
    assert found.now(heard.moment) == heard.moment


@pytest.mark.parametrize("number", [10**30, 2**63])
def test_a_number_that_no_database_keeps_is_refused_and_nothing_is_written(ear: Ear, number: int) -> None:
    before = ear.store.read_heads()
    with pytest.raises(StoreRefused), translate_errors(), ear.engines.writer.begin() as connection:
        connection.execute(update(t.heads).values(checked_seq=number))
    assert ear.store.read_heads() == before


def test_a_moment_that_no_database_keeps_is_refused(ear: Ear) -> None:
    east = datetime.fromisoformat("0001-01-01T00:00:00+08:00")
    with pytest.raises(StoreRefused), translate_errors(), ear.engines.writer.begin() as connection:
        connection.execute(update(t.heads).values(checked_at=east))
