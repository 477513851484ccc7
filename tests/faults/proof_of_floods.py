"""Whatever one peer sends, the hub stays small and others are served: floods beside a visitor, a clerk and a phone."""

from __future__ import annotations

import http.client
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from math import inf
from multiprocessing.process import BaseProcess
from pathlib import Path

import psutil
from claims import Finding, Sizes, spread
from contested_hall import CONTESTED_HALL, call_next, expect, issue
from encrypted_hall import EncryptedHall
from floods import ATTACKER, FLOODS, Target, flooding
from percentiles import percentile
from real_county import RealCounty, until_pushed
from real_hall import PATIENT_S, RealHall, until
from retrying_client import RetryingClient
from thread_group import ThreadGroup

from protocol import topics
from protocol.requests import IssueTicket
from runtime.hall_connections import hub_client

MEMORY_MAX_MB = 200
P99_MAX_S = 1.0
LOG_LINES_MAX = 60
DATABASE_MAX_MB = 10
CONTROL_S = 60.0
"""Time limit of the control, seconds."""
COUNTY_FLOODS = (
    "endless_heads",
    "half_requests",
    "slow_bodies",
    "large_bodies",
    "slow_readers",
    "connections",
    "pipelines",
    "websockets",
)
ENCRYPTED_FLOODS = ("half_handshakes", "connections", "half_requests")
POLL_S = 0.02
"""Interval at which the memory of a flooded server is read, seconds."""
PACE_S = 0.25
"""Pause of each innocent between two requests, seconds."""
UNBOUNDED = Path(__file__).with_name("unbounded_hub.py")


class Innocents:
    """A kiosk, a clerk, a phone, and a phone that shares the flood's address; each notes how long it waited."""

    def __init__(self, hall: RealHall) -> None:
        self._hall = hall
        self._kiosk = RetryingClient(port=hall.port, device="kiosk-1", key=hall.key("kiosk-1"))
        self._clerk = RetryingClient(port=hall.port, device="window-1", key=hall.key("window-1"))
        self._phone_s: list[float] = []
        self.neighbour_s: list[float] = []
        self.pages_failed = 0
        self._ticket = ""
        expect(self._clerk.command("/v1/windows/window-1/open"))
        self._service = hall.catalogue.windows[0].services[0]
        self._visit()

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Have them work during the block; counts begin anew."""
        self._kiosk.answered.clear()
        self._clerk.answered.clear()
        self._phone_s.clear()
        self.neighbour_s.clear()
        self.pages_failed = 0
        threads = ThreadGroup()
        phone = partial(self._load_page, "127.0.0.9", self._phone_s)
        neighbour = partial(self._load_page, ATTACKER, self.neighbour_s)
        for work in (self._visit, self._call, phone, neighbour):
            threads.add(self._keep, work, threads)
        try:
            yield
        finally:
            threads.stop()

    @property
    def seconds(self) -> list[float]:
        """How long each request took of those who have another address than the flood."""
        commands = [a.seconds for client in (self._kiosk, self._clerk) for a in client.answered]
        return commands + self._phone_s

    def close(self) -> None:
        """Close the connections."""
        self._kiosk.close()
        self._clerk.close()

    @staticmethod
    def _keep(work: Callable[[], None], threads: ThreadGroup) -> None:
        while not threads.stopping.is_set():
            work()
            threads.stopping.wait(PACE_S)

    def _visit(self) -> None:
        self._ticket = issue(self._kiosk, self._service).answer["id"]

    def _call(self) -> None:
        if call_next(self._clerk) is not None:
            expect(self._clerk.command("/v1/windows/window-1/start"))
            expect(self._clerk.command("/v1/windows/window-1/finish"))

    def _load_page(self, address: str, seconds: list[float]) -> None:
        """Load the ticket's page as a browser does: once more when an idle connection was closed."""
        began = time.perf_counter()
        for _ in range(2):
            phone = http.client.HTTPConnection("127.0.0.1", self._hall.port, 30, source_address=(address, 0))
            with closing(phone), suppress(OSError, http.client.HTTPException):
                phone.request("GET", f"/t/{self._ticket}")
                if phone.getresponse().status == 200:
                    seconds.append(time.perf_counter() - began)
                    return
        self.pages_failed += 1


class Watched:
    """A running server's memory, at its largest."""

    def __init__(self, pid: int) -> None:
        self._server = psutil.Process(pid)
        self.peak_mb = self.now_mb()

    def now_mb(self) -> float:
        """Return the memory now, and note it."""
        found: float = self._server.memory_info().rss / 2**20
        self.peak_mb = max(getattr(self, "peak_mb", 0.0), found)
        return found

    def until_ends(self, flood: BaseProcess, *, most_mb: float = inf) -> None:
        """Watch until a flood's process ends, or the memory is above ``most_mb``."""
        while flood.is_alive() and self.now_mb() <= most_mb:
            flood.join(POLL_S)

    def connections(self) -> int:
        """Return the number of open connections."""
        return len(self._server.net_connections())


def floods(folder: Path, sizes: Sizes) -> Finding:
    """Make each flood while others work, then see that the control is not as small."""
    finding = Finding(claim=f"a hall under {len(FLOODS)} floods of {sizes.flood_s:g} s each, one address and one key")
    (folder / "bounded").mkdir()
    with RealHall(folder / "bounded", catalogue=CONTESTED_HALL) as hall:
        until(lambda: hall.request("GET", "/login").status == 200, what="the pages are loaded")
        innocents = Innocents(hall)
        for name in FLOODS:
            _flood(finding, hall, innocents, sizes, name)
        innocents.close()
        _check_traces(finding, hall)
    _flood_encrypted(finding, folder / "encrypted", sizes)
    _flood_county(finding, folder / "county", sizes)
    _control(finding, folder / "unbounded", sizes)
    return finding


