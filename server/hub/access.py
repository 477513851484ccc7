"""Who may ask: devices by key, people by the passcode of their role. Only hashes are kept, in ``access.json``.

``jiaohao-admin`` writes it and the running hub reads it again when it changes. The same keys let devices log in at the
broker: Mosquitto's password and access files are written next to it.
"""

from __future__ import annotations

import base64
import hashlib
import os
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, SecretStr

from protocol.topics import ROOT
from protocol.vocabulary import DeviceKind, Identifier
from server.auth.key_file import (
    AccessFault,
    KeyFile,
    hash_key,
    hash_passcode,
    matches_passcode,
    new_key,
    replace_file,
    stamp_of,
)
from server.auth.login_service import Role

HUB_USER = "hub"
PBKDF2_ROUNDS = 1000
"""Mosquitto's password files; its keys are random, so few rounds do."""


def _free_name(name: str) -> str:
    if name == HUB_USER:
        raise ValueError(f"{HUB_USER} 是站点服务器自己的名字 / is the hub's own name")
    return name


DeviceName = Annotated[Identifier, AfterValidator(_free_name)]
"""What a device may be called: it is also its user name at the broker."""


class DeviceKey(BaseModel):
    """One device's key, hashed, and what kind it is."""

    model_config = ConfigDict(frozen=True)

    kind: DeviceKind
    sha256: str
    mosquitto: str


class AccessFile(BaseModel):
    """All that ``access.json`` holds."""

    model_config = ConfigDict(frozen=True)

    devices: dict[DeviceName, DeviceKey] = {}
    passcodes: dict[Role, str] = {}
    hub: str = ""
    session_secret: str = ""


class Device(BaseModel):
    """A device that showed a good key."""

    model_config = ConfigDict(frozen=True)

    id: str
    kind: DeviceKind


class Access:
    """The keys and passcodes of a site, in its data folder."""

    def __init__(self, folder: Path, *, site: str) -> None:
        self._folder = folder
        self._site = site
        self._file = KeyFile(folder / "access.json", AccessFile)
        self._known: AccessFile | None = None
        self._by_hash: dict[str, Device] = {}

    def prepare(self) -> None:
        """Make the hub's own broker key and the secret of web sessions on first use. Raises AccessFault."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._file.path
        if self._hub_key_path.exists() and not path.exists():
            raise AccessFault(
                f"{path} 不见了：请从备份恢复，或删除 {self._hub_key_path} 后重新登记所有设备 / "
                f"{path} is missing: restore it from a backup, or delete {self._hub_key_path} and enrol again"
            )
        with self._file.changing() as current:
            if current.hub and self._hub_key_path.exists():
                return
            key = new_key()
            replace_file(self._hub_key_path, key)
            self._write(current.model_copy(update={"hub": _mosquitto_hash(key), "session_secret": new_key()}))

    @property
    def _hub_key_path(self) -> Path:
        return self._folder / "hub.key"

    def hub_key(self) -> str:
        """Return the hub's own password at the broker."""
        return self._hub_key_path.read_text(encoding="ascii")

    def session_secret(self) -> str:
        """Return the secret that signs web sessions."""
        return self._file.read().session_secret

    def devices(self) -> dict[str, DeviceKind]:
        """Return the enrolled devices."""
        return {name: key.kind for name, key in self._file.read().devices.items()}

    def enrol(self, device: str, kind: DeviceKind) -> SecretStr:
        """Give a device a new key, which ends its old one; only the returned value is ever shown."""
        key = new_key()
        entry = DeviceKey(kind=kind, sha256=hash_key(key), mosquitto=_mosquitto_hash(key))
        with self._file.changing() as current:
            self._write(current.model_copy(update={"devices": {**current.devices, device: entry}}))
        return SecretStr(key)

    def revoke(self, device: str) -> bool:
        """End a device's key; False when it had none."""
        with self._file.changing() as current:
            if device not in current.devices:
                return False
            rest = {name: key for name, key in current.devices.items() if name != device}
            self._write(current.model_copy(update={"devices": rest}))
        return True

    def set_passcode(self, role: Role, passcode: str) -> None:
        """Replace a role's passcode."""
        hashed = hash_passcode(passcode)
        with self._file.changing() as current:
            self._write(current.model_copy(update={"passcodes": {**current.passcodes, role: hashed}}))

    def device(self, key: str) -> Device | None:
        """Return who shows this key, or None."""
        file = self._file.read()
        if file is not self._known:
            self._by_hash = {d.sha256: Device(id=name, kind=d.kind) for name, d in file.devices.items()}
            self._known = file
        return self._by_hash.get(hash_key(key))

    def role(self, role: Role, passcode: str) -> bool:
        """Whether the passcode is that role's."""
        return matches_passcode(self._file.read().passcodes.get(role), passcode)

    def pass_stamp(self, role: Role) -> str | None:
        """Return a mark that changes with a role's passcode, so that a new passcode ends old sessions."""
        return stamp_of(self._file.read().passcodes.get(role))

    def _write(self, file: AccessFile) -> None:
        self._file.write(file)
        replace_file(self._folder / "mosquitto.passwd", _mosquitto_passwords(file), mode=0o640)
        replace_file(self._folder / "mosquitto.acl", _mosquitto_rights(self._site), mode=0o640)


def _mosquitto_passwords(file: AccessFile) -> str:
    lines = [f"{HUB_USER}:{file.hub}", *(f"{name}:{key.mosquitto}" for name, key in sorted(file.devices.items()))]
    return "\n".join(lines) + "\n"


def _mosquitto_rights(site: str) -> str:
    """Return who may write what: the hub everything of its site, a device its own status, everyone may read."""
    return (
        f"user {HUB_USER}\ntopic readwrite {ROOT}/{site}/#\n\n"
        f"pattern read {ROOT}/{site}/#\npattern write {ROOT}/{site}/device/%u/status\n"
    )


def _mosquitto_hash(key: str) -> str:
    """Return the line Mosquitto 2 keeps for a password (``$7$``: PBKDF2 with SHA-512; mosquitto_passwd(1))."""
    salt = os.urandom(12)
    hashed = hashlib.pbkdf2_hmac("sha512", key.encode(), salt, PBKDF2_ROUNDS)
    return f"$7${PBKDF2_ROUNDS}${base64.b64encode(salt).decode()}${base64.b64encode(hashed).decode()}"
