"""The county of one run on disk: its sites, and the county server where there is more than one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from demo import settings_files as files
from demo.ground import free_port
from demo.stage import Ground, Stage, set_stage

COUNTY = Path(__file__).parent / "county"
MAIN_HALL = "main-hall"
BRANCHES = ("tax", "police", "social-security", "real-estate", "health", "township")


@dataclass(frozen=True, kw_only=True)
class Server:
    """A server to start: its name in the logs, our command, its settings, and where it answers."""

    name: str
    command: str
    settings: Path
    url: str


@dataclass(frozen=True, kw_only=True)
class CountyStage:
    """All sites of one run; the first is the hall one looks at."""

    ground: Ground
    sites: tuple[Stage, ...]

    @property
    def seen(self) -> Stage:
        """The hall one looks at."""
        return self.sites[0]

    def servers(self) -> list[Server]:
        """Write the servers' settings, and return them in the order to start them."""
        return [
            Server(
                name=f"hub-{stage.site}",
                command="hub",
                settings=files.hub_settings(stage, county=None),
                url=stage.url,
            )
            for stage in self.sites
        ]


def set_county_stage(ground: Ground, *, descriptions: list[Path], port: int) -> CountyStage:
    """Set the stage of every site. Raises SettingsError."""
    sites = tuple(
        set_stage(ground, description=path, seen=place == 0, port=port if place == 0 else free_port(ground.host))
        for place, path in enumerate(descriptions)
    )
    return CountyStage(ground=ground, sites=sites)
