"""The county of one run on disk: its sites, and the county server where there is more than one."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import tomlkit
from pydantic import SecretStr

from demo.setup import settings_files as files
from demo.setup.descriptions import COUNTY
from demo.setup.folders import LOCAL, free_port
from demo.setup.site_setup import DemoFolder, SiteSetup, new_passcode, set_up_site
from protocol.settings import CountyAddress, server_url
from protocol.vocabulary import SiteId
from server.county.access import CountyAccess
from server.domain.county.travel import Travel, read_travel


@dataclass(frozen=True, kw_only=True)
class Server:
    """A server to start: its name in the logs, our command, its settings file and its URL."""

    name: str
    command: str
    settings: Path
    url: str


@dataclass(frozen=True, kw_only=True)
class CablePlan:
    """The site whose cable to the county will be cut for ``for_s`` seconds; the relay listens on ``port``."""

    site: str
    port: int
    for_s: float


@dataclass(frozen=True, kw_only=True)
class CountyServer:
    """The county server: its address and settings, the managers' passcode of its page, and each site's key."""

    host: str
    port: int
    settings: Path
    passcode: str
    keys: Mapping[str, SecretStr]
    cut: CablePlan | None

    @property
    def url(self) -> str:
        """URL of the county."""
        return server_url(self.host, self.port)

    def address(self, site: str) -> CountyAddress:
        """Return the county's address with the site's key."""
        return CountyAddress(url=self.url, key=self.keys[site])

    def hub_route(self, site: str) -> CountyAddress:
        """Return the address that a site's hub uses: that of the county, or of the relay that will be cut."""
        if self.cut is None or self.cut.site != site:
            return self.address(site)
        return CountyAddress(url=f"http://{LOCAL}:{self.cut.port}", key=self.keys[site])


@dataclass(frozen=True, kw_only=True)
class CountySetup:
    """All sites of one run; the first is the shown hall. One hall alone has no county server."""

    demo_folder: DemoFolder
    sites: tuple[SiteSetup, ...]
    county: CountyServer | None
    travel: Travel

    @property
    def shown(self) -> SiteSetup:
        """The hall with the kiosk, the screen and the person's window."""
        return self.sites[0]

    def site(self, name: str) -> SiteSetup:
        """Return the setup of a site."""
        return next(setup for setup in self.sites if setup.site == name)

    def narrated_services(self) -> frozenset[str]:
        """Return the services of kiosk visitors: those of the shown hall, in a county those that a branch has too."""
        here, *branches = ({service.id for service in setup.catalogue.services} for setup in self.sites)
        return frozenset(here & set().union(*branches) if branches else here)

    def site_of_number(self, number: str) -> SiteSetup:
        """Return the site that issues this number: no letter of the example county belongs to two sites."""
        letter = number.rstrip("0123456789")
        return next(setup for setup in self.sites if letter in {s.letter for s in setup.catalogue.services})

    def prepare_servers(self) -> list[Server]:
        """Write the hubs' settings; return all servers in the order in which to start them."""
        hubs = [
            Server(
                name=f"hub-{setup.site}",
                command="hub",
                settings=files.hub_settings(setup, county=self.county.hub_route(setup.site) if self.county else None),
                url=setup.url,
            )
            for setup in self.sites
        ]
        if self.county is None:
            return hubs
        county = Server(name="county", command="county", settings=self.county.settings, url=self.county.url)
        return [hubs[0], county, *hubs[1:]]


def set_up_county(
    demo_folder: DemoFolder, *, descriptions: Sequence[Path], port: int, cut: CablePlan | None
) -> CountySetup:
    """Set up every site, the first with ``port``, and the county. Raises SettingsError, DemoFault."""
    sites = tuple(
        set_up_site(
            demo_folder,
            description=path,
            shown=place == 0,
            port=port if place == 0 else free_port(demo_folder.host),
        )
        for place, path in enumerate(descriptions)
    )
    with (COUNTY / "travel.csv").open(encoding="utf-8") as table:
        travel = read_travel(table)
    return CountySetup(
        demo_folder=demo_folder,
        sites=sites,
        county=_set_up_county_server(demo_folder, sites, cut=cut) if len(sites) > 1 else None,
        travel=travel,
    )


def _set_up_county_server(
    demo_folder: DemoFolder, sites: Sequence[SiteSetup], *, cut: CablePlan | None
) -> CountyServer:
    """Write the county's settings and travel table, set the managers' passcode, enrol each site."""
    folder = demo_folder.root / "county"
    folder.mkdir(exist_ok=True)
    port = free_port(demo_folder.host)
    shutil.copyfile(COUNTY / "travel.csv", folder / "travel.csv")
    settings = folder / "county.toml"
    ours = tomlkit.dumps({"data": "data", "host": demo_folder.host, "port": port})
    settings.write_text(f"{ours}\n{_described(sites)}", encoding="utf-8")
    access = CountyAccess(folder / "data")
    access.prepare()
    passcode = new_passcode()
    access.set_passcode("manager", passcode)
    return CountyServer(
        host=demo_folder.host,
        port=port,
        settings=settings,
        passcode=passcode,
        keys={setup.site: access.enrol(SiteId(setup.site)) for setup in sites},
        cut=cut,
    )


def _described(sites: Sequence[SiteSetup]) -> str:
    """Return the county's description, with the address at which each site's pages are reached."""
    text = (COUNTY / "county.toml").read_text(encoding="utf-8")
    for setup in sites:
        named = f'id = "{setup.site}"\n'
        text = text.replace(named, f'{named}public_url = "{setup.url}"\n')
    return text
