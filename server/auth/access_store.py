"""What the access files of a hub and of the county have in common: holders of keys, passcodes of roles, a secret."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict

from server.auth.key_file import KeyFile, hash_key, hash_passcode, matches_passcode, stamp_of
from server.auth.login_service import Role


class StoredAccess(BaseModel):
    """What every access file holds; keys and passcodes only as hashes."""

    model_config = ConfigDict(frozen=True)

    passcodes: dict[Role, str] = {}
    session_secret: str = ""


Stored = TypeVar("Stored", bound=StoredAccess)
Holder = TypeVar("Holder")


class AccessStore(ABC, Generic[Stored, Holder]):
    """One access file. ``Holder`` is whom a key belongs to: a device at a hub, a site at the county.

    Several processes may use the file: a change is read again when the file's time stamp differs. All methods raise
    AccessFault when the file was broken from the start, and OSError when it cannot be read or written.
    """

    def __init__(self, path: Path, stored: type[Stored]) -> None:
        self._file = KeyFile(path, stored)
        self._indexed: Stored | None = None
        self._holders: Mapping[str, Holder] = {}

    @abstractmethod
    def _holders_by_hash(self, stored: Stored) -> Mapping[str, Holder]:
        """Return the holder of each key, by the key's hash."""

    def session_secret(self) -> str:
        """Return the secret that signs web sessions."""
        return self._file.read().session_secret

    def holder_of(self, key: str) -> Holder | None:
        """Return whose key this is, or None."""
        stored = self._file.read()
        if stored is not self._indexed:
            self._holders, self._indexed = self._holders_by_hash(stored), stored
        return self._holders.get(hash_key(key))

    def set_passcode(self, role: Role, passcode: str) -> None:
        """Replace a role's passcode."""
        hashed = hash_passcode(passcode)
        with self._file.locked() as current:
            self._replace(current, passcodes={**current.passcodes, role: hashed})

    def is_passcode(self, role: Role, passcode: str) -> bool:
        """Whether the passcode is that role's. Takes about 50 ms and 16 MB: scrypt."""
        return matches_passcode(self._file.read().passcodes.get(role), passcode)

    def passcode_stamp(self, role: Role) -> str | None:
        """Return a mark that changes with a role's passcode, so that a new passcode ends old sessions."""
        return stamp_of(self._file.read().passcodes.get(role))

    def _replace(self, current: Stored, **changes: Any) -> None:  # noqa: ANN401 - the fields of ``Stored``
        """Write the file with some fields changed; within ``self._file.locked()``."""
        self._write(current.model_copy(update=changes))

    def _write(self, stored: Stored) -> None:
        self._file.write(stored)

    def _remove(self, section: str, name: str) -> bool:
        """Remove a name from one of the file's mappings; False when it was not there."""
        with self._file.locked() as current:
            entries: dict[str, Any] = getattr(current, section)
            if name not in entries:
                return False
            self._replace(current, **{section: {key: entry for key, entry in entries.items() if key != name}})
        return True
