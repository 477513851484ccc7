"""A real county for tests: one or more ``jiaohao-county`` processes on one database, and hubs that belong to it::

with RealCounty(folder, ["tax", "police"]) as county:
    with county.hub("tax") as hall:
        ...
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import urllib3
from managed_resources import ManagedResources
from ports import LOCAL, free_port
from real_hall import PATIENT_S, SMALL_HALL, Process, RealHall, until

from protocol import county as c
from protocol.answers import CountyConnection, CountyState
from protocol.clients.county_client import CountyClient
from protocol.settings import CountyAddress, load_settings, server_url
from protocol.vocabulary import Text
from server.county.access import CountyAccess
from server.county.settings import DATABASE_VARIABLE, CountySettings

_MAIN = Text(zh="政务服务主大厅", en="Main Service Hall")
_EAST = Text(zh="城东便民服务中心", en="East Town Service Centre")
NAMES: Mapping[str, Text] = {
    "main-hall": _MAIN,
    "slow": _MAIN,
    "quick": _EAST,
    "east": _EAST,
    "west": Text(zh="城西便民服务中心", en="West Town Service Centre"),
    "police": Text(zh="公安办证中心", en="Police Service Centre"),
    "tax": Text(zh="办税服务厅", en="Tax Service Hall"),
    "township": Text(zh="龙王镇便民服务中心", en="Longwang Township Service Centre"),
}


class CountyProcess(Process):
    """One ``jiaohao-county`` on a port of its own."""

    def __init__(self, settings: Path, *, port: int, environment: Mapping[str, str], inside: Sequence[str]) -> None:
        self.port = port
        super().__init__(
            [*inside, sys.executable, "-m", "server.county.main", "--settings", str(settings)],
            log=settings.with_suffix(".log"),
            environment=dict(environment),
        )


class RealCounty(ManagedResources):
    """A county of these sites, each with a hub of the small hall's kind once a test starts it.

    ``database`` is SQLAlchemy's address; left out it is SQLite. ``processes`` share one database and one folder of
    keys. ``inside`` stands before the command, such as one that enters a network namespace where ``host`` is; ``name``
    is what the settings call that address.
    """

    def __init__(
        self,
        folder: Path,
        sites: Sequence[str],
        *,
        database: str = "",
        processes: int = 1,
        travel: str = "",
        host: str = LOCAL,
        name: str = "",
        inside: Sequence[str] = (),
    ) -> None:
        self.folder = folder
        self.host = host
        self.processes: list[CountyProcess] = []
        self.keys: dict[str, str] = {}
        self._enrolling = threading.Lock()
        super().__init__()
        self._http = urllib3.PoolManager(timeout=urllib3.Timeout(total=35), retries=False)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "travel.csv").write_text(travel or "from,to,minutes\n", encoding="utf-8")
        for number in range(1, processes + 1):
            settings, port = folder / f"county-{number}.toml", free_port()
            settings.write_text(_described(sites, host=name or host, port=port), encoding="utf-8")
            environment = {DATABASE_VARIABLE: database} if database else {}
            self.processes.append(CountyProcess(settings, port=port, environment=environment, inside=inside))
        loaded = load_settings(CountySettings, folder / "county-1.toml").from_folder(
            folder, {DATABASE_VARIABLE: database} if database else {}
        )
        self.database = loaded.database
        self.access = CountyAccess(loaded.data)
        self.access.prepare()

    def _start_all(self) -> None:
        """Start every process and wait until all are ready."""
        self._open.callback(self._http.clear)
        for process in self.processes:
            self._open.callback(process.kill)
            self.start(process)

    def start(self, process: CountyProcess | None = None) -> None:
        """Start a process, the first when none is named, and wait until it answers."""
        process = process or self.processes[0]
        process.start()
        until(lambda: self._healthy(process) or not process.running, within_s=60, what="the county is ready")
        if not process.running:
            raise AssertionError(f"the county did not start:\n{process.output()}")

    def _healthy(self, process: CountyProcess) -> bool:
        try:
            return self._http.request("GET", f"{self.url(process)}/healthz", timeout=2).status == 200
        except urllib3.exceptions.HTTPError:
            return False

    def url(self, process: CountyProcess | None = None) -> str:
        """Return a process's URL, the first process's when none is named."""
        return server_url(self.host, (process or self.processes[0]).port)

    def key(self, site: str) -> str:
        """Return a site's key, enrolled on first use."""
        with self._enrolling:
            if site not in self.keys:
                self.keys[site] = self.access.enrol(site).get_secret_value()
            return self.keys[site]

    def address(self, site: str, *, url: str | None = None) -> CountyAddress:
        """Return the county's address for a site's hub, with its key; ``url`` is a detour, such as a bad link."""
        return CountyAddress.model_validate({"url": url or self.url(), "key": self.key(site)})

    def client(self, site: str, *, process: CountyProcess | None = None, timeout_s: float = PATIENT_S) -> CountyClient:
        """Return a site's client of the county."""
        return CountyClient(self.address(site, url=self.url(process)), site=site, timeout_s=timeout_s)

    def request(
        self,
        method: str,
        path: str,
        json: Any = None,
        *,
        site: str | None = None,
        body: Any = None,
        process: CountyProcess | None = None,
    ) -> urllib3.BaseHTTPResponse:
        """Send an HTTP request with the key of ``site``, or with none, and return the plain response."""
        headers = {"Authorization": f"Bearer {self.key(site)}"} if site else {}
        if json is not None:
            return self._http.request(method, self.url(process) + path, json=json, headers=headers)
        typed = {**headers, "Content-Type": "application/json"}
        return self._http.request(method, self.url(process) + path, body=body, headers=typed)

    def hub(
        self,
        site: str,
        *,
        url: str | None = None,
        folder: Path | None = None,
        catalogue: Path = SMALL_HALL,
        **more: Any,
    ) -> RealHall:
        """Return a hall of this county, to be entered; ``url`` is its hub's detour to the county."""
        folder = folder or self.folder / site
        folder.mkdir(parents=True, exist_ok=True)
        changes = dict(more.pop("changes", None) or {})
        if catalogue == SMALL_HALL:
            name = named(site)
            changes['site = "small-hall"'] = f'site = "{site}"'
            changes['zh = "小厅", en = "Small hall"'] = f'zh = "{name.zh}", en = "{name.en}"'
        hall = RealHall(folder, catalogue=catalogue, changes=changes, **{"with_broker": False, **more})
        join(hall, self.address(site, url=url))
        return hall

    def has(self, site: str, seq: int, *, process: CountyProcess | None = None) -> bool:
        """Whether the county has a site's journal at least up to a number."""
        return self.view(site, process=process).seq >= seq

    def view(self, site: str, *, process: CountyProcess | None = None) -> c.CountyView:
        """Return the county's view for a site now."""
        answer = self.request("GET", f"/v1/sites/{site}/view", site=site, process=process)
        assert answer.status == 200, answer.data
        return c.CountyView.model_validate_json(answer.data)


