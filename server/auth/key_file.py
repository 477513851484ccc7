"""A file of keys and passcodes of which only hashes are kept.

Keys are 256 random bits, so one round of SHA-256 hides them; passcodes are short, so scrypt does. The file is replaced
whole by a command and read again by the running server when it changes.
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

log = logging.getLogger(__name__)

Kept = TypeVar("Kept", bound=BaseModel)


class AccessFault(OSError):
    """The keys cannot be used; ``str()`` is the sentence for the technician."""


class KeyFile(Generic[Kept]):
    """One JSON file with what ``kept`` describes; empty until it is written."""

    def __init__(self, path: Path, kept: type[Kept]) -> None:
        self.path = path
        self._kept = kept
        self._now = kept()
        self._stamp: tuple[int, int] | None = None

    def read(self) -> Kept:
        """Return what the file holds now. A file that breaks is told, and what was known before stays good.

        Raises AccessFault: it was broken from the start.
        """
        try:
            status = self.path.stat()
        except FileNotFoundError:
            return self._now
        stamp = (status.st_mtime_ns, status.st_ino)
        if stamp != self._stamp:
            self._now = self._parsed(self.path.read_bytes())
            self._stamp = stamp
        return self._now

    def _parsed(self, content: bytes) -> Kept:
        try:
            return self._kept.model_validate_json(content)
        except ValidationError as error:
            fault = AccessFault(f"{self.path} 已损坏，请从备份恢复 / is broken, restore it from a backup")
            if self._stamp is None:
                raise fault from error
            log.exception("%s", fault)
            return self._now

    @contextmanager
    def changing(self) -> Iterator[Kept]:
        """Hold the file while it is changed: two commands at once must not lose one's work."""
        with self.path.with_suffix(".lock").open("w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield self.read()

    def write(self, kept: Kept) -> None:
        """Replace what the file holds."""
        replace_file(self.path, json.dumps(kept.model_dump(mode="json"), indent=1))
        self.read()


def new_key() -> str:
    """Return a key nobody can guess."""
    return secrets.token_urlsafe(32)


def new_passcode() -> str:
    """Return a passcode for people: eight digits."""
    return f"{secrets.randbelow(10**8):08d}"


def hash_key(key: str) -> str:
    """Return what is kept of a key."""
    return hashlib.sha256(key.encode()).hexdigest()


def hash_passcode(passcode: str) -> str:
    """Return what is kept of a passcode."""
    return _scrypt(passcode, os.urandom(16))


def matches_passcode(hashed: str | None, passcode: str) -> bool:
    """Whether this is the passcode that was kept."""
    if hashed is None:
        return False
    salt = base64.b64decode(hashed.split("$")[0])
    return hmac.compare_digest(hashed, _scrypt(passcode, salt))


def stamp_of(hashed: str | None) -> str | None:
    """Return a mark that changes with a passcode, so that a new one ends old sessions."""
    return None if hashed is None else hash_key(hashed)[:16]


def _scrypt(passcode: str, salt: bytes) -> str:
    hashed = hashlib.scrypt(passcode.encode(), salt=salt, n=2**14, r=8, p=1)
    return f"{base64.b64encode(salt).decode()}${base64.b64encode(hashed).decode()}"


def replace_file(path: Path, content: str, *, mode: int = 0o600) -> None:
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
