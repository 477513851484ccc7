"""Every secret of the machine: what may never leave it in a bundle for support."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from installation.machine import SETTINGS, Machine
from installation.settings_files.server_files import COUNTY_DATA, HUB_DATA
from protocol.faults import WrongValue
from protocol.text.toml_text import parse_toml

SECRET_NAMES = re.compile(r"key|code|password|secret|passcode", re.IGNORECASE)
"""Names of settings that hold a secret."""
REMOVED = b"[removed]"
_SHORTEST_LINE = 16
"""Length from which a line of a key file counts as a part of the key."""
_SHORTEST_SETTING = 4
_LARGEST_FILE = 1_000_000
_IN_ADDRESS = re.compile(r"//[^/\s:@\"]+:([^@\s\"]+)@")
_IN_TOML = re.compile(r"""^\s*[\w.]*(?:key|code|password|secret)\w*\s*=\s*["']([^"']+)["']""", re.I | re.M)


def machine_secrets(machine: Machine) -> set[bytes]:
    """Return the secrets of settings and data folders, as they would stand in a text."""
    found: set[str] = set()
    for file in sorted(machine.path(SETTINGS).glob("*")):
        if file.is_file():
            found |= set(secrets_of_settings(file.read_bytes()))
    for folder in (HUB_DATA, COUNTY_DATA, f"{SETTINGS}/tls"):
        for file in _key_files(machine.path(folder)):
            found |= set(secrets_of_key_file(file.read_text(encoding="utf-8", errors="replace")))
    return {secret.encode() for secret in found}


def without(content: bytes, secrets: Iterable[bytes]) -> bytes:
    """Return a content with every secret taken out, the longest first."""
    for secret in sorted(secrets, key=len, reverse=True):
        content = content.replace(secret, REMOVED)
    return content


def secrets_of_settings(encoded: bytes) -> Iterator[str]:
    """Yield the secrets of a settings file, also of one that is no TOML any more."""
    text = encoded.decode("utf-8", errors="replace")
    yield from _IN_ADDRESS.findall(text)
    yield from _IN_TOML.findall(text)
    try:
        yield from _named_secrets(parse_toml(encoded))
    except WrongValue:  # found above, line by line
        return


def secrets_of_key_file(text: str) -> Iterator[str]:
    """Yield the secrets of a file of keys: its texts when it is JSON, otherwise its lines."""
    try:
        yield from _texts(json.loads(text))
    except ValueError:
        yield from (part for part in re.split(r"[\s:]+", text) if len(part) >= _SHORTEST_LINE)


def _key_files(folder: Path) -> Iterator[Path]:
    """Yield the files of a data folder that may hold keys: all small ones that are no database and no backup."""
    if not folder.is_dir():
        return
    for path in sorted(folder.rglob("*")):
        is_data = ".sqlite" in path.name or path.suffix in {".age", ".jsonl", ".head"}
        if path.is_file() and not is_data and path.stat().st_size <= _LARGEST_FILE:
            yield path


def _named_secrets(values: Any, name: str = "") -> Iterator[str]:  # noqa: ANN401 - of any table
    if isinstance(values, dict):
        for key, value in values.items():
            yield from _named_secrets(value, str(key))
    elif isinstance(values, list):
        for value in values:
            yield from _named_secrets(value, name)
    elif isinstance(values, str) and len(values) >= _SHORTEST_SETTING and SECRET_NAMES.search(name):
        yield values


def _texts(value: Any) -> Iterator[str]:  # noqa: ANN401 - of any JSON
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
    elif isinstance(value, str) and len(value) >= _SHORTEST_LINE:
        yield value
