"""The hub's one settings file."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Annotated

from pydantic import Field

from protocol.settings import BrokerAddress, CountyAddress, Host, Network, Port, Settings, SettingsError
from protocol.vocabulary import Text
from server.http_server.connections.connection_limits import ConnectionLimits, LimitedCount

SETTINGS_FILE = Path("/etc/jiaohao/hub.toml")
"""Default path of the settings file of the hub's programs."""


class HubLimits(ConnectionLimits):
    """``[limits]`` of a hub."""

    commands_per_minute: LimitedCount = 1200
    """Number of commands of one device's key within a minute."""


class BackupSettings(Settings):
    """``[backup]`` of a hub: where ``jiaohao-admin backup`` writes."""

    folder: Path | None = None
    """Folder of the backups, best on another disk; left out, ``backup`` beside the database."""
    kept: Annotated[int, Field(strict=True, ge=1, le=1000)] = 14
    """Number of backups that are kept; the oldest ones are deleted."""


class HubTls(Settings):
    """``[tls]`` of a hub: devices and staff connect to ports of their own, encrypted; ``port`` then serves visitors.

    Certificate, key and authority are made on first use, in ``tls`` and ``authority`` beside the database.
    """

    devices_port: Port = 8443
    staff_port: Port = 8444
    broker_port: Port = 8883
    """Port at which Mosquitto serves devices (``mosquitto-jiaohao.conf``)."""
    names: tuple[Host, ...] = ()
    """Names and addresses, beside this machine's own name, by which the staff's browsers reach the hub."""


class HubSettings(Settings):
    """``hub.toml``. Relative paths count from the folder the file lies in."""

    catalogue: Path = Path("site.toml")
    """File of the site's description: departments, services, windows, hours, rules."""
    data: Path = Path("data")
    """Folder of the database, keys and passcodes."""
    host: Host = "0.0.0.0"  # noqa: S104 - kiosks and panels are other machines of the hall
    port: Port = 8080
    proxies: tuple[Network, ...] = ()
    """Proxies whose ``X-Forwarded-For`` is trusted; left out, none."""
    limits: HubLimits = HubLimits()
    tls: HubTls | None = None
    """Left out, everybody connects to ``port``, and nothing is encrypted."""
    broker: BrokerAddress = BrokerAddress()
    backup: BackupSettings = BackupSettings()
    county: CountyAddress | None = None
    """The county that this site belongs to, if any."""

    @property
    def database(self) -> Path:
        """The site's journal and tables."""
        return self.data / "hall.sqlite"

    @property
    def tls_folder(self) -> Path:
        """Folder of the hub's certificate (``runtime.tls_files``)."""
        return self.data / "tls"

    @property
    def backup_folder(self) -> Path:
        """Folder that backups are written to."""
        return self.backup.folder or self.data / "backup"

    def from_folder(self, folder: Path) -> HubSettings:
        """Return the settings with relative paths resolved. Raises SettingsError: a file they name is not there."""
        changes: dict[str, object] = {"catalogue": folder / self.catalogue, "data": folder / self.data}
        if self.backup.folder is not None:
            changes["backup"] = self.backup.model_copy(update={"folder": folder / self.backup.folder})
        if self.county is not None and self.county.ca is not None:
            ca = folder / self.county.ca
            _check_certificates(ca)
            changes["county"] = self.county.model_copy(update={"ca": ca})
        return self.model_copy(update=changes)


def _check_certificates(ca: Path) -> None:
    try:
        ssl.create_default_context(cafile=ca)
    except ssl.SSLError as error:
        unusable = Text(zh=f"county.ca: {ca} 里没有 PEM 证书", en=f"county.ca: {ca} has no PEM certificate")
        raise SettingsError("hub.toml", unusable) from error
    except OSError as error:
        missing = Text(zh=f"county.ca: 没有文件 {ca}", en=f"county.ca: there is no file {ca}")
        raise SettingsError("hub.toml", missing) from error
