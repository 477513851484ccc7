"""The databases of an older tree are opened, migrated, rebuilt and gone on with (``tests/data/old_tree``)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import fields
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from old_tree import HUBS, old_json, present_path, unpacked
from pydantic import BaseModel
from sqlalchemy import Connection, func, select

from protocol import journal as j
from protocol.county import CHAIN_START, JournalPush
from protocol.requests import IssueTicket
from protocol.vocabulary import DeviceKind, Text
from server.county.intake.inbox import CountyInbox
from server.county.intake.known_sites import KnownSites
from server.domain.county import proposal_book
from server.domain.county.proposal_book import COUNTY, ProposalBook
from server.domain.desk import notices
from server.domain.events.apply import apply_facts
from server.domain.model.catalogue import Catalogue
from server.domain.model.hall import Hall
from server.hub import app as hub_app
from server.hub.access import Access
from server.hub.bootstrap import HubServices, build_hub, stop_hub
from server.hub.settings import HubSettings
from server.runtime.clock import Clock
from server.store import tables as t
from server.store.county_database import open_county
from server.store.county_store import CountyStore
from server.store.database import open_reader, open_writer
from server.store.journal.digest import tables_digest
from server.store.journal.journal_lines import chain_after, entry_of, line_from, line_of
from server.store.journal.journal_reader import first_catalogue, read_entries, read_rows
from server.store.journal.outbox import Outbox
from server.store.projection.rebuild import rebuild
from server.store.site_store import Store

EXPECTED: dict[str, Any] = old_json("expected")
EVERY_SITE = (*HUBS, COUNTY)
DEVICES = {"kiosk-1": DeviceKind.KIOSK, "panel-1": DeviceKind.WINDOW, "display-1": DeviceKind.DISPLAY}


@pytest.fixture(params=HUBS)
def site(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def old(site: str, tmp_path: Path) -> Path:
    """The database of an older hub."""
    return unpacked(site, HubSettings(data=tmp_path / "hub").database)


@pytest.fixture
def county(tmp_path: Path) -> Iterator[CountyStore]:
    """The store of an older county."""
    path = unpacked("county", tmp_path / "county" / "county.sqlite")
    with closing(CountyStore(open_county(f"sqlite:///{path}", must_exist=True))) as store:
        yield store


@contextmanager
def opened(path: Path, site: str) -> Iterator[tuple[Store, Hall]]:
    """Open a hub's database as a hub does, and load the hall."""
    engine = open_writer(path)
    with closing(Store(engine, site=site)) as store:
        yield store, store.load(first(path, site))
    engine.dispose()


@contextmanager
def reading(path: Path) -> Iterator[Connection]:
    engine = open_reader(path)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def first(path: Path, site: str) -> Catalogue:
    """The site as the first entry describes it."""
    with reading(path) as connection:
        described = first_catalogue(connection, site)
    assert described is not None
    return described


