"""What a technician answers about a machine: a file of answers, or the answers given at the terminal."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from protocol.settings import Host, Network, Rotation, Settings, Switch
from protocol.vocabulary import Identifier, Slug, WindowId

FIRST_BOOT_FILE = "/boot/firmware/jiaohao.toml"
"""A file of answers that is read when the machine starts, and wiped when all of it is done."""


class MachineRole(StrEnum):
    """What a machine is, in the order in which its programs are started."""

    COUNTY = "county"
    HUB = "hub"
    KIOSK = "kiosk"
    DISPLAY = "display"
    WINDOW = "window"


DEVICES = (MachineRole.KIOSK, MachineRole.DISPLAY, MachineRole.WINDOW)
SERVERS = (MachineRole.COUNTY, MachineRole.HUB)


class NetworkAnswers(Settings):
    """``[network]``: who may reach a server's ports; without networks everybody who reaches the machine."""

    firewall: Switch | None = None
    devices: tuple[Network, ...] | None = None
    staff: tuple[Network, ...] | None = None


class HubAnswers(Settings):
    """``[hub]``."""

    site_file: Path | None = None
    """Description of the site, copied to ``site.toml`` where there is none yet."""
    tls: Switch | None = None
    """Whether devices and staff connect encrypted; ``false`` is for a hall on one machine."""
    county_address: str | None = None
    """Address of the county server on another machine, also with a port."""
    county_code: str | None = None
    """One-time code of the county for this site."""
    settings: dict[str, Any] = Field(default_factory=dict)
    """Further keys of ``hub.toml``."""


class CountyAnswers(Settings):
    """``[county]``."""

    county_file: Path | None = None
    """Settings of the county with its sites, copied to ``county.toml`` where there is none yet."""


class KioskAnswers(Settings):
    """``[kiosk]``. ``printer``: ``auto``, ``none``, an address of the network, or a device file.

    ``code``, here and below: one-time code of the hub, where that is another machine.
    """

    name: Identifier | None = None
    code: str | None = None
    printer: str | None = None
    rotation: Rotation | None = None
    settings: dict[str, Any] = Field(default_factory=dict)


class DisplayAnswers(Settings):
    """``[display]``. ``sound_card`` as ``aplay -L`` names it, ``volume`` in per cent."""

    name: Identifier | None = None
    code: str | None = None
    window: Slug[WindowId] | None = None
    """The window that this sign hangs above; left out, it is a hall screen."""
    rotation: Rotation | None = None
    sound_card: str | None = None
    volume: Annotated[int, Field(strict=True, ge=0, le=100)] | None = None
    settings: dict[str, Any] = Field(default_factory=dict)


class WindowAnswers(Settings):
    """``[window]``: a clerk's panel."""

    name: Identifier | None = None
    code: str | None = None
    window: Slug[WindowId] | None = None
    settings: dict[str, Any] = Field(default_factory=dict)


class SetupAnswers(Settings):
    """A file of answers. What it leaves out is asked at a terminal, or has its default."""

    roles: tuple[MachineRole, ...] = ()
    hub_address: Host | None = None
    """Address of the hub in the hall's network; on the hub itself its own."""
    network: NetworkAnswers = NetworkAnswers()
    hub: HubAnswers = HubAnswers()
    county: CountyAnswers = CountyAnswers()
    kiosk: KioskAnswers = KioskAnswers()
    display: DisplayAnswers = DisplayAnswers()
    window: WindowAnswers = WindowAnswers()

    def has(self, role: MachineRole) -> bool:
        """Whether the machine has a role."""
        return role in self.roles
