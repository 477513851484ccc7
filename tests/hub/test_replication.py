"""A hub of a county: its journal is pushed in order over any link, and the hall never waits for the county."""

from __future__ import annotations

import shutil
import signal
import sqlite3
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from bad_link import BadLink, Way
from real_county import RealCounty, county_connection, join, until_county_connection, until_pushed
from real_hall import RealHall, until

from protocol.answers import CountyState, TicketAnswer
from protocol.clients.hub_client import new_request_id
from protocol.requests import IssueTicket
from protocol.settings import CountyAddress


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealCounty]:
    """A county that the tests of this file share, each with a site of its own."""
    with RealCounty(tmp_path_factory.mktemp("county"), [f"site-{n}" for n in range(1, 20)]) as running:
        yield running


@pytest.fixture
def site(request: pytest.FixtureRequest) -> str:
    """A site that no other test of this file uses."""
    used: list[str] = request.config.stash.setdefault(USED, [])
    used.append(f"site-{len(used) + 1}")
    return used[-1]


USED: pytest.StashKey[list[str]] = pytest.StashKey()


@pytest.fixture
def link(county: RealCounty) -> Iterator[BadLink]:
    """The link from a hub to the county, with faults on demand."""
    with BadLink(to=county.processes[0].port) as way:
        yield way


def issue(hall: RealHall) -> TicketAnswer:
    return hall.client("kiosk-1").issue(IssueTicket(request_id=new_request_id("kiosk-1"), service="id-card"))


def kept(county: RealCounty, site: str) -> list[int]:
    """Return the numbers of all entries the county has of a site."""
    client, numbers = county.client(site), [0]
    while entries := client.journal_after(numbers[-1]).entries:
        numbers += [line.seq for line in entries]
    return numbers[1:]


def check_copy(county: RealCounty, hall: RealHall) -> None:
    """Check that the county gets every entry once, in order, and makes the same tables of them."""
    seq = until_pushed(hall, within_s=60)
    assert kept(county, hall.site) == list(range(1, seq + 1))
    connection = until_county_connection(
        hall,
        lambda s: s.tables_equal is not None and s.state is not CountyState.AWAY,  # as of a busy machine
        what="the tables were compared",
    )
    assert (connection.state, connection.tables_equal, connection.refused) == (CountyState.JOINED, True, None)


def test_a_hub_without_a_county_reports_none(shared_hall: RealHall) -> None:
    assert shared_hall.health().county is None


def test_every_entry_gets_to_the_county_in_order(county: RealCounty, site: str) -> None:
    with county.hub(site) as hall:
        for _ in range(5):
            issue(hall)
        check_copy(county, hall)


def test_lost_answers_are_requested_again_and_nothing_is_doubled(county: RealCounty, site: str, link: BadLink) -> None:
    with county.hub(site, url=link.url) as hall:
        until_pushed(hall)
        link.go(Way.ANSWERS_LOST)
        issue(hall)
        until(lambda: link.answers_lost >= 2, what="answers were lost")
        issue(hall)
        link.go(Way.WELL)
        check_copy(county, hall)


@pytest.mark.parametrize("way", [Way.CUT, Way.STALLED])
def test_with_the_county_out_of_reach_the_hall_goes_on_and_catches_up(
    county: RealCounty, site: str, link: BadLink, way: Way
) -> None:
    with county.hub(site, url=link.url) as hall:
        until_pushed(hall)
        link.go(way)
        before = hall.health().seq  # the hub may have written and pushed something by itself
        numbers = [issue(hall).number for _ in range(20)]
        assert len(set(numbers)) == len(numbers)
        assert county_connection(hall).seq <= before
        link.go(Way.WELL)
        check_copy(county, hall)


def test_the_hall_knows_since_when_the_county_is_away(county: RealCounty, site: str, link: BadLink) -> None:
    with county.hub(site, url=link.url) as hall:
        until_pushed(hall)
        link.go(Way.CUT)
        connection = until_county_connection(hall, lambda s: s.away_since is not None, what="the county is away")
        assert connection.state is CountyState.AWAY
        board = hall.client("display-1").board()
        assert board.county_away_since == connection.away_since
        link.go(Way.WELL)
        until_county_connection(hall, lambda s: s.away_since is None, what="the county is back")
        assert hall.client("display-1").board().county_away_since is None


def test_an_unknown_key_stops_the_push_and_is_reported(county: RealCounty, site: str, tmp_path: Path) -> None:
    hall = county.hub(site, folder=tmp_path)
    county.access.revoke(site)
    with hall:
        connection = until_county_connection(hall, lambda s: s.state is CountyState.STOPPED, what="it stops")
        assert connection.refused is not None
        assert connection.refused.error == "unknown_key"
        assert connection.away_since is not None
        assert issue(hall).number == "A001"


def test_a_journal_that_was_changed_by_hand_is_fetched_from_the_county(county: RealCounty, site: str) -> None:
    with county.hub(site) as hall:
        issue(hall)
        seq = until_pushed(hall)
        hall.hub.stop()
        with sqlite3.connect(hall.data / "hall.sqlite") as database:
            database.execute("UPDATE journal SET actor = 'somebody' WHERE seq = ?", [seq])
        hall.start_hub()
        assert "数据库已损坏，另存为" in hall.hub.output()
        assert len(list(hall.data.glob("hall-*.damaged"))) == 1
        assert issue(hall).number == "A002"
        check_copy(county, hall)


