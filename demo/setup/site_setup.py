"""One site of the demo on disk: its description, everybody's keys and passcodes, and where each thing is."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from demo.setup.folders import LOCAL, free_port
from protocol.settings import HubAddress, load_settings
from protocol.vocabulary import DeviceKind
from server.auth.login_service import Role
from server.domain.model.catalogue import Catalogue, Window
from server.hub.access import Access

KIOSK, DISPLAY, SIMULATED_KIOSK = "kiosk-1", "display-1", "kiosk-2"
_HOURS = re.compile(r"^\[\[hours\]\]\n(?:[^\[\n][^\n]*\n|\n)*", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class DemoFolder:
    """What all sites of one run share. ``sockets`` is a short path: unix sockets allow 107 bytes."""

    folder: Path
    sockets: Path
    host: str

    @property
    def logs(self) -> Path:
        """What the programs say."""
        return self.folder / "logs"

    @property
    def pictures(self) -> Path:
        """What a person may look at."""
        return self.folder / "pictures"


@dataclass(frozen=True, kw_only=True)
class SiteSetup:
    """Where everything of one site is. ``seen``: there is a kiosk and a screen, and a window for the person."""

    ground: DemoFolder
    catalogue: Catalogue
    seen: bool
    port: int
    broker_port: int
    keys: Mapping[str, str]
    passcodes: Mapping[Role, str]

    @property
    def site(self) -> str:
        """The site's id."""
        return self.catalogue.site

    @property
    def url(self) -> str:
        """The hub's address."""
        return f"http://{self.ground.host}:{self.port}"

    @property
    def settings(self) -> Path:
        """Where the settings of the site's programs are."""
        return self.ground.folder / self.site / "settings"

    @property
    def data(self) -> Path:
        """The hub's own folder: journal and keys."""
        return self.ground.folder / self.site / "hub"

    @property
    def persons_window(self) -> Window | None:
        """The last window: no simulated clerk sits there. A hall of one window leaves none to the person."""
        return self.catalogue.windows[-1] if self.seen and len(self.catalogue.windows) > 1 else None

    @property
    def clerks_windows(self) -> list[Window]:
        """The windows at which simulated clerks sit."""
        return [window for window in self.catalogue.windows if window is not self.persons_window]

    def hub_address(self, device: str) -> HubAddress:
        """Return where a device finds the hub, with its key."""
        return HubAddress.model_validate({"url": self.url, "device": device, "key": self.keys[device]})

    def panel_socket(self, window: str) -> Path:
        """Return where a window's simulated panel is pressed."""
        return self.ground.sockets / f"{self.site}-{window}.sock"

    @property
    def kiosk_socket(self) -> Path:
        """Where the kiosk is seen and touched."""
        return self.ground.sockets / f"{self.site}-{KIOSK}.sock"


def set_up_site(ground: DemoFolder, *, description: Path, seen: bool, port: int) -> SiteSetup:
    """Describe a site, give everyone a key, and return its stage. Raises SettingsError for a wrong description."""
    site = load_settings(Catalogue, description).site
    folder = ground.folder / site
    for part in ("settings", "hub"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    site_file = folder / "settings" / "site.toml"
    site_file.write_text(always_open(description.read_text(encoding="utf-8")), encoding="utf-8")
    catalogue = load_settings(Catalogue, site_file)
    access = Access(folder / "hub", site=site)
    access.prepare()
    devices = {SIMULATED_KIOSK: DeviceKind.KIOSK} | {window.id: DeviceKind.WINDOW for window in catalogue.windows}
    devices |= {KIOSK: DeviceKind.KIOSK, DISPLAY: DeviceKind.DISPLAY} if seen else {}
    roles: tuple[Role, ...] = ("clerk", "manager")
    passcodes: dict[Role, str] = {role: new_passcode() for role in roles}
    for role, passcode in passcodes.items():
        access.set_passcode(role, passcode)
    return SiteSetup(
        ground=ground,
        catalogue=catalogue,
        seen=seen,
        port=port,
        broker_port=free_port(LOCAL),
        keys={name: access.enrol(name, kind).get_secret_value() for name, kind in devices.items()},
        passcodes=passcodes,
    )


def new_passcode() -> str:
    """Return six digits for a person to type."""
    return f"{secrets.randbelow(10**6):06d}"


def always_open(description: str) -> str:
    """Return a site's description without its opening hours: whoever runs the demo at night sees life too."""
    return _HOURS.sub("", description)
