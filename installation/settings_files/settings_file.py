"""One settings file below ``/etc/jiaohao``: read, and replaced only by what its program can read."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, MutableMapping
from pathlib import Path
from typing import Any

import tomlkit
from pydantic import BaseModel

from installation.machine import Machine
from installation.toml_table import read_table
from protocol.settings import SettingsError, load_settings
from runtime.owned_files import make_folder, replace_file

MODE = 0o640
KEPT = ".before"
"""Ending of the copy of a file as it was before it was replaced."""


class SettingsFile:
    """``name``.toml, or the file at ``path``, which ``group`` may read.

    ``verify`` reads a file as its program does; it raises SettingsError.
    """

    def __init__(
        self,
        machine: Machine,
        name: str,
        model: type[BaseModel],
        *,
        group: str,
        verify: Callable[[Path], object] | None = None,
        path: Path | None = None,
    ) -> None:
        self.path = path or machine.settings_file(name)
        self._machine = machine
        self._group = group
        self._verify = verify or (lambda path: load_settings(model, path))

    @property
    def exists(self) -> bool:
        """Whether there is one."""
        return self.path.exists()

    def read(self) -> dict[str, Any]:
        """Return what it holds, nothing when there is none. Raises SettingsError."""
        return read_table(self.path) if self.exists else {}

    def verify(self) -> None:
        """Read it as its program does. Raises SettingsError."""
        self._verify(self.path)

    def write(self, values: Mapping[str, Any]) -> bool:
        """Have it hold these values; return whether anything was changed. Raises SettingsError, OSError."""
        if self.exists and self.read() == values:
            return self._machine.give_to_group(self.path, self._group)
        document = tomlkit.parse(self.path.read_text(encoding="utf-8-sig")) if self.exists else tomlkit.document()
        _update(document, values)
        return self.write_text(tomlkit.dumps(document))

    def write_text(self, text: str) -> bool:
        """Have it hold a text; the former file is kept. Raises SettingsError: its program could not read it."""
        if self.exists and self.path.read_text(encoding="utf-8") == text:
            return self._machine.give_to_group(self.path, self._group)
        make_folder(self.path.parent)
        self._try(text)
        if self.exists:
            kept = self.path.with_name(f"{self.path.name}{KEPT}")
            shutil.copy2(self.path, kept)
            self._machine.give_to_group(kept, self._group)
        replace_file(self.path, text, mode=MODE)
        self._machine.give_to_group(self.path, self._group)
        return True

    def _try(self, text: str) -> None:
        """Read the text from a file beside it, because paths count from its folder."""
        tried = self.path.with_name(f".{self.path.name}.tried")
        try:
            replace_file(tried, text)
            self._verify(tried)
        except SettingsError as error:
            source = str(self.path) if error.file == str(tried) else error.file
            raise SettingsError(source, *error.sentences) from error
        finally:
            tried.unlink(missing_ok=True)


def _update(table: MutableMapping[str, Any], values: Mapping[str, Any]) -> None:
    """Have a table hold these values; the comments of those that stay are kept."""
    for key in [key for key in table if key not in values]:
        del table[key]
    for key, value in values.items():
        now = table.get(key)
        if isinstance(now, MutableMapping) and isinstance(value, Mapping):
            _update(now, value)
        elif now != value:
            table[key] = value
