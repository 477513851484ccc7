"""Who may use the hub: devices by key, people by the passcode of their role. Only hashes are kept, in ``access.json``.

``jiaohao-admin`` writes the file and the running hub reads it again when it changes. Devices log in at the broker with
the same keys: Mosquitto's password and access files are written next to it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import logging
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from protocol.faults import WrongValue
from protocol.vocabulary import DeviceKind, Identifier, SiteId, Text, WindowId
from runtime.owned_files import make_folder, replace_file
from server.auth.access_store import AccessStore, StoredAccess
from server.auth.key_file import AccessFault, hash_key, new_key
from server.hub.device import Device
from server.hub.topic_rights import TopicRights, device_rights, hub_rights, mosquitto_acl

log = logging.getLogger(__name__)

HUB_USER = "hub"
PBKDF2_ROUNDS = 1000
"""Rounds of PBKDF2 in Mosquitto's password file; the keys are random, so few rounds are enough."""


WINDOW_PREFIX = "window-"
"""Beginning of the name of a panel that is named after its window."""


def _free_name(name: str) -> str:
    if name == HUB_USER:
        raise WrongValue(f"{HUB_USER} 是站点服务器自己的名字", f"{HUB_USER} is the hub's own name")
    return name


DeviceName = Annotated[Identifier, AfterValidator(_free_name)]
"""Name of a device, which is also its user name at the broker."""


class DeviceKey(BaseModel):
    """One device's key, hashed for the hub and for Mosquitto, its kind, and the windows it is bound to."""

    model_config = ConfigDict(frozen=True)

    kind: DeviceKind
    sha256: str
    mosquitto: str
    windows: tuple[WindowId, ...] = ()
    """Windows of a panel. One without a list, from an earlier version, is bound to the window whose name it bears."""


class SiteKeys(StoredAccess):
    """All that ``access.json`` holds."""

    devices: dict[DeviceName, DeviceKey] = Field(default_factory=dict)
    hub: str = ""
    """The hub's own password at the broker, as Mosquitto hashes it."""

    def device(self, name: str) -> Device:
        """Return an enrolled device. Raises KeyError."""
        key = self.devices[name]
        if key.kind is not DeviceKind.WINDOW or key.windows:
            return Device(id=name, kind=key.kind, windows=frozenset(key.windows))
        bound = frozenset([WindowId(name)]) if name.startswith(WINDOW_PREFIX) else None
        return Device(id=name, kind=key.kind, windows=bound)


