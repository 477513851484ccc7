"""A hub restores its own journal from a county that answers slowly, or with entries that this program cannot read."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from plain_hub import PlainHub
from ports import LOCAL

from protocol.clients.county_client import CountyClient
from protocol.county import JournalLine, JournalStretch
from protocol.settings import CountyAddress
from server.domain.model.catalogue import Catalogue
from server.hub.replication.restore import restore_journal
from server.store.database import open_writer
from server.store.site_store import Store

SITE = "hall"


class ScriptedCounty:
    """A county that has these entries of a site and answers ``at_once`` of them, each time ``late_s`` later."""

    def __init__(self, hub: PlainHub, lines: list[JournalLine], *, at_once: int = 500, late_s: float = 0.0) -> None:
        class JournalEndpoint(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                since = int(parse_qs(urlsplit(self.path).query)["since"][0])
                time.sleep(late_s)
                stretch = [line for line in lines if line.seq > since][:at_once]
                chain = hub.chain(since, lines)
                body = (
                    JournalStretch(after=since, chain=chain, entries=stretch, seq=len(lines)).model_dump_json().encode()
                )
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_request(self, *_: object) -> None:
                """Log nothing."""

        self._server = ThreadingHTTPServer((LOCAL, 0), JournalEndpoint)
        threading.Thread(target=self._server.serve_forever, args=[0.02], daemon=True).start()

    def client(self) -> CountyClient:
        """Return a hub's client of it."""
        url = f"http://{LOCAL}:{self._server.server_port}"
        return CountyClient(CountyAddress.model_validate({"url": url, "key": "k" * 40}), site=SITE)

    def stop(self) -> None:
        """Stop the server."""
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def hub(small_catalogue: Catalogue) -> PlainHub:
    """The site's journal as the county has it."""
    hub = PlainHub(small_catalogue, SITE)
    hub.open()
    for _ in range(4):
        hub.issue()
    return hub


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """The store of a new machine."""
    engine = open_writer(tmp_path / "hall.sqlite")
    store = Store(engine, site=SITE)
    yield store
    store.close()
    engine.dispose()


Fetch = Callable[..., int]


@pytest.fixture
def fetch(hub: PlainHub, store: Store) -> Iterator[Fetch]:
    """Catch up with a county that has these lines; return how many were fetched."""
    counties: list[ScriptedCounty] = []

    def fetched(lines: list[JournalLine], *, limit_s: float = 20.0, at_once: int = 500, late_s: float = 0.0) -> int:
        county = ScriptedCounty(hub, lines, at_once=at_once, late_s=late_s)
        counties.append(county)
        return restore_journal(store, hub.hall.site.catalogue, county.client(), limit_s=limit_s)

    yield fetched
    for county in counties:
        county.stop()


def test_a_journal_in_many_answers_is_fetched_to_its_end(hub: PlainHub, store: Store, fetch: Fetch) -> None:
    assert fetch(hub.lines, at_once=3) == len(hub.lines)
    assert store.load(hub.hall.site.catalogue).tickets == hub.hall.tickets


def test_a_hall_does_not_wait_for_slow_answers(
    hub: PlainHub, store: Store, fetch: Fetch, caplog: pytest.LogCaptureFixture
) -> None:
    fetched = fetch(hub.lines, limit_s=0.5, at_once=1, late_s=0.2)
    assert fetched < len(hub.lines)
    assert store.head.seq == store.load(hub.hall.site.catalogue).seq == fetched
    assert "没有从县平台取回全部流水 / not everything was fetched" in caplog.text


def as_json(**fields: object) -> str:
    return json.dumps(fields)


def with_fact(lines: list[JournalLine], seq: int, fact: str) -> list[JournalLine]:
    return [line.model_copy(update={"fact": fact}) if line.seq == seq else line for line in lines]


UNREADABLE: dict[str, Callable[[list[JournalLine]], list[JournalLine]]] = {
    "a fact of a newer program": lambda lines: with_fact(lines, 7, as_json(kind="ticket_rated", ticket="t1", stars=5)),
    "no JSON": lambda lines: with_fact(lines, 7, "{"),
    "a ticket that was never issued": lambda lines: with_fact(
        lines, 7, as_json(kind="ticket_finished", ticket="nobody", window="window-1")
    ),
    "a number left out": lambda lines: [line for line in lines if line.seq != 7],
    "a number twice": lambda lines: [line.model_copy(update={"seq": min(line.seq, 6)}) for line in lines],
}


@pytest.mark.parametrize("spoil", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_an_unreadable_journal_is_fetched_as_far_as_possible_and_the_hub_goes_on_alone(
    hub: PlainHub,
    store: Store,
    fetch: Fetch,
    caplog: pytest.LogCaptureFixture,
    spoil: Callable[[list[JournalLine]], list[JournalLine]],
) -> None:
    assert fetch(spoil(hub.lines)) == 6
    assert len(store.load(hub.hall.site.catalogue).tickets) == 6 - (len(hub.lines) - 4)
    (logged,) = [record for record in caplog.records if record.levelname == "ERROR"]
    assert "站点独自运行" in logged.getMessage()
    assert "\n" not in logged.getMessage()
    assert logged.exc_info is None


def test_a_journal_is_restored_up_to_a_number_that_comes_twice(
    hub: PlainHub, store: Store, fetch: Fetch, caplog: pytest.LogCaptureFixture
) -> None:
    lines = hub.lines
    again = {**json.loads(lines[-2].fact), "ticket": "another"}
    assert fetch(with_fact(lines, lines[-1].seq, json.dumps(again))) == lines[-2].seq
    assert store.head.seq == lines[-2].seq
    assert f"entry {lines[-1].seq} of the county cannot be read" in caplog.text
