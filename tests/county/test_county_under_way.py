"""What the county answers its sites, through restarts, kills and several processes on one database."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from pathlib import Path

import psutil
import pytest
from plain_hub import PlainHub, checked
from real_county import RealCounty, county_connection, until_county_connection, until_pushed
from real_hall import RealHall, until
from real_postgres import RealPostgres
from sqlalchemy import text

from protocol.answers import CountyState
from protocol.clients.hub_client import new_request_id
from protocol.county import DigestCheck, JournalPush
from protocol.requests import IssueTicket
from server.domain.model.catalogue import Catalogue
from server.store.county_database import CountyEngines, open_county

THREE = ["tax", "police", "health"]


@pytest.fixture
def own(database: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[RealCounty]:
    """A county of this test's own, which it may kill."""
    address = request.getfixturevalue("postgres").database() if database else ""
    with RealCounty(tmp_path / "county", THREE, database=address) as running:
        yield running


def engines(county: RealCounty) -> CountyEngines:
    return open_county(county.database)


def issue(hall: RealHall, count: int) -> None:
    kiosk = hall.client("kiosk-1")
    for _ in range(count):
        kiosk.issue(IssueTicket(request_id=new_request_id("kiosk-1"), service="id-card"))


def test_the_countys_tables_are_the_hubs(county: RealCounty, hub: PlainHub, folder: Path) -> None:
    push = checked(hub, folder)
    assert push.check is not None
    assert county.client(hub.site).push(push).tables_equal is True
    again = JournalPush(after=hub.hall.seq, chain=hub.chain(hub.hall.seq), check=push.check)
    assert county.client(hub.site).push(again).tables_equal is True


def test_a_table_that_was_tampered_with_is_noticed(county: RealCounty, hub: PlainHub, folder: Path) -> None:
    push = checked(hub, folder)
    client = county.client(hub.site)
    assert client.push(push).tables_equal is True
    store = engines(county)
    with store.writer.begin() as connection:
        connection.execute(
            text("UPDATE tickets SET people_ahead = people_ahead + 1 WHERE site = :site"), {"site": hub.site}
        )
    store.writer.dispose()
    again = JournalPush(after=hub.hall.seq, chain=hub.chain(hub.hall.seq), check=push.check)
    assert client.push(again).tables_equal is False


def test_tables_are_only_compared_at_the_same_entry(county: RealCounty, hub: PlainHub, folder: Path) -> None:
    push = checked(hub, folder)
    assert push.check is not None
    early = DigestCheck(seq=3, day=push.check.day, tables=push.check.tables)
    assert county.client(hub.site).push(push.model_copy(update={"check": early})).tables_equal is None


def test_a_known_view_is_answered_again_only_when_it_differs(county: RealCounty, hub: PlainHub) -> None:
    client = county.client(hub.site)
    client.push(hub.push())
    view = client.view(mark="", wait_s=0)
    assert view.seq == hub.hall.seq
    later = client.view(mark=view.mark, wait_s=0.3)
    assert later.mark == view.mark, "nothing new, and answered so in the end"
    assert later.as_of - view.as_of >= timedelta(seconds=0.3)
    assert client.view(mark="another", wait_s=30).mark == view.mark


def test_a_county_that_stops_answers_open_requests_and_logs_no_error(own: RealCounty) -> None:
    server, known = own.processes[0], own.view("tax")

    def callers() -> set[int]:
        found = psutil.Process(server.pid).net_connections("tcp")
        return {c.raddr.port for c in found if c.laddr.port == server.port and c.raddr}

    before = callers()
    with ThreadPoolExecutor(1) as hub:
        answer = hub.submit(own.client("tax", timeout_s=30).view, mark=known.mark, wait_s=30)
        until(lambda: callers() - before, what="the question is open")
        server.stop()
        assert answer.result().mark == known.mark
    assert "Traceback" not in server.output()
    assert "Cancel" not in server.output()


