"""The county server's one settings file, and the file of travel times."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from protocol.faults import WrongValue
from protocol.settings import Host, Network, Port, Settings, SettingsError, TimeZone, Url, unreadable
from protocol.vocabulary import USUAL_TIME_ZONE, SiteId, Slug, Text
from server.domain.county.proposal_book import COUNTY
from server.domain.county.travel import Travel, read_travel
from server.http_server.connections.connection_limits import ConnectionLimits

SETTINGS_FILE = Path("/etc/jiaohao/county.toml")
"""Default path of the settings file of ``jiaohao-county``."""
MONITOR = "monitor"
"""Name of the key that a monitoring system uses."""
DATABASE_VARIABLE = "JIAOHAO_COUNTY_DATABASE"
"""Environment variable with the database's address, so that the file needs no password."""


class CountySite(Settings):
    """One site and where visitors find it."""

    id: Slug[SiteId]
    name: Text
    address: Text
    directions: Text = Text(zh="", en="")
    public_url: Annotated[Url, Field(max_length=200)] | None = None
    """Address under which visitors' phones reach the site's hub, as its kiosks print it; None: no page links there."""


class CountyTls(Settings):
    """``[tls]`` of a county: ``port`` is encrypted, for hubs and for the managers' browsers."""

    names: tuple[Host, ...] = ()
    """Names and addresses, beside this machine's own name, by which hubs and browsers reach the county."""


class CountySettings(Settings):
    """``county.toml``. Relative paths count from the folder the file lies in."""

    name: Text
    """What people call the county."""
    time_zone: TimeZone = USUAL_TIME_ZONE
    data: Path = Path("data")
    """Folder of keys and passcodes, and of the database when it is SQLite."""
    database: str = ""
    """``postgresql+psycopg://…`` or ``sqlite:///…``; left out, it is SQLite in the data folder.

    The environment variable ``JIAOHAO_COUNTY_DATABASE`` takes precedence, so that the file needs no password."""
    host: Host = "0.0.0.0"  # noqa: S104 - hubs are other machines
    port: Port = 8090
    proxies: tuple[Network, ...] = ()
    """Proxies whose ``X-Forwarded-For`` is trusted; left out, none."""
    limits: ConnectionLimits = ConnectionLimits()
    tls: CountyTls | None = None
    """Left out, nothing is encrypted: a proxy does that, or nobody."""
    travel: Path | None = None
    """A table of travel times between sites, in minutes: ``from,to,minutes``."""
    sites: Annotated[tuple[CountySite, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _check_names(self) -> Self:
        names = [s.id for s in self.sites]
        twice = sorted({n for n in names if names.count(n) > 1})
        if twice:
            shown = f"sites.id: {', '.join(twice)}"
            raise WrongValue(f"{shown} 重复", f"{shown} stands twice")
        taken = sorted({COUNTY, MONITOR} & set(names))
        if taken:
            shown = f"sites.id: {', '.join(taken)}"
            raise WrongValue(f"{shown} 是县平台自己的名字", f"{shown} is a name of the county's own")
        return self

    @property
    def by_id(self) -> Mapping[SiteId, CountySite]:
        """Sites by id, in the order of the file."""
        return {s.id: s for s in self.sites}

    def from_folder(self, folder: Path, environment: Mapping[str, str]) -> CountySettings:
        """Return the settings with relative paths resolved and the database that counts."""
        data = folder / self.data
        database = environment.get(DATABASE_VARIABLE) or self.database or f"sqlite:///{data / 'county.sqlite'}"
        travel = None if self.travel is None else folder / self.travel
        return self.model_copy(update={"data": data, "database": database, "travel": travel})

    def travel_times(self) -> Travel:
        """Return the travel times. Raises SettingsError: the table cannot be read, or names a site not described."""
        if self.travel is None:
            return Travel()
        try:
            with self.travel.open(encoding="utf-8", newline="") as table:
                travel = read_travel(table)
        except OSError as error:
            raise unreadable(self.travel, error) from error
        except UnicodeDecodeError as error:
            raise SettingsError(
                self.travel,
                Text(
                    zh="不是 UTF-8 编码，请在表格软件里另存为 CSV UTF-8",
                    en="is not UTF-8: save it again in the spreadsheet, as CSV UTF-8",
                ),
            ) from error
        except WrongValue as error:
            raise SettingsError(self.travel, error.text) from error
        unknown = sorted({name for pair in travel.minutes for name in pair} - set(self.by_id))
        if unknown:
            names = ", ".join(unknown)
            raise SettingsError(self.travel, Text(zh=f"{names} 没有在 sites 里", en=f"{names} is none of the sites"))
        return travel