def join(hall: RealHall, address: CountyAddress) -> None:
    """Make a hall's hub a member of a county from its next start on."""
    lines = [f'url = "{address.url}"', f'key = "{address.key.get_secret_value()}"']
    lines += [f'ca = "{address.ca}"'] if address.ca else []
    with hall.settings.open("a", encoding="utf-8") as settings:
        settings.write("[county]\n" + "\n".join(lines) + "\n")


def county_connection(hall: RealHall) -> CountyConnection:
    """Return a hall's connection to its county, from its health."""
    county = hall.health().county
    assert county is not None
    return county


def until_county_connection(
    hall: RealHall, condition: Callable[[CountyConnection], object], *, what: str, within_s: float = 60.0
) -> CountyConnection:
    """Wait until a hall's connection to its county meets a condition, and return it as it was then."""

    def met() -> CountyConnection | None:
        found = county_connection(hall)
        return found if condition(found) else None

    return until(met, what=what, within_s=within_s)


def until_pushed(hall: RealHall, *, within_s: float = 60.0) -> int:
    """Wait until the county has confirmed a hall's whole journal, and return its newest number then.

    A hub that has just started assumes that the county has the whole journal, until the county answers.
    """

    def pushed() -> int | None:
        health = hall.health()
        county = health.county
        is_whole = county is not None and county.state is CountyState.JOINED and county.seq == health.seq
        return health.seq if is_whole else None

    return until(pushed, what="the county has the whole journal", within_s=within_s)


def named(site: str) -> Text:
    """Return the name of a hall; those that pictures show have a realistic one."""
    return NAMES.get(site, Text(zh=f"{site}大厅", en=f"The {site} hall"))


def _described(sites: Sequence[str], *, host: str, port: int) -> str:
    lines = [f'host = "{host}"', f"port = {port}", 'travel = "travel.csv"', 'name = { zh = "示例县", en = "A county" }']
    for site in sites:
        name = named(site)
        lines += ["[[sites]]", f'id = "{site}"', f'name = {{ zh = "{name.zh}", en = "{name.en}" }}']
        lines += ['address = { zh = "中山路 1 号", en = "1 Zhongshan Road" }']
        lines += [f'public_url = "http://{site}.example/"']
    return "\n".join(lines) + "\n"