def plain(value: Any) -> Any:
    """A value as ``expected.json`` has it: without what has a default since."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", exclude_unset=True)
    return str(value) if isinstance(value, date) else value


def tables(connection: Connection, site: str) -> dict[str, list[list[Any]]]:
    return {
        table.name: [
            [plain(value) for value in row]
            for row in connection.execute(select(table).where(table.c.site == site).order_by(*table.primary_key))
        ]
        for table in t.MADE_FROM_JOURNAL
    }


def digests(connection: Connection, site: str) -> dict[str, str]:
    days = connection.execute(select(t.days.c.day).where(t.days.c.site == site)).scalars().all()
    return {str(day): tables_digest(connection, site, day) for day in days}


def described(hall: Hall) -> dict[str, Any]:
    """What a hall is, as ``expected.json`` has it."""
    return {
        "seq": hall.seq,
        "day": str(hall.day),
        "notice": plain(hall.notice),
        "counts": dict(hall.counts),
        "tickets": {ticket.number: ticket.state.value for ticket in hall.tickets.values()},
        "queues": {service: [ticket.number for ticket in queue] for service, queue in hall.queues.items() if queue},
        "windows": {
            name: [hall.window(name).state.value, hall.window(name).ticket, list(hall.window(name).helps)]
            for name in hall.site.windows
        },
        "calls": [[call.number, call.window, call.call_seq, call.recall] for call in hall.calls],
        "prints": {job.job: job.outcome.value for jobs in hall.prints.values() for job in jobs},
        "referrals": {name: sent.state.value for name, sent in hall.referrals.items()},
        "places": {name: place.ticket or place.reason for name, place in hall.places.items()},
        "served": {service: [d.seconds for d in found] for service, found in hall.learned.durations.items()},
        "came": list(hall.learned.came),
        "promises judged": len(hall.learned.outcomes),
        "catalogue": plain(hall.site.catalogue),
    }


def test_a_hub_opens_it_where_it_was_left(old: Path, site: str) -> None:
    with opened(old, site) as (store, hall):
        assert (store.head.seq, store.head.chain) == (EXPECTED[site]["seq"], EXPECTED[site]["chain"])
        assert described(hall) == EXPECTED[site]["hall"]


def test_its_tables_are_what_they_were(old: Path, site: str) -> None:
    with opened(old, site), reading(old) as connection:
        assert tables(connection, site) == EXPECTED[site]["tables"]
        assert digests(connection, site) == EXPECTED[site]["digests"]
        remembered = connection.execute(select(func.count()).select_from(t.requests)).scalar()
        assert remembered == EXPECTED[site]["requests"]


def test_its_tables_are_made_again_from_its_journal(old: Path, site: str) -> None:
    report = rebuild(old, first(old, site), repair=False)
    assert (report.changed, report.differences) == ((), ())
    assert (report.entries, report.rows) == (EXPECTED[site]["seq"], sum(EXPECTED[site]["counts"].values()))


def test_lost_tables_are_repaired_to_what_they_were(old: Path, site: str) -> None:
    engine = open_writer(old)
    with engine.begin() as connection:
        for table in t.MADE_FROM_JOURNAL:
            connection.exec_driver_sql(f"DELETE FROM {table.name}")
    engine.dispose()
    assert rebuild(old, first(old, site), repair=True).repaired
    with reading(old) as connection:
        assert tables(connection, site) == EXPECTED[site]["tables"]


@pytest.mark.parametrize("name", EVERY_SITE)
def test_every_entry_would_be_written_again_letter_by_letter(county: CountyStore, name: str) -> None:
    chain = CHAIN_START
    with county.reader.connect() as connection:
        for row in read_rows(connection, name, since=0):
            line = line_from(row)
            assert line_of(entry_of(line)) == line
            assert entry_of(line).fact.kind == row["kind"]
            chain = chain_after(chain, site=name, line=line)
            assert chain == row["chain"]
    assert chain == EXPECTED[COUNTY]["heads"][name]["chain"]


def test_its_journals_hold_every_fact_that_was_known(county: CountyStore) -> None:
    with county.reader.connect() as connection:
        kinds = set(connection.execute(select(t.journal.c.kind)).scalars())
    assert kinds == set(old_json("messages")["entries"])


def later(written: datetime | None) -> Clock:
    """Stopped clocks of a machine that was switched on a minute after the newest entry."""
    assert written is not None
    return Clock(wall=lambda: written + timedelta(minutes=1), mono=lambda: 30.0)


class OldHub:
    """A hub of today on an older database, which no device and no broker reaches; it answers HTTP."""

    def __init__(self, services: HubServices, keys: dict[str, str]) -> None:
        self.services = services
        self._keys = keys
        app = hub_app.create_app(services.settings)
        app.state.hub = services
        self._client = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://hub")

    @classmethod
    async def start(cls, path: Path, site: str) -> OldHub:
        access = Access(path.parent, site=site)
        access.prepare()
        devices = {**DEVICES, "monitor-1": DeviceKind.MONITOR}
        keys = {name: access.enrol(name, kind).get_secret_value() for name, kind in devices.items()}
        with closing(Store(open_writer(path), site=site)) as store:
            clock, catalogue = later(store.last_written()), store.load(first(path, site)).site.catalogue
        return cls(await build_hub(HubSettings(data=path.parent), catalogue, clock=clock), keys)

    async def request(self, device: str, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Return the status and the answer."""
        headers = {"Authorization": f"Bearer {self._keys[device]}"}
        answered = await self._client.request(method, path, json=body, headers=headers)
        return answered.status_code, answered.json()

    async def stop(self) -> None:
        await self._client.aclose()
        await stop_hub(self.services)


def with_hub(path: Path, site: str, does: Callable[[OldHub], Any]) -> None:
    """Run a test against a hub that was started on a database."""

    async def run() -> None:
        hub = await OldHub.start(path, site)
        try:
            await does(hub)
        finally:
            await hub.stop()

    asyncio.run(run())


def test_a_remembered_request_is_answered_as_it_was(old: Path, site: str) -> None:
    requests = EXPECTED[site]["asked"]
    assert "/v1/referrals" in {one["path"] for one in requests}

    async def does(hub: OldHub) -> None:
        for one in requests:
            answered = await hub.request(one["device"], one["method"], present_path(one["path"]), one["request"])
            assert answered == (one["status"], one["answer"]), one["path"]
        assert hub.services.hall.seq == EXPECTED[site]["seq"], "nothing was done twice"

    with_hub(old, site, does)


def test_a_remembered_request_is_no_other_one(old: Path, site: str) -> None:
    known = next(one for one in EXPECTED[site]["asked"] if one["path"] == "/v1/tickets")

    async def does(hub: OldHub) -> None:
        status, answer = await hub.request("kiosk-1", "POST", "/v1/tickets", known["request"] | {"language": "en"})
        assert (status, answer["error"]) == (409, "request_id_reused")

    with_hub(old, site, does)