def _flood(finding: Finding, hall: RealHall, innocents: Innocents, sizes: Sizes, name: str) -> None:
    watched = Watched(hall.hub.pid)
    with innocents.at_work(), flooding(name, _target(hall), seconds=sizes.flood_s) as flood:
        watched.until_ends(flood)
        until(lambda: innocents.neighbour_s and len(innocents.seconds) > 5, what="others were served meanwhile")
    finding.at_most(watched.peak_mb, MEMORY_MAX_MB, f"{name}: memory", unit="MB")
    finding.report(f"others {spread(innocents.seconds)}, at the same address {spread(innocents.neighbour_s)}")
    if sizes.patience == 1:  # beside other work a machine says nothing about time
        finding.at_most(percentile(innocents.seconds, 0.99), P99_MAX_S, "p99")
    finding.none(innocents.pages_failed, "pages not shown")


def _flood_encrypted(finding: Finding, folder: Path, sizes: Sizes) -> None:
    """Flood the port for devices of a hub that encrypts, while a kiosk issues, each time with a new handshake."""
    folder.mkdir()
    with EncryptedHall(folder, with_broker=False) as hall:
        watched, seconds = Watched(hall.hub.pid), list[float]()
        address, tls = hall.devices_address("kiosk-1"), hall.tls_folder("kiosk-1")
        for name in ENCRYPTED_FLOODS:
            with flooding(name, _target(hall, http=hall.devices_port), seconds=sizes.flood_s) as flood:
                while flood.is_alive():
                    began = time.perf_counter()
                    kiosk = hub_client(address, tls=tls, timeout_s=PATIENT_S)
                    kiosk.issue(IssueTicket(request_id=f"{began}", service="id-card"))
                    seconds.append(time.perf_counter() - began)
                    watched.now_mb()
                    flood.join(PACE_S)
        count = len(ENCRYPTED_FLOODS)
        finding.at_most(watched.peak_mb, MEMORY_MAX_MB, f"encrypted hub under {count} floods: memory", unit="MB")
        finding.report(f"a kiosk {spread(seconds)}")
        if sizes.patience == 1:
            finding.at_most(percentile(seconds, 0.99), P99_MAX_S, "p99")
        until(lambda: watched.connections() < 20, within_s=60, what="the flood's connections are closed")
        finding.none(hall.hub.output().count("Traceback"), "tracebacks")


def _flood_county(finding: Finding, folder: Path, sizes: Sizes) -> None:
    """Make the floods that need no key of the hall while a hub pushes what is issued."""
    with RealCounty(folder, ["tax"]) as county, county.hub("tax") as hall:
        until(lambda: county.request("GET", "/login").status == 200, what="the pages are loaded")
        server = county.processes[0]
        watched = Watched(server.pid)
        for name in COUNTY_FLOODS:
            with flooding(name, _target(hall, http=server.port), seconds=sizes.flood_s) as flood:
                watched.until_ends(flood)
                hall.client("kiosk-1").issue(IssueTicket(request_id=f"during-{name}", service="id-card"))
                until_pushed(hall)
        finding.at_most(watched.peak_mb, MEMORY_MAX_MB, f"county under {len(COUNTY_FLOODS)} floods: memory", unit="MB")
        until(lambda: watched.connections() < 20, within_s=60, what="the flood's connections are closed")
        finding.at_most(server.output().count("\n"), LOG_LINES_MAX, "log", unit="lines")
        finding.none(server.output().count("Traceback"), "tracebacks")


def _check_traces(finding: Finding, hall: RealHall) -> None:
    """Floods leave few lines in the log, few rows in the database, and no connection."""
    watched = Watched(hall.hub.pid)
    until(lambda: watched.connections() < 20, within_s=60, what="the flood's connections are closed")
    output = hall.hub.output()
    finding.at_most(output.count("\n"), LOG_LINES_MAX, "log", unit="lines")
    finding.none(output.count("Traceback"), "tracebacks")
    size_mb = sum(file.stat().st_size for file in hall.data.glob("hall.sqlite*")) / 2**20
    finding.at_most(size_mb, DATABASE_MAX_MB, "database", unit="MB")


def _control(finding: Finding, folder: Path, sizes: Sizes) -> None:
    """See that a hub without the bounds fails the same floods."""
    folder.mkdir()
    hall = RealHall(folder, catalogue=CONTESTED_HALL, with_broker=False)
    hall.hub.command = [sys.executable, str(UNBOUNDED), "--settings", str(hall.settings)]
    hall.hub.environment["PYTHONPATH"] = str(Path(__file__).parents[2])
    with hall:
        watched = Watched(hall.hub.pid)
        with flooding("half_requests", _target(hall), seconds=sizes.flood_s) as flood:
            watched.until_ends(flood)
        with flooding("endless_heads", _target(hall), seconds=CONTROL_S) as flood:
            watched.until_ends(flood, most_mb=MEMORY_MAX_MB)
    finding.report(f"control: memory {watched.peak_mb:.0f} MB")
    if watched.peak_mb <= MEMORY_MAX_MB:
        finding.against.append(f"the control stays below {MEMORY_MAX_MB} MB too")


def _target(hall: RealHall, *, http: int | None = None) -> Target:
    return Target(
        http=http or hall.port,
        mqtt=hall.broker.address.port,
        device="window-2",
        key=hall.key("window-2"),
        status_topic=topics.device_status(hall.site, "window-2"),
    )