class Access(AccessStore[SiteKeys, Device]):
    """The keys and passcodes of a site, in its data folder."""

    def __init__(self, folder: Path, *, site: SiteId) -> None:
        super().__init__(folder / "access.json", SiteKeys)
        self._folder = folder
        self._site = site

    def prepare(self) -> None:
        """Create the hub's own broker key and the secret of web sessions on first use. Raises AccessFault."""
        make_folder(self._folder)
        path = self._file.path
        if self._hub_key_path.exists() and not path.exists():
            raise AccessFault(
                f"{path} 不见了：请从备份恢复，或删除 {self._hub_key_path} 后重新登记所有设备",
                f"{path} is missing: restore it from a backup, or delete {self._hub_key_path} and enrol again",
            )
        with self._file.locked() as current:
            if not self._has_hub_key(current):
                key = new_key()
                replace_file(self._hub_key_path, key)
                self._replace(current, hub=_mosquitto_hash(key), session_secret=current.session_secret or new_key())
            elif not self._are_broker_files_current(current):
                log.info("Mosquitto 的密钥文件已重写 / the broker's files of keys were written anew")
                self._write_broker_files(current)

    def _has_hub_key(self, stored: SiteKeys) -> bool:
        """Whether ``hub.key`` is the key that the broker knows."""
        try:
            key = self.hub_key()
            salt = base64.b64decode(stored.hub.split("$")[3])
        except (FileNotFoundError, ValueError, IndexError):  # a file or a hash that is none
            return False
        return hmac.compare_digest(stored.hub, _mosquitto_hash(key, salt=salt))

    def _are_broker_files_current(self, stored: SiteKeys) -> bool:
        return all(_read_bytes(path) == text.encode() for path, text in self._broker_files(stored).items())

    def _broker_files(self, stored: SiteKeys) -> dict[Path, str]:
        """Return what Mosquitto reads: its files, and what belongs into them."""
        return {
            self._folder / "mosquitto.passwd": _mosquitto_passwords(stored),
            self._folder / "mosquitto.acl": self._rights(stored),
        }

    def _write_broker_files(self, stored: SiteKeys) -> None:
        for path, text in self._broker_files(stored).items():
            replace_file(path, text, mode=0o640)

    @property
    def _hub_key_path(self) -> Path:
        return self._folder / "hub.key"

    def hub_key(self) -> str:
        """Return the hub's own password at the broker."""
        return self._hub_key_path.read_text(encoding="ascii")

    def devices(self) -> dict[str, DeviceKind]:
        """Return the enrolled devices and their kinds."""
        return {name: key.kind for name, key in self._file.read().devices.items()}

    def unbound_panels(self) -> list[str]:
        """Return the panels that act at every window, because an earlier version enrolled them under another name."""
        stored = self._file.read()
        return [name for name in sorted(stored.devices) if stored.device(name).windows is None]

    def topic_rights(self, user: str) -> TopicRights | None:
        """Return the rights of a user of the broker; None for one that is not enrolled."""
        if user == HUB_USER:
            return hub_rights(self._site)
        stored = self._file.read()
        return device_rights(self._site, stored.device(user)) if user in stored.devices else None

    def enrol(self, device: str, kind: DeviceKind, windows: Iterable[WindowId] = ()) -> SecretStr:
        """Give a device a new key, which ends its old one; only the returned value is ever shown.

        ``windows`` are those that a panel serves; without them it is the window whose name it bears.
        """
        key = new_key()
        entry = DeviceKey(kind=kind, sha256=hash_key(key), mosquitto=_mosquitto_hash(key), windows=tuple(windows))
        with self._file.locked() as current:
            self._replace(current, devices={**current.devices, device: entry})
        return SecretStr(key)

    def revoke(self, device: str) -> bool:
        """Revoke a device's key; False when it had none."""
        return self._remove("devices", device)

    def _holders_by_hash(self, stored: SiteKeys) -> Mapping[str, Device]:
        return {key.sha256: stored.device(name) for name, key in stored.devices.items()}

    def _write(self, stored: SiteKeys) -> None:
        super()._write(stored)
        self._write_broker_files(stored)

    def _rights(self, stored: SiteKeys) -> str:
        devices = {name: device_rights(self._site, stored.device(name)) for name in sorted(stored.devices)}
        return mosquitto_acl({HUB_USER: hub_rights(self._site), **devices})


def unbound_text(panel: str) -> Text:
    """Return what to do about a panel that acts at every window."""
    return Text(
        zh=f"面板 {panel} 的密钥对所有窗口有效：用 jiaohao-admin enrol {panel} --kind window --window … 重新登记",
        en=f"the key of the panel {panel} is good for every window: bind it with "
        f"jiaohao-admin enrol {panel} --kind window --window …",
    )


def _mosquitto_passwords(file: SiteKeys) -> str:
    lines = [f"{HUB_USER}:{file.hub}", *(f"{name}:{key.mosquitto}" for name, key in sorted(file.devices.items()))]
    return "\n".join(lines) + "\n"


def _read_bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _mosquitto_hash(key: str, *, salt: bytes | None = None) -> str:
    """Return the form in which Mosquitto 2 keeps a password (``$7$``: PBKDF2 with SHA-512; mosquitto_passwd(1))."""
    salt = salt or os.urandom(12)
    hashed = hashlib.pbkdf2_hmac("sha512", key.encode(), salt, PBKDF2_ROUNDS)
    return f"$7${PBKDF2_ROUNDS}${base64.b64encode(salt).decode()}${base64.b64encode(hashed).decode()}"
