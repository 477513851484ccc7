"""Somebody pushed forged entries with a site's stolen key: the true hub's journal counts again, on both databases."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from datetime import timedelta
from functools import reduce
from pathlib import Path

import pytest
from plain_hall import MORNING, offer_made
from plain_hub import PlainHub
from real_county import RealCounty, county_connection, until_pushed
from real_hall import RealHall, until
from real_postgres import RealPostgres

from protocol import journal as j
from protocol.answers import CountyState
from protocol.clients.county_client import CountyClient, CountyRefused
from protocol.county import CHAIN_START, MAX_ENTRIES_PER_PUSH, JournalLine, JournalPush
from protocol.requests import IssueTicket
from protocol.settings import CountyAddress
from protocol.vocabulary import Language, Text
from server.domain.desk import issuance
from server.domain.events.apply import apply, apply_facts, empty_hall
from server.domain.model.catalogue import Catalogue
from server.domain.model.hall import Hall
from server.store.database import open_reader
from server.store.journal.journal_lines import chain_after, entry_of, line_of
from server.store.journal.outbox import Outbox

SITE = "tax"


@pytest.fixture(params=["sqlite", "postgres"])
def county(request: pytest.FixtureRequest, tmp_path: Path) -> RealCounty:
    postgres: RealPostgres | None = request.getfixturevalue("postgres") if request.param == "postgres" else None
    return RealCounty(tmp_path, [SITE, "police"], database=postgres.database() if postgres else "")


def command(county: RealCounty, *arguments: str) -> str:
    """Run a command of the county's technician, and return what it says."""
    server = county.processes[0]
    ran = subprocess.run(
        [*server.command, *arguments], capture_output=True, text=True, check=False, env=server.environment
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def issue(hall: RealHall, count: int) -> int:
    """Issue so many tickets at the hub; return the newest entry."""
    for number in range(count):
        hall.client("kiosk-1").issue(
            IssueTicket(request_id=f"issue-{hall.health().seq:05}-{number}", service="id-card")
        )
    return hall.health().seq


def forge(county: RealCounty, count: int) -> list[JournalLine]:
    """Push so many forged tickets, and a referral to another site, with the site's key; return their lines."""
    thief = county.client(SITE)
    known = thief.journal_after(0).entries
    entries = [entry_of(line) for line in known]
    catalogue = county_catalogue(entries[0])
    hall: Hall = reduce(apply, entries, empty_hall(catalogue))
    moment = entries[-1].moment
    made: list[JournalLine] = []
    for number in range(count):
        fact = issuance.issue(
            hall,
            service="id-card",
            language=Language.ZH,
            priority=None,
            ticket=f"forged-{len(known)}-{number}",
            print_device=None,
            promise=None,
            now=None,
        )
        facts: list[j.AnyFact] = [fact]
        if number == 0:
            facts += referral(f"forged-{len(known)}")
        for applied in apply_facts(hall, facts, moment=moment, actor="kiosk-1", request_id=None):
            made.append(line_of(applied.entry))
            hall = applied.after
    chain = reduce(lambda chain, line: chain_after(chain, site=SITE, line=line), known, CHAIN_START)
    assert thief.push(JournalPush(after=len(known), chain=chain, entries=made)).seq == len(known) + len(made)
    return made


def county_catalogue(first: j.Entry) -> Catalogue:
    """Return the site's description, with which its journal begins."""
    assert isinstance(first.fact, j.CatalogueChanged)
    return Catalogue.model_validate(first.fact.catalogue)


def referral(name: str) -> list[j.AnyFact]:
    offer = offer_made(f"offer-{name}", to_site="police")
    asked = j.ReferralAsked(
        referral=f"referral-{name}",
        offer=offer.offer,
        to_site="police",
        service="id-card",
        language=Language.ZH,
        priority=None,
        ticket=None,
        waited_s=0.0,
        travel_min=5.0,
        print_device=None,
    )
    return [offer, asked]


def own_lines(hall: RealHall) -> list[JournalLine]:
    """Return the journal on the hub's disk."""
    outbox = Outbox(open_reader(hall.data / "hall.sqlite"), site=SITE)
    return list(outbox.batch(after=0, checked=None).lines)


def recover(county: RealCounty, hall: RealHall) -> None:
    """Do what the technician does: end the stolen key, give the hub its new one, restart the hub."""
    old = county.keys[SITE]
    printed = command(county, "recover", SITE)
    key = printed.rpartition('key = "')[2].partition('"')[0]
    county.keys[SITE] = key
    text = hall.settings.read_text(encoding="utf-8")
    hall.settings.write_text(text.replace(old, key), encoding="utf-8")
    with pytest.raises(CountyRefused, match="unknown_key"):
        thief_client(county, old).push(JournalPush(after=0, chain=CHAIN_START))
    assert "waiting for the hub" in command(county, "sites")
    assert county.access.is_recovering(SITE)
    hall.restart_hub()
    until_pushed(hall)
    until(lambda: not county.access.is_recovering(SITE), what="the recovery is over")


def thief_client(county: RealCounty, key: str) -> CountyClient:
    """Return a client with the stolen key."""
    return CountyClient(CountyAddress.model_validate({"url": county.url(), "key": key}), site=SITE, timeout_s=20)


def test_the_hubs_own_journal_counts_again_after_its_key_was_stolen(county: RealCounty) -> None:
    with county, county.hub(SITE) as hall:
        issue(hall, 3)
        until_pushed(hall)
        true_lines = own_lines(hall)

        behind = forge(county, 4)  # the hub has gone on with nothing: it is behind
        recover(county, hall)
        assert own_lines(hall)[: len(true_lines)] == true_lines
        assert not [line for line in own_lines(hall) if "forged" in line.fact]
        assert county.client(SITE).journal_after(0).entries == own_lines(hall)

        forged = forge(county, 6)
        issue(hall, 3)
        until(lambda: county_connection(hall).state is CountyState.STOPPED, what="the county refuses the hub's journal")
        recover(county, hall)

        assert county.client(SITE).journal_after(0).entries == own_lines(hall)
        assert len(own_lines(hall)) > len(true_lines)
        assert county_connection(hall).state is CountyState.JOINED
        assert "nothing differs" in command(county, "rebuild", SITE)
        kept = sorted((county.folder / "data").glob(f"{SITE}-replaced-*.jsonl"))
        texts = [
            [JournalLine.model_validate_json(line) for line in path.read_text("utf-8").splitlines()] for path in kept
        ]
        assert texts == [behind, forged]
        log = county.processes[0].output()
        assert f"referral-forged-{forged[0].seq - 1}→police" in log
        assert "Traceback" not in log + hall.hub.output()
        issue(hall, 1)
        until_pushed(hall)


@pytest.fixture
def recovering(tmp_path: Path) -> Iterator[RealCounty]:
    """A county that waits for the journal of the site's own hub."""
    with RealCounty(tmp_path, [SITE]) as county:
        county.keys[SITE] = county.access.enrol(SITE, recovers=True).get_secret_value()
        yield county


def push_as_a_hub_does(county: RealCounty, hub: PlainHub) -> list[int]:
    """Push until the county confirms the newest entry, going back where it says; return where each push began."""
    began, after = [], hub.hall.seq
    while True:
        began.append(after)
        try:
            after = county.client(SITE).push(hub.push(after, after + MAX_ENTRIES_PER_PUSH)).seq
        except CountyRefused as refused:
            answer = refused.answer
            back = after if answer.seq is None else answer.seq
            if answer.error != "gap" or back >= after:
                raise
            after = back
        if after == hub.hall.seq:
            return began


def test_a_long_journal_is_compared_in_parts(recovering: RealCounty, small_catalogue: Catalogue) -> None:
    hub, thief = PlainHub(small_catalogue, SITE), PlainHub(small_catalogue, SITE)
    notices = [j.NoticeChanged(text=Text(zh=f"公告{n}", en=f"Notice {n}")) for n in range(3 * MAX_ENTRIES_PER_PUSH)]
    for one in (hub, thief):
        one.do(notices)
    for _ in range(5):
        thief.issue()
    hub.issue("invoice")
    shared = hub.hall.seq - 1
    recovering.access.finish_recovery(SITE)  # the thief pushes before the key is ended
    for after in range(0, thief.hall.seq, MAX_ENTRIES_PER_PUSH):
        recovering.client(SITE).push(thief.push(after, after + MAX_ENTRIES_PER_PUSH))
    recovering.keys[SITE] = recovering.access.enrol(SITE, recovers=True).get_secret_value()

    assert push_as_a_hub_does(recovering, hub)

    assert not recovering.access.is_recovering(SITE)
    kept: list[JournalLine] = []
    while lines := recovering.client(SITE).journal_after(len(kept)).entries:
        kept += lines
    assert kept == hub.lines
    [path] = (recovering.folder / "data").glob(f"{SITE}-replaced-*.jsonl")
    assert path.read_text("utf-8").splitlines() == [line.model_dump_json() for line in thief.lines[shared:]]


def test_a_hub_that_shares_nothing_replaces_nothing(recovering: RealCounty, small_catalogue: Catalogue) -> None:
    known = PlainHub(small_catalogue, SITE)
    known.issue()
    recovering.access.finish_recovery(SITE)
    recovering.client(SITE).push(known.push())
    recovering.keys[SITE] = recovering.access.enrol(SITE, recovers=True).get_secret_value()
    empty = PlainHub(small_catalogue, SITE, at=MORNING + timedelta(hours=1))
    with pytest.raises(CountyRefused, match="journal_rewritten"):
        recovering.client(SITE).push(empty.push())
    assert recovering.view(SITE).seq == known.hall.seq


def test_the_other_processes_of_a_county_follow(
    tmp_path: Path, postgres: RealPostgres, small_catalogue: Catalogue
) -> None:
    hub, thief = PlainHub(small_catalogue, SITE), PlainHub(small_catalogue, SITE)
    shared = hub.hall.seq
    for _ in range(9):
        thief.issue()
    with RealCounty(tmp_path, [SITE], database=postgres.database(), processes=2) as county:
        first, second = county.processes
        county.client(SITE, process=first).push(hub.push())
        county.client(SITE, process=second).push(thief.push(shared))
        until(lambda: county.has(SITE, thief.hall.seq, process=first), what="the first process follows the thief")
        county.keys[SITE] = county.access.enrol(SITE, recovers=True).get_secret_value()

        assert county.client(SITE, process=first).push(hub.push(shared)).seq == shared

        until(lambda: county.view(SITE, process=second).seq == shared, what="the second process follows the hub")
        hub.issue()
        assert county.client(SITE, process=second).push(hub.push(shared)).seq == hub.hall.seq
        assert "数据库丢了" not in first.output() + second.output()
