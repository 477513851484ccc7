"""What a hub makes of its own past when the county tells it slowly, or tells what this program cannot read."""

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

from protocol.county import JournalLine, JournalStretch
from protocol.county_client import CountyClient
from protocol.settings import CountyAddress
from server.domain.model.catalogue import Catalogue
from server.hub.replication.restore import restore_journal
from server.store.database import open_writer
from server.store.site_store import Store

SITE = "hall"


class Told:
    """A county that has these entries of a site, and tells ``at_once`` of them, each time so late."""

    def __init__(self, paper: PlainHub, lines: list[JournalLine], *, at_once: int = 500, late_s: float = 0.0) -> None:
        class Answers(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                since = int(parse_qs(urlsplit(self.path).query)["since"][0])
                time.sleep(late_s)
                stretch = [line for line in lines if line.seq > since][:at_once]
                chain = paper.chain(since, lines)
                body = (
                    JournalStretch(after=since, chain=chain, entries=stretch, seq=len(lines)).model_dump_json().encode()
                )
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_request(self, *_: object) -> None:
                """Say nothing of it."""

        self._server = ThreadingHTTPServer((LOCAL, 0), Answers)
        threading.Thread(target=self._server.serve_forever, args=[0.02], daemon=True).start()

    def client(self) -> CountyClient:
        """Return a hub's connection to it."""
        url = f"http://{LOCAL}:{self._server.server_port}"
        return CountyClient(CountyAddress.model_validate({"url": url, "key": "k" * 40}), site=SITE)

    def leave(self) -> None:
        """Answer nobody any more."""
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def paper(small_catalogue: Catalogue) -> PlainHub:
    """The site's journal as the county has it."""
    paper = PlainHub(small_catalogue, SITE)
    paper.open()
    for _ in range(4):
        paper.issue()
    return paper


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
def fetch(paper: PlainHub, store: Store) -> Iterator[Fetch]:
    """Catch up with a county that has these lines; return how many were fetched."""
    counties: list[Told] = []

    def fetched(lines: list[JournalLine], *, limit_s: float = 20.0, at_once: int = 500, late_s: float = 0.0) -> int:
        county = Told(paper, lines, at_once=at_once, late_s=late_s)
        counties.append(county)
        return restore_journal(store, paper.hall.site.catalogue, county.client(), limit_s=limit_s)

    yield fetched
    for county in counties:
        county.leave()


def test_a_past_that_keeps_coming_is_fetched_to_its_end(paper: PlainHub, store: Store, fetch: Fetch) -> None:
    assert fetch(paper.lines, at_once=3) == len(paper.lines)
    assert store.load(paper.hall.site.catalogue).tickets == paper.hall.tickets


def test_a_hall_does_not_wait_for_a_past_that_drips(
    paper: PlainHub, store: Store, fetch: Fetch, caplog: pytest.LogCaptureFixture
) -> None:
    fetched = fetch(paper.lines, limit_s=0.5, at_once=1, late_s=0.2)
    assert fetched < len(paper.lines)
    assert store.head.seq == store.load(paper.hall.site.catalogue).seq == fetched
    assert "没有从县平台取回全部流水 / not everything was fetched" in caplog.text


def fact(**said: object) -> str:
    return json.dumps(said)


def instead(lines: list[JournalLine], seq: int, said: str) -> list[JournalLine]:
    return [line.model_copy(update={"fact": said}) if line.seq == seq else line for line in lines]


UNREADABLE: dict[str, Callable[[list[JournalLine]], list[JournalLine]]] = {
    "a fact of a newer program": lambda lines: instead(lines, 7, fact(kind="ticket_rated", ticket="t1", stars=5)),
    "no JSON": lambda lines: instead(lines, 7, "{"),
    "a ticket nobody took": lambda lines: instead(
        lines, 7, fact(kind="ticket_finished", ticket="nobody", window="window-1")
    ),
    "a number left out": lambda lines: [line for line in lines if line.seq != 7],
    "a number twice": lambda lines: [line.model_copy(update={"seq": min(line.seq, 6)}) for line in lines],
}


@pytest.mark.parametrize("spoil", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_a_past_that_cannot_be_read_is_fetched_as_far_as_it_can_and_the_hub_goes_on_alone(
    paper: PlainHub,
    store: Store,
    fetch: Fetch,
    caplog: pytest.LogCaptureFixture,
    spoil: Callable[[list[JournalLine]], list[JournalLine]],
) -> None:
    assert fetch(spoil(paper.lines)) == 6
    assert len(store.load(paper.hall.site.catalogue).tickets) == 6 - (len(paper.lines) - 4)
    (told,) = [record for record in caplog.records if record.levelname == "ERROR"]
    assert "站点独自运行" in told.getMessage()
    assert "\n" not in told.getMessage()
    assert told.exc_info is None


def test_a_past_with_one_number_printed_twice_is_not_taken(
    paper: PlainHub, store: Store, fetch: Fetch, caplog: pytest.LogCaptureFixture
) -> None:
    lines = paper.lines
    again = {**json.loads(lines[-2].fact), "ticket": "another"}
    assert fetch(instead(lines, lines[-1].seq, json.dumps(again))) == 0
    assert store.head.seq == 0
    assert f"entry {lines[-1].seq} of the county cannot be read" in caplog.text