def test_another_past_than_the_countys_is_refused_for_good(county: RealCounty, site: str) -> None:
    """As after an old copy that could not reach the county, whose note of how far it was is gone too."""
    with county.hub(site) as hall:
        issue(hall)
        seq = until_pushed(hall)
        hall.hub.stop()
        for file in hall.data.glob("hall.*"):
            file.unlink()
        text = hall.settings.read_text(encoding="utf-8")
        hall.settings.write_text(text.partition("[county]")[0], encoding="utf-8")
        hall.start_hub()
        issue(hall)
        hall.hub.stop()
        hall.settings.write_text(text, encoding="utf-8")
        hall.start_hub()
        connection = until_county_connection(hall, lambda s: s.state is CountyState.STOPPED, what="it stops")
        assert connection.refused is not None
        assert connection.refused.error == "journal_rewritten"
        issue(hall)
        assert kept(county, site) == list(range(1, seq + 1))


def test_a_hub_restored_from_an_old_copy_fetches_what_it_wrote_since(
    county: RealCounty, site: str, tmp_path: Path
) -> None:
    with county.hub(site) as hall:
        issue(hall)
        until_pushed(hall)
        hall.hub.stop()
        shutil.copytree(hall.data, tmp_path / "copy")
        hall.start_hub()
        tickets = [issue(hall) for _ in range(3)]
        seq = until_pushed(hall)
        hall.hub.stop()
        shutil.rmtree(hall.data)
        shutil.copytree(tmp_path / "copy", hall.data)
        hall.start_hub()
        assert hall.health().seq == seq
        assert [hall.client("monitor-1").ticket(t.id).number for t in tickets] == [t.number for t in tickets]
        assert issue(hall).number == "A005"
        check_copy(county, hall)


def test_a_new_machine_fetches_the_whole_site(county: RealCounty, site: str) -> None:
    with county.hub(site) as hall:
        tickets = [issue(hall) for _ in range(3)]
        seq = until_pushed(hall)
        hall.hub.stop()
        for file in hall.data.glob("hall.*"):
            file.unlink()
        hall.start_hub()
        assert hall.health().seq == seq
        issue(hall)
        assert hall.client("kiosk-1").services().services[0].waiting == len(tickets) + 1
        check_copy(county, hall)


def test_a_hub_stops_though_the_county_is_away(county: RealCounty, site: str, link: BadLink) -> None:
    with county.hub(site, url=link.url) as hall:
        until_pushed(hall)
        link.go(Way.CUT)
        issue(hall)
        until_county_connection(hall, lambda s: s.state is CountyState.AWAY, what="it is away", within_s=60)
        assert hall.hub.stop() == -signal.SIGTERM, "it was not killed"
        link.go(Way.WELL)
        hall.start_hub()
        seq = until_pushed(hall)
        assert kept(county, site) == list(range(1, seq + 1))


def test_an_old_copy_that_did_not_reach_the_county_is_noticed_later(
    county: RealCounty, site: str, link: BadLink, tmp_path: Path
) -> None:
    with county.hub(site, url=link.url) as hall:
        issue(hall)
        until_pushed(hall)
        hall.hub.stop()
        shutil.copytree(hall.data, tmp_path / "copy")
        hall.start_hub()
        assert issue(hall).number == "A002"
        seq = until_pushed(hall)
        hall.hub.stop()
        shutil.rmtree(hall.data)
        shutil.copytree(tmp_path / "copy", hall.data)
        link.go(Way.CUT)
        hall.start_hub()
        assert issue(hall).number == "A002", "it cannot know, and the hall does not wait"
        link.go(Way.WELL)
        connection = until_county_connection(
            hall, lambda s: s.state is CountyState.STOPPED, what="it stops", within_s=60
        )
        assert connection.refused is not None
        assert connection.refused.error in {"journal_rewritten", "hub_behind"}, "by its entry, or a heartbeat before it"
        assert kept(county, site) == list(range(1, seq + 1))


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate that only this test's hub trusts, with its key beside it."""
    made = tmp_path / "county.pem"
    subject = ["-subj", "/CN=county", "-addext", "subjectAltName=IP:127.0.0.1"]
    new = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    files = ["-keyout", str(tmp_path / "county.key"), "-out", str(made), "-days", "2"]
    subprocess.run([*new, *files, *subject], check=True, capture_output=True)
    return made


def test_https_needs_a_certificate_that_the_hub_trusts(
    county: RealCounty, site: str, certificate: Path, tmp_path: Path
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate.with_suffix(".key"))
    with BadLink(to=county.processes[0].port, secret=context) as link:
        trusted = CountyAddress.model_validate({"url": link.url, "key": county.key(site), "ca": certificate})
        (tmp_path / "hall").mkdir()
        hall = RealHall(tmp_path / "hall", changes={'site = "small-hall"': f'site = "{site}"'}, with_broker=False)
        join(hall, trusted)
        with hall:
            issue(hall)
            until_pushed(hall)
            hall.hub.stop()
            text = hall.settings.read_text(encoding="utf-8")
            hall.settings.write_text(text.replace(f'ca = "{certificate}"\n', ""), encoding="utf-8")
            hall.start_hub()
            issue(hall)
            until(lambda: "certificate" in hall.hub.output().lower(), what="the certificate is not trusted")
            assert county_connection(hall).seq < hall.health().seq
