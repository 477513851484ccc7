"""The county of one run on disk: its sites, and the county server where there is more than one."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from demo.setup import settings_files as files
from demo.setup.descriptions import COUNTY
from demo.setup.folders import LOCAL, free_port
from demo.setup.site_setup import DemoFolder, SiteSetup, new_passcode, set_up_site
from protocol.settings import CountyAddress
from server.county.access import CountyAccess
from server.domain.county.travel import Travel, read_travel


@dataclass(frozen=True, kw_only=True)
class Server:
    """A server to start: its name in the logs, our command, its settings, and where it answers."""

    name: str
    command: str
    settings: Path
    url: str


@dataclass(frozen=True, kw_only=True)
class CableCut:
    """The site that reaches the county through a cable that will be cut for a while; ``port`` is its end there."""

    site: str
    port: int
    for_s: float


@dataclass(frozen=True, kw_only=True)
class CountyServer:
    """Where the county server is, the managers' passcode of its page, and the key of each site."""

    host: str
    port: int
    settings: Path
    passcode: str
    keys: Mapping[str, SecretStr]
    cut: CableCut | None

    @property
    def url(self) -> str:
        """The county's address."""
        return f"http://{self.host}:{self.port}"

    def address(self, site: str) -> CountyAddress:
        """Return where the county is, with the site's key."""
        return CountyAddress(url=self.url, key=self.keys[site])

    def way(self, site: str) -> CountyAddress:
        """Return how a site's hub reaches the county: as ``address``, or through the cable that will be cut."""
        if self.cut is None or self.cut.site != site:
            return self.address(site)
        return CountyAddress(url=f"http://{LOCAL}:{self.cut.port}", key=self.keys[site])


@dataclass(frozen=True, kw_only=True)
class CountySetup:
    """All sites of one run; the first is the hall one looks at. One hall alone has no county."""

    ground: DemoFolder
    sites: tuple[SiteSetup, ...]
    county: CountyServer | None
    ways: Travel

    @property
    def seen(self) -> SiteSetup:
        """The hall one looks at."""
        return self.sites[0]

    def site(self, name: str) -> SiteSetup:
        """Return the stage of a site."""
        return next(stage for stage in self.sites if stage.site == name)

    def told_services(self) -> frozenset[str]:
        """Return what those come for who are told of: services of the seen hall, in a county those of a branch too."""
        here, *branches = ({service.id for service in stage.catalogue.services} for stage in self.sites)
        return frozenset(here & set().union(*branches) if branches else here)

    def of_number(self, number: str) -> SiteSetup:
        """Return the site whose number this is: no letter of the example county belongs to two."""
        letters = number.rstrip("0123456789")
        return next(stage for stage in self.sites if letters in {s.letter for s in stage.catalogue.services})

    def servers(self) -> list[Server]:
        """Write the hubs' settings, and return all servers in the order to start them."""
        hubs = [
            Server(
                name=f"hub-{stage.site}",
                command="hub",
                settings=files.hub_settings(stage, county=self.county.way(stage.site) if self.county else None),
                url=stage.url,
            )
            for stage in self.sites
        ]
        if self.county is None:
            return hubs
        county = Server(name="county", command="county", settings=self.county.settings, url=self.county.url)
        return [hubs[0], county, *hubs[1:]]


def set_up_county(ground: DemoFolder, *, descriptions: Sequence[Path], port: int, cut: CableCut | None) -> CountySetup:
    """Set the stage of every site, the first with ``port``; ``cut`` is a branch's. Raises SettingsError, DemoFault."""
    sites = tuple(
        set_up_site(ground, description=path, seen=place == 0, port=port if place == 0 else free_port(ground.host))
        for place, path in enumerate(descriptions)
    )
    with (COUNTY / "travel.csv").open(encoding="utf-8") as table:
        ways = read_travel(table)
    return CountySetup(
        ground=ground,
        sites=sites,
        county=_set_county(ground, sites, cut=cut) if len(sites) > 1 else None,
        ways=ways,
    )


def _set_county(ground: DemoFolder, sites: Sequence[SiteSetup], *, cut: CableCut | None) -> CountyServer:
    """Write the county's settings beside its travel table, and give the managers a passcode and each site a key."""
    folder = ground.folder / "county"
    folder.mkdir(exist_ok=True)
    port = free_port(ground.host)
    shutil.copyfile(COUNTY / "travel.csv", folder / "travel.csv")
    settings = folder / "county.toml"
    ours = files.toml({"data": "data", "host": ground.host, "port": port})
    settings.write_text(f"{ours}\n{(COUNTY / 'county.toml').read_text(encoding='utf-8')}", encoding="utf-8")
    access = CountyAccess(folder / "data")
    access.prepare()
    passcode = new_passcode()
    access.set_passcode("manager", passcode)
    return CountyServer(
        host=ground.host,
        port=port,
        settings=settings,
        passcode=passcode,
        keys={stage.site: access.enrol(stage.site) for stage in sites},
        cut=cut,
    )
