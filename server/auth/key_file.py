"""A file of keys and passcodes, stored only as hashes.

Keys are 256 random bits, so one round of SHA-256 is enough; passcodes are short, so they take scrypt. A command
replaces the file whole, and the running server reads it again when it changes.
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
from typing import Generic, TypeVar

from pydantic import BaseModel, ValidationError

from protocol.faults import BilingualFault

log = logging.getLogger(__name__)

Content = TypeVar("Content", bound=BaseModel)


class AccessFault(BilingualFault, OSError):
    """The keys cannot be used."""


class KeyFile(Generic[Content]):
    """One JSON file with the content that a pydantic model describes; the model's defaults until it is written."""

    def __init__(self, path: Path, model: type[Content]) -> None:
        self.path = path
        self._model = model
        self._content = model()
        self._stamp: tuple[int, int] | None = None

    def read(self) -> Content:
        """Return the content. When it breaks later, that is logged and the former content stays in force.

        Raises AccessFault: the file was broken from the start.
        """
        try:
            status = self.path.stat()
        except FileNotFoundError:
            return self._content
        stamp = (status.st_mtime_ns, status.st_ino)
        if stamp != self._stamp:
            self._content = self._parse(self.path.read_bytes())
            self._stamp = stamp
        return self._content

    def _parse(self, encoded: bytes) -> Content:
        try:
            return self._model.model_validate_json(encoded)
        except ValidationError as error:
            fault = AccessFault(f"{self.path} 已损坏，请从备份恢复", f"{self.path} is broken, restore it from a backup")
            if self._stamp is None:
                raise fault from error
            log.exception("%s", fault)
            return self._content

    @contextmanager
    def locked(self) -> Iterator[Content]:
        """Lock the file for a read-modify-write: two commands at once must not lose each other's change."""
        with self.path.with_suffix(".lock").open("w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield self.read()

    def write(self, content: Content) -> None:
        """Replace the content of the file."""
        replace_file(self.path, json.dumps(content.model_dump(mode="json"), indent=1))
        self.read()


def new_key() -> str:
    """Return a key of 256 random bits."""
    return secrets.token_urlsafe(32)


def new_passcode() -> str:
    """Return a passcode for people: eight digits."""
    return f"{secrets.randbelow(10**8):08d}"


def hash_key(key: str) -> str:
    """Return the SHA-256 of a key, in hexadecimal."""
    return hashlib.sha256(key.encode()).hexdigest()


def hash_passcode(passcode: str) -> str:
    """Return the scrypt hash of a passcode with a new salt."""
    return _scrypt(passcode, os.urandom(16))


def matches_passcode(hashed: str | None, passcode: str) -> bool:
    """Whether this passcode has that hash; never without one."""
    if hashed is None:
        return False
    salt = base64.b64decode(hashed.split("$")[0])
    return hmac.compare_digest(hashed, _scrypt(passcode, salt))


def stamp_of(hashed: str | None) -> str | None:
    """Return a mark that changes with the hash of a passcode; None without one."""
    return None if hashed is None else hash_key(hashed)[:16]


def _scrypt(passcode: str, salt: bytes) -> str:
    hashed = hashlib.scrypt(passcode.encode(), salt=salt, n=2**14, r=8, p=1)
    return f"{base64.b64encode(salt).decode()}${base64.b64encode(hashed).decode()}"


def replace_file(path: Path, content: str, *, mode: int = 0o600) -> None:
    """Replace a file atomically: readers see the old or the new one, never a part."""
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
