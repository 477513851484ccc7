"""One site of the demo on disk: its description, keys, passcodes, ports and paths."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from demo.setup.folders import LOCAL, free_port
from protocol.settings import HubAddress, load_settings, server_url
from protocol.vocabulary import DeviceKind
from server.auth.login_service import Role
from server.domain.model.catalogue import Catalogue, Window
from server.hub.access import Access

KIOSK, DISPLAY, SIMULATED_KIOSK, MONITOR = "kiosk-1", "display-1", "kiosk-2", "monitor-1"
_HOURS = re.compile(r"^\[\[hours\]\]\n(?:[^\[\n][^\n]*\n|\n)*", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class DemoFolder:
    """The folders that all sites of one run share. ``sockets`` is a short path: unix sockets allow 107 bytes."""

    root: Path
    sockets: Path
    host: str

    @property
    def logs(self) -> Path:
        """Folder of the programs' output."""
        return self.root / "logs"

    @property
    def pictures(self) -> Path:
        """Folder of screenshots and of pictures of paper."""
        return self.root / "pictures"


@dataclass(frozen=True, kw_only=True)
class SiteSetup:
    """Addresses, paths and keys of one site. A ``shown`` site has a kiosk, a screen and a window for the person."""

    demo_folder: DemoFolder
    catalogue: Catalogue
    shown: bool
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
        return server_url(self.demo_folder.host, self.port)

    @property
    def settings(self) -> Path:
        """Folder of the settings of the site's programs."""
        return self.demo_folder.root / self.site / "settings"

    @property
    def data(self) -> Path:
        """Data folder of the hub: journal and keys."""
        return self.demo_folder.root / self.site / "hub"

    @property
    def persons_window(self) -> Window | None:
        """The last window, which has no simulated clerk; None where the hall is not shown or has one window."""
        return self.catalogue.windows[-1] if self.shown and len(self.catalogue.windows) > 1 else None

    @property
    def clerks_windows(self) -> list[Window]:
        """The windows with a simulated clerk."""
        return [window for window in self.catalogue.windows if window is not self.persons_window]

    def hub_address(self, device: str) -> HubAddress:
        """Return the hub's address with the device's id and key."""
        return HubAddress.model_validate({"url": self.url, "device": device, "key": self.keys[device]})

    def panel_socket(self, window: str) -> Path:
        """Return the control socket of a window's simulated panel."""
        return self.demo_folder.sockets / f"{self.site}-{window}.sock"

    @property
    def kiosk_socket(self) -> Path:
        """Remote-control socket of the kiosk."""
        return self.demo_folder.sockets / f"{self.site}-{KIOSK}.sock"


def set_up_site(demo_folder: DemoFolder, *, description: Path, shown: bool, port: int) -> SiteSetup:
    """Write a site's description, enrol its devices, set passcodes. Raises SettingsError for a wrong description."""
    site = load_settings(Catalogue, description).site
    folder = demo_folder.root / site
    for part in ("settings", "hub"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    site_file = folder / "settings" / "site.toml"
    site_file.write_text(always_open(description.read_text(encoding="utf-8")), encoding="utf-8")
    catalogue = load_settings(Catalogue, site_file)
    access = Access(folder / "hub", site=site)
    access.prepare()
    devices = {SIMULATED_KIOSK: DeviceKind.KIOSK, MONITOR: DeviceKind.MONITOR}
    devices |= {window.id: DeviceKind.WINDOW for window in catalogue.windows}
    devices |= {KIOSK: DeviceKind.KIOSK, DISPLAY: DeviceKind.DISPLAY} if shown else {}
    roles: tuple[Role, ...] = ("clerk", "manager")
    passcodes: dict[Role, str] = {role: new_passcode() for role in roles}
    for role, passcode in passcodes.items():
        access.set_passcode(role, passcode)
    return SiteSetup(
        demo_folder=demo_folder,
        catalogue=catalogue,
        shown=shown,
        port=port,
        broker_port=free_port(LOCAL),
        keys={name: access.enrol(name, kind).get_secret_value() for name, kind in devices.items()},
        passcodes=passcodes,
    )


def new_passcode() -> str:
    """Return six digits for a person to type."""
    return f"{secrets.randbelow(10**6):06d}"


def always_open(description: str) -> str:
    """Return a site's description without its opening hours, so that a demo at night has visitors too."""
    return _HOURS.sub("", description)
