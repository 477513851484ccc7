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
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel, ValidationError

from protocol.faults import BilingualFault, LastingFault, system_error_text
from protocol.vocabulary import Text
from runtime.fault_log import FaultLog
from runtime.owned_files import open_owned, replace_file

log = logging.getLogger(__name__)

Content = TypeVar("Content", bound=BaseModel)


class AccessFault(BilingualFault, LastingFault, OSError):
    """The keys cannot be used."""


class KeyFile(Generic[Content]):
    """One JSON file with the content that a pydantic model describes; the model's defaults until it is written."""

    def __init__(self, path: Path, model: type[Content]) -> None:
        self.path = path
        self._model = model
        self._content = model()
        self._stamp: tuple[int, int, int] | None = None
        self._fault = FaultLog(log, Text(zh="密钥以上次读到的为准", en="the keys of the last reading stay in force"))

    def read(self) -> Content:
        """Return the content. When the file cannot be read any more, its former content stays in force.

        Raises AccessFault: it could not be read from the start.
        """
        try:
            status = self.path.stat()
            stamp = (status.st_mtime_ns, status.st_ctime_ns, status.st_ino)
            if stamp != self._stamp:
                self._content, self._stamp = self._parse(self.path.read_bytes()), stamp
            self._fault.ended()
        except OSError as error:
            self._keep(error)
        return self._content

    def _keep(self, error: OSError) -> None:
        """Note that the file cannot be read. Raises AccessFault: there is no former content."""
        if self._stamp is not None:
            self._fault.began(system_error_text(error).on_one_line())
        elif not isinstance(error, FileNotFoundError):
            found = system_error_text(error)
            raise AccessFault(found.zh, found.en) from error

    def _parse(self, encoded: bytes) -> Content:
        try:
            return self._model.model_validate_json(encoded)
        except ValidationError as error:
            raise AccessFault(
                f"{self.path} 已损坏，请从备份恢复", f"{self.path} is broken, restore it from a backup"
            ) from error

    @contextmanager
    def locked(self) -> Iterator[Content]:
        """Lock the file for a read-modify-write: two commands at once must not lose each other's change."""
        with open_owned(self.path.with_suffix(".lock")) as lock:
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


_SCRYPT = threading.Lock()
"""Held while a passcode is hashed: each takes 16 MB, and a flood of logins is hashed one after the other."""


def _scrypt(passcode: str, salt: bytes) -> str:
    with _SCRYPT:
        hashed = hashlib.scrypt(passcode.encode(), salt=salt, n=2**14, r=8, p=1)
    return f"{base64.b64encode(salt).decode()}${base64.b64encode(hashed).decode()}"