def test_the_day_goes_on(old: Path, site: str) -> None:
    """Numbers go on counting, and what was written before and after is in one chain."""
    given = EXPECTED[site]["hall"]["counts"]
    letter = min(given)

    async def does(hub: OldHub) -> None:
        taken = IssueTicket(request_id="kiosk-1:a-new-one", service="id-card").model_dump(mode="json")
        status, ticket = await hub.request("kiosk-1", "POST", "/v1/tickets", taken)
        assert (status, ticket["number"]) == (200, f"{letter}{given[letter] + 1:03d}")
        status, called = await hub.request(
            "panel-1", "POST", "/v1/windows/window-1/call-next", {"request_id": "panel-1:a-new-one"}
        )
        assert (status, called["state"]) == (200, "called")
        assert called["number"] in EXPECTED[site]["hall"]["tickets"], "who waited before is called before"

    with_hub(old, site, does)
    report = rebuild(old, first(old, site), repair=False)
    assert report.sound
    assert report.entries > EXPECTED[site]["seq"]


def test_every_ticket_ever_issued_is_found_by_its_paper(old: Path, site: str) -> None:
    columns = [column.name for column in t.tickets.columns]
    papers = [dict(zip(columns, row, strict=True)) for row in EXPECTED[site]["tables"]["tickets"]]

    async def does(hub: OldHub) -> None:
        for paper in papers:
            status, ticket = await hub.request("monitor-1", "GET", f"/v1/tickets/{paper['id']}")
            assert (status, ticket["number"], ticket["state"]) == (200, paper["number"], paper["state"])

    with_hub(old, site, does)


def test_the_county_knows_how_far_every_site_is(county: CountyStore) -> None:
    heads = {
        name: {one.name: plain(getattr(head, one.name)) for one in fields(head)}
        for name, head in county.read_heads().items()
    }
    assert heads == {name: {**head, "hub_seq": None} for name, head in EXPECTED[COUNTY]["heads"].items()}


def test_the_county_has_the_halls_of_its_hubs(county: CountyStore, old: Path, site: str) -> None:
    with opened(old, site) as (_, hall):
        assert county.load_site(site)[1] == hall


def test_the_countys_tables_are_what_they_were_and_are_made_again(county: CountyStore, site: str) -> None:
    expected = EXPECTED[COUNTY]["sites"][site]
    report = county.rebuild(site, repair=False)
    assert (report.changed, report.differences) == ((), ())
    assert (report.entries, report.rows) == (expected["seq"], sum(expected["counts"].values()))
    with county.reader.connect() as connection:
        assert digests(connection, site) == expected["digests"] == EXPECTED[site]["digests"]
        assert tables(connection, site) == EXPECTED[site]["tables"]


def test_the_county_knows_its_proposals_and_what_came_of_them(county: CountyStore) -> None:
    own = county.read_entries(COUNTY, since=0)
    assert [plain(entry) for entry in own] == EXPECTED[COUNTY]["own"]
    book = ProposalBook()
    for entry in own:
        book = proposal_book.apply_to_book(book, entry)
    assert {name: proposed.decision for name, proposed in book.proposals.items()} == {
        "p-help": "accepted",
        "p-move": "accepted",
        "p-declined": "declined",
        "p-alone": "expired",
        "p-quiet": "accepted",
    }
    assert [name for name, proposed in book.proposals.items() if proposed.measured] == ["p-help", "p-move", "p-quiet"]


def test_the_countys_own_journal_goes_on(county: CountyStore) -> None:
    newest = county.read_heads()[COUNTY]
    moment = later(newest.received_at).now()
    with county.transaction(COUNTY) as transaction:
        transaction.append_facts(
            [j.ProposalDecided(proposal="p-alone", decision="expired")], moment=moment, actor="county"
        )
    with county.reader.connect() as connection:
        kept = list(read_entries(connection, COUNTY, since=newest.seq))
    assert [(entry.seq, entry.fact.kind) for entry in kept] == [(newest.seq + 1, "proposal_decided")]


def test_the_county_takes_what_an_old_hub_writes_next(county: CountyStore, old: Path, site: str) -> None:
    with opened(old, site) as (store, hall):
        clock = later(store.last_written())
        facts = notices.change_notice(hall, text=Text(zh="今天到此为止", en="That is all for today"))
        with store.transaction() as transaction:
            transaction.write(apply_facts(hall, facts, moment=clock.now(), actor="manager", request_id=None))
        reader = open_reader(old)
        batch = Outbox(reader, site=site).batch(after=hall.seq, checked=hall.seq)
        reader.dispose()
    known = KnownSites(county, EVERY_SITE, clock=clock, on_change=lambda _, __: None)
    known.refresh()
    push = JournalPush(after=hall.seq, chain=batch.chain, entries=list(batch.lines), check=batch.check, now=clock.now())
    taken = CountyInbox(county, known, clock=clock).accept(site, push)
    assert (taken.seq, taken.tables_equal) == (hall.seq + 1, True)