def test_after_a_restart_the_county_knows_what_it_knew(own: RealCounty, small_catalogue: Catalogue) -> None:
    tax = PlainHub(small_catalogue, "tax")
    tax.issue()
    own.client("tax").push(tax.push())
    before = own.view("tax")
    own.processes[0].stop()
    own.start()
    after = own.view("tax")
    assert (after.seq, after.mark) == (before.seq, before.mark)
    tax.issue()
    assert own.client("tax").push(tax.push(after=before.seq)).seq == tax.hall.seq


def test_a_county_killed_in_the_middle_of_pushes_loses_and_doubles_nothing(own: RealCounty) -> None:
    with own.hub("tax") as hall:
        for _ in range(2):
            issue(hall, 20)
            own.processes[0].kill()
            issue(hall, 5)
            own.start()
        seq = until_pushed(hall, within_s=60)
        until_county_connection(hall, lambda s: s.tables_equal is not None, what="tables were compared", within_s=30)
        assert county_connection(hall).tables_equal is True
        assert county_connection(hall).state is CountyState.JOINED
    kept = [line.seq for line in own.client("tax").journal_after(0).entries]
    assert kept == list(range(1, seq + 1))


@pytest.fixture
def pair(postgres: RealPostgres, tmp_path: Path) -> Iterator[RealCounty]:
    """Two county processes on one PostgreSQL."""
    with RealCounty(tmp_path / "county", THREE, database=postgres.database(), processes=2) as running:
        yield running


def test_two_processes_that_take_the_same_journal_at_once_keep_it_once(
    pair: RealCounty, small_catalogue: Catalogue
) -> None:
    tax = PlainHub(small_catalogue, "tax")
    for _ in range(60):
        tax.issue()
    ends = [*range(7, tax.hall.seq, 7), tax.hall.seq]
    pushes = [tax.push(max(0, end - 12), end) for end in ends]

    def push_all(process: int) -> None:
        client = pair.client("tax", process=pair.processes[process])
        for push in pushes:
            client.push(push)

    with ThreadPoolExecutor(4) as many:
        list(many.map(push_all, [0, 1, 0, 1]))
    for process in pair.processes:
        kept = pair.client("tax", process=process).journal_after(0)
        assert kept.entries == tax.lines
    until(lambda: everybody_knows(pair, "tax", tax.hall.seq), what="both know all of it")


def test_each_process_soon_knows_what_the_other_accepted(pair: RealCounty, small_catalogue: Catalogue) -> None:
    halls = [PlainHub(small_catalogue, site) for site in ("tax", "police")]
    for hall, process in itertools.product(halls, pair.processes):
        hall.issue()
        known = pair.view(hall.site, process=process).seq
        seq = hall.hall.seq
        pair.client(hall.site, process=process).push(hall.push(after=min(known, seq)))
        until(partial(everybody_knows, pair, hall.site, seq), what="every process knows it")


def everybody_knows(county: RealCounty, site: str, seq: int) -> bool:
    return all(county.has(site, seq, process=process) for process in county.processes)


def test_processes_that_start_together_make_the_tables_once(postgres: RealPostgres, tmp_path: Path) -> None:
    county = RealCounty(tmp_path / "county", THREE, database=postgres.database(), processes=3)
    with ThreadPoolExecutor(3) as together:
        try:
            list(together.map(county.start, county.processes))
        finally:
            for process in county.processes:
                process.kill()


def test_a_second_process_on_the_same_sqlite_is_one_sentence(tmp_path: Path) -> None:
    with RealCounty(tmp_path / "county", THREE, processes=1) as first:
        second = RealCounty(tmp_path / "county", THREE, processes=1).processes[0]
        second.log = tmp_path / "second.log"
        second.start()
        until(lambda: not second.running, what="the second one ends")
        assert "another jiaohao-county is using" in second.output()
        assert first.processes[0].running
