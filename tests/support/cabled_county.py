"""The example county with a real network: each site's hub and broker in a network namespace, a cable to the county.

Built on ``real_county`` and ``county_net``; leaving the ``with`` block ends every process and takes the network down::

    with CabledCounty(folder) as county:
        county.cable("tax").cut()
        county.issue_tickets("tax", "invoice", count=20)
        county.cable("tax").heal()
        county.wait_until_equal("tax")
"""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

from county_net import Cable, Network
from journal_audit import Journal
from managed_resources import ManagedResources
from real_county import RealCounty
from real_hall import COUNTY_HALL, RealHall, until
from referral_audit import ReferralTrace, referrals

from protocol.answers import TicketAnswer
from protocol.clients.hub_client import HubClient, new_request_id
from protocol.requests import IssueTicket, WindowRequest
from server.store.tables import MADE_FROM_JOURNAL

EXAMPLE = COUNTY_HALL.parent
SITES = ("main-hall", "tax", "police", "social-security", "real-estate", "health", "township")
AT_ONCE = 3
"""How many hubs start at a time."""
EQUAL_WITHIN_S = 60.0
SETTLED_WITHIN_S = 120.0
SILENT_S = 4.0
"""Time without a new entry after which nothing is under way, seconds: TCP resends what a cut held back by then."""
COMPARED = ("journal", *(table.name for table in MADE_FROM_JOURNAL))
_HOURS = re.compile(r"^\[\[hours\]\]\n(?:\w[^\n]*\n)+\n?", re.MULTILINE)


class CabledCounty(ManagedResources):
    """Sites of the example county, always open, and the county server."""

    def __init__(self, folder: Path, *, sites: Sequence[str] = SITES) -> None:
        self._folder = folder
        self.sites = sites
        super().__init__()
        self._kiosks: dict[str, HubClient] = {}
        self.halls: dict[str, RealHall] = {}
        self.cut_for_long: set[str] = set()
        """Sites whose cables a test leaves cut on purpose."""

    def _start_all(self) -> None:
        """Start the county, then every site. Raises NoNamespaces."""
        self.net = self._open.enter_context(Network(self.sites))
        place = self.net.county
        self.county = RealCounty(
            self._folder / "county",
            self.sites,
            travel=_ways(self.sites),
            host=place.lan,
            inside=place.inside,
        )
        self.halls = {site: self._hall(site) for site in self.sites}
        self._open.enter_context(self.county)
        with ThreadPoolExecutor(AT_ONCE) as starting:
            list(starting.map(self._open.enter_context, self.halls.values()))

    def cable(self, site: str) -> Cable:
        """Return a site's cable to the county."""
        return self.net.sites[site].cable

    def kiosk(self, site: str) -> HubClient:
        """Return a site's kiosk, the same one every time."""
        if site not in self._kiosks:
            self._kiosks[site] = self.halls[site].client("kiosk-1")
        return self._kiosks[site]

    def issue_tickets(self, site: str, service: str, *, count: int = 1) -> list[TicketAnswer]:
        """Let so many visitors take a number, one after the other."""
        return [
            self.kiosk(site).issue(IssueTicket(request_id=new_request_id("kiosk-1"), service=service))
            for _ in range(count)
        ]

    def open_windows(self, site: str) -> None:
        """Let all clerks of a site open their windows."""
        hall = self.halls[site]
        for window in hall.catalogue.windows:
            hall.client(window.id).set_window(window.id, "open", WindowRequest(request_id=new_request_id(window.id)))

    def wait_until_equal(self, *sites: str) -> None:
        """Wait until the county has all that these sites (or all) wrote, line by line, and the same tables from it."""
        for site in sites or self.sites:
            until(lambda site=site: not self.differs(site), within_s=EQUAL_WITHIN_S, what=f"{site} and its copy agree")

    def differs(self, site: str) -> str:
        """Return a table in which a hub's database and the county's are not the same; empty when there is none."""
        hub = self.halls[site].data / "hall.sqlite"
        with closing(_reader(hub)) as ours, closing(_reader(self.database)) as theirs:
            return next((name for name in COMPARED if _rows(ours, name, site) != _rows(theirs, name, site)), "")

    def wait_until_settled(self, *sites: str) -> list[ReferralTrace]:
        """Wait until the county has all that these sites (or all) wrote, and nothing is left to do between them.

        Returns the trace of every referral between them. What a cut cable held back arrives late, and a place that is
        held upon it is released a moment afterwards; so no new entry must have come for ``SILENT_S``.
        """
        of, silent_since, seen = sites or self.sites, 0.0, -1

        def settled() -> bool:
            nonlocal silent_since, seen
            if any(self.differs(site) for site in of) or any(self.county.view(site).referrals for site in of):
                seen = -1
                return False
            newest = sum(self.halls[site].health().seq for site in of)
            if newest != seen:
                silent_since, seen = time.monotonic(), newest
            return time.monotonic() - silent_since > SILENT_S

        until(settled, within_s=SETTLED_WITHIN_S, what="all copies agree and nobody is being sent any more")
        return list(referrals({site: self.journal(site) for site in of}))

    def journal(self, site: str) -> Journal:
        """Return what a site's hub has written."""
        return Journal.of(self.halls[site].data / "hall.sqlite")

    @property
    def database(self) -> Path:
        """The county's database."""
        return Path(self.county.database.removeprefix("sqlite:///"))

    def _hall(self, site: str) -> RealHall:
        place = self.net.sites[site]
        folder = self._folder / site
        folder.mkdir(parents=True)
        described = folder / "described.toml"
        described.write_text(_HOURS.sub("", (EXAMPLE / f"{site}.toml").read_text(encoding="utf-8")), encoding="utf-8")
        return self.county.hub(
            site,
            folder=folder,
            catalogue=described,
            with_broker=True,
            host=place.lan,
            inside=place.inside,
            limits={"commands_per_minute": 100_000},
        )


def _ways(sites: Sequence[str]) -> str:
    """Return the example's travel table of these sites alone."""
    head, *ways = (EXAMPLE / "travel.csv").read_text(encoding="utf-8").splitlines()
    return "\n".join([head, *(way for way in ways if set(way.split(",")[:2]) <= set(sites))]) + "\n"


def _reader(database: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{database}?mode=ro", uri=True)


def _columns(connection: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]


def _rows(connection: sqlite3.Connection, table: str, site: str) -> list[tuple[object, ...]]:
    columns = ", ".join(f'"{name}"' for name in sorted(_columns(connection, table)))
    return sorted(connection.execute(f"SELECT {columns} FROM {table} WHERE site = ?", (site,)).fetchall(), key=repr)
