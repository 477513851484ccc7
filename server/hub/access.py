"""Who may ask: devices by key, people by the passcode of their role. Only hashes are kept, in ``access.json``.

Keys are 256 random bits, so one round of SHA-256 hides them; passcodes are short, so scrypt does. The file is replaced
whole by ``jiaohao-admin`` and read again by the running hub when it changes. The same keys let devices log in at the
broker: Mosquitto's password and access files are written next to it.
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
import hmac
import json
import logging
import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, SecretStr, ValidationError

from protocol.messages import DeviceKind, Identifier
from protocol.topics import ROOT
from server.web.served_site import Role

log = logging.getLogger(__name__)

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


class AccessFault(OSError):
    """The keys cannot be used; ``str()`` is the sentence for the technician."""


class Access:
    """The keys and passcodes of a site, in its data folder."""

    def __init__(self, folder: Path, *, site: str) -> None:
        self._folder = folder
        self._site = site
        self._path = folder / "access.json"
        self._stamp: tuple[int, int] | None = None
        self._file = AccessFile()
        self._by_hash: dict[str, Device] = {}

    def prepare(self) -> None:
        """Make the hub's own broker key and the secret of web sessions on first use. Raises AccessFault."""
        self._folder.mkdir(parents=True, exist_ok=True)
        if self._hub_key_path.exists() and not self._path.exists():
            raise AccessFault(
                f"{self._path} 不见了：请从备份恢复，或删除 {self._hub_key_path} 后重新登记所有设备 / "
                f"{self._path} is missing: restore it from a backup, or delete {self._hub_key_path} and enrol again"
            )
        with self._changing() as current:
            if current.hub and self._hub_key_path.exists():
                return
            key = secrets.token_urlsafe(32)
            _replace(self._hub_key_path, key)
            self._write(
                current.model_copy(update={"hub": _mosquitto_hash(key), "session_secret": secrets.token_urlsafe(32)})
            )

    @property
    def _hub_key_path(self) -> Path:
        return self._folder / "hub.key"

    def hub_key(self) -> str:
        """Return the hub's own password at the broker."""
        return self._hub_key_path.read_text(encoding="ascii")

    def session_secret(self) -> str:
        """Return the secret that signs web sessions."""
        return self._read().session_secret

    def devices(self) -> dict[str, DeviceKind]:
        """Return the enrolled devices."""
        return {name: key.kind for name, key in self._read().devices.items()}

    def enrol(self, device: str, kind: DeviceKind) -> SecretStr:
        """Give a device a new key, which ends its old one; only the returned value is ever shown."""
        key = secrets.token_urlsafe(32)
        entry = DeviceKey(kind=kind, sha256=_sha256(key), mosquitto=_mosquitto_hash(key))
        with self._changing() as current:
            self._write(current.model_copy(update={"devices": {**current.devices, device: entry}}))
        return SecretStr(key)

    def revoke(self, device: str) -> bool:
        """End a device's key; False when it had none."""
        with self._changing() as current:
            if device not in current.devices:
                return False
            rest = {name: key for name, key in current.devices.items() if name != device}
            self._write(current.model_copy(update={"devices": rest}))
        return True

    def set_passcode(self, role: Role, passcode: str) -> None:
        """Replace a role's passcode."""
        hashed = _scrypt(passcode, os.urandom(16))
        with self._changing() as current:
            self._write(current.model_copy(update={"passcodes": {**current.passcodes, role: hashed}}))

    def device(self, key: str) -> Device | None:
        """Return who shows this key, or None."""
        self._read()
        return self._by_hash.get(_sha256(key))

    def role(self, role: Role, passcode: str) -> bool:
        """Whether the passcode is that role's."""
        hashed = self._read().passcodes.get(role)
        if hashed is None:
            return False
        salt = base64.b64decode(hashed.split("$")[0])
        return hmac.compare_digest(hashed, _scrypt(passcode, salt))

    def pass_stamp(self, role: Role) -> str | None:
        """Return a mark that changes with a role's passcode, so that a new passcode ends old sessions."""
        hashed = self._read().passcodes.get(role)
        return None if hashed is None else _sha256(hashed)[:16]

    def _read(self) -> AccessFile:
        try:
            status = self._path.stat()
        except FileNotFoundError:
            return self._file
        stamp = (status.st_mtime_ns, status.st_ino)
        if stamp != self._stamp:
            self._take(self._path.read_bytes(), known=self._stamp is not None)
            self._stamp = stamp
        return self._file

    def _take(self, content: bytes, *, known: bool) -> None:
        """Use a new file; one that is broken is told, and the keys known before stay good."""
        try:
            self._file = AccessFile.model_validate_json(content)
        except ValidationError as error:
            fault = AccessFault(f"{self._path} 已损坏，请从备份恢复 / is broken, restore it from a backup")
            if not known:
                raise fault from error
            log.exception("%s", fault)
            return
        self._by_hash = {d.sha256: Device(id=name, kind=d.kind) for name, d in self._file.devices.items()}

    @contextmanager
    def _changing(self) -> Iterator[AccessFile]:
        """Hold the keys while they are changed: two enrolments at once must not lose one."""
        with (self._folder / "access.lock").open("w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield self._read()

    def _write(self, file: AccessFile) -> None:
        _replace(self._path, json.dumps(file.model_dump(mode="json"), indent=1))
        _replace(self._folder / "mosquitto.passwd", _mosquitto_passwords(file), mode=0o640)
        _replace(self._folder / "mosquitto.acl", _mosquitto_rights(self._site), mode=0o640)
        self._read()


def _mosquitto_passwords(file: AccessFile) -> str:
    lines = [f"{HUB_USER}:{file.hub}", *(f"{name}:{key.mosquitto}" for name, key in sorted(file.devices.items()))]
    return "\n".join(lines) + "\n"


def _mosquitto_rights(site: str) -> str:
    """Return who may write what: the hub everything of its site, a device its own status, everyone may read."""
    return (
        f"user {HUB_USER}\ntopic readwrite {ROOT}/{site}/#\n\n"
        f"pattern read {ROOT}/{site}/#\npattern write {ROOT}/{site}/device/%u/status\n"
    )


def _sha256(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def _scrypt(passcode: str, salt: bytes) -> str:
    hashed = hashlib.scrypt(passcode.encode(), salt=salt, n=2**14, r=8, p=1)
    return f"{base64.b64encode(salt).decode()}${base64.b64encode(hashed).decode()}"


def _mosquitto_hash(key: str) -> str:
    """Return the line Mosquitto 2 keeps for a password (``$7$``: PBKDF2 with SHA-512; mosquitto_passwd(1))."""
    salt = os.urandom(12)
    hashed = hashlib.pbkdf2_hmac("sha512", key.encode(), salt, PBKDF2_ROUNDS)
    return f"$7${PBKDF2_ROUNDS}${base64.b64encode(salt).decode()}${base64.b64encode(hashed).decode()}"


def _replace(path: Path, content: str, *, mode: int = 0o600) -> None:
    """Write a file so that readers see the old or the new one, never a part."""
    handle, name = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(mode)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
