"""A site and its county in a folder, with tickets in its journal, that each case gets a copy of."""

from __future__ import annotations

import http.client
import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from forked_server import ForkedServer
from ports import LOCAL, free_port
from real_hall import SMALL_HALL, until

from protocol.vocabulary import DeviceKind, SiteId
from server.county.access import CountyAccess
from server.hub.access import Access

SITE, FOREIGN = "small-hall", "west"
ANSWER_S = 30.0


@dataclass(frozen=True)
class Answer:
    """An answer to one request; status 0 without one."""

    status: int
    body: dict[str, Any]


@dataclass
class Site:
    """A hub, and the county that it belongs to unless it is ``alone``, on ports and in folders of their own."""

    folder: Path
    key: str
    hub_port: int
    county_port: int
    alone: bool = False
    prepare: Callable[[], None] | None = None
    taken: list[str] = field(default_factory=list)
    """Ids of the tickets that were answered with 200."""
    numbers: list[str] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)

    def __post_init__(self) -> None:
        settings = self.folder / "hub" / "hub.toml"
        if self.alone and settings.exists():
            text = settings.read_text(encoding="utf-8")
            settings.write_text(text.partition("[county]")[0], encoding="utf-8")
        self.hub = ForkedServer("server.hub.main", settings, prepare=self.prepare)
        self.county = ForkedServer("server.county.main", self.folder / "county" / "county.toml", prepare=self.prepare)

    @property
    def database(self) -> Path:
        """The hub's database."""
        return self.folder / "hub" / "data" / "hall.sqlite"

    def start(self, server: ForkedServer) -> bool:
        """Start a server; return whether it serves and did not end."""
        server.start()
        port = self.hub_port if server is self.hub else self.county_port
        until(
            lambda: server.exit_code is not None or _request(port, "GET", "/healthz").status,
            within_s=60,
            what="a start",
        )
        return server.exit_code is None

    def issue(self) -> Answer:
        """Issue a ticket, and keep it in mind when it is acknowledged."""
        request = f"kiosk-1:{len(self.answers)}:{self.folder.name}"
        answer = _request(self.hub_port, "POST", "/v1/tickets", {"request_id": request, "service": "id-card"}, self.key)
        self.answers.append(answer)
        if answer.status == 200:
            self.taken.append(answer.body["id"])
            self.numbers.append(answer.body["number"])
        return answer

    def health(self, port: int | None = None) -> Answer:
        """Return the answer of ``/healthz``, the hub's or that of another port."""
        return _request(port or self.hub_port, "GET", "/healthz")

    def wait_until_pushed(self) -> None:
        """Wait until the county has the whole journal."""

        def is_pushed() -> bool:
            body = self.health().body
            county = body.get("county") or {}
            return county.get("state") == "joined" and county.get("seq") == body["seq"]

        until(is_pushed, within_s=20, what="the county has the whole journal")

    def kill(self) -> None:
        """End both servers."""
        self.hub.kill()
        self.county.kill()

    def copy(self, to: Path, *, alone: bool, prepare: Callable[[], None] | None = None) -> Site:
        """Return the same site in another folder; it has taken what this one has."""
        shutil.copytree(self.folder, to)
        made = Site(to, self.key, self.hub_port, self.county_port, alone=alone, prepare=prepare)
        made.taken, made.numbers = list(self.taken), list(self.numbers)
        return made


@contextmanager
def sample_site(folder: Path) -> Iterator[tuple[Site, Path, Path]]:
    """Yield a site that was killed in the middle of its day, the folder of an older copy, and another site's."""
    foreign, older = folder / "foreign", folder / "older"
    ports = free_port(), free_port()  # the other site's settings name the same ones
    with _new_site(foreign, FOREIGN, ports) as west:
        west.start(west.hub)
        for _ in range(4):
            west.issue()
    with _new_site(folder / "site", SITE, ports) as site:
        site.start(site.county)
        site.start(site.hub)
        for _ in range(5):
            site.issue()
        site.wait_until_pushed()
        site.hub.stop()
        site.county.stop()
        shutil.copytree(site.folder, older)
        site.start(site.county)
        site.start(site.hub)
        for _ in range(30):
            site.issue()
        site.wait_until_pushed()
    for log in folder.rglob("*.log"):
        log.unlink()
    yield site, older, foreign


@contextmanager
def _new_site(folder: Path, name: str, ports: tuple[int, int]) -> Iterator[Site]:
    hub, county = folder / "hub", folder / "county"
    hub.mkdir(parents=True)
    county.mkdir()
    access = Access(hub / "data", site=SiteId(name))
    access.prepare()
    key = access.enrol("kiosk-1", DeviceKind.KIOSK).get_secret_value()
    counties = CountyAccess(county / "data")
    counties.prepare()
    secret = counties.enrol(SiteId(name)).get_secret_value()
    described = SMALL_HALL.read_text(encoding="utf-8").replace(f'site = "{SITE}"', f'site = "{name}"')
    (hub / "site.toml").write_text(described, encoding="utf-8")
    (hub / "hub.toml").write_text(
        f'host = "{LOCAL}"\nport = {ports[0]}\n[broker]\nport = {free_port()}\n'
        f'[county]\nurl = "http://{LOCAL}:{ports[1]}"\nkey = "{secret}"\n',
        encoding="utf-8",
    )
    (county / "travel.csv").write_text("from,to,minutes\n", encoding="utf-8")
    named = '{ zh = "厅", en = "Hall" }'
    (county / "county.toml").write_text(
        f'host = "{LOCAL}"\nport = {ports[1]}\ntravel = "travel.csv"\nname = {named}\n'
        f'[[sites]]\nid = "{name}"\nname = {named}\naddress = {named}\n',
        encoding="utf-8",
    )
    site = Site(folder, key, *ports)
    try:
        yield site
    finally:
        site.kill()


def tickets_in(database: Path, site: str = SITE) -> list[tuple[str, str]]:
    """Return id and number of every ticket in a journal, in order; what the file has, also after a crash."""
    with closing(sqlite3.connect(database)) as connection:
        facts = connection.execute(
            "SELECT fact FROM journal WHERE site = ? AND kind = 'ticket_issued' ORDER BY seq", [site]
        )
        return [(fact["ticket"], fact["number"]) for fact in (json.loads(row) for (row,) in facts)]


def _request(port: int, method: str, path: str, body: object = None, key: str | None = None) -> Answer:
    connection = http.client.HTTPConnection(LOCAL, port, timeout=ANSWER_S)
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {key}"} if key else {})
    try:
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        response = connection.getresponse()
        content = response.read()
    except (OSError, http.client.HTTPException):
        return Answer(0, {})
    finally:
        connection.close()
    try:
        found = json.loads(content)
    except ValueError:
        found = {}
    return Answer(response.status, found if isinstance(found, dict) else {})
