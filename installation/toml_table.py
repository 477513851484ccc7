"""Reads a TOML file that is a table of no particular program."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from protocol.faults import WrongValue
from protocol.settings import SettingsError, unreadable
from protocol.text.toml_text import parse_toml


def read_table(path: Path) -> dict[str, Any]:
    """Return the values of a TOML file. Raises SettingsError."""
    try:
        return parse_toml(path.read_bytes())
    except OSError as error:
        raise unreadable(path, error) from error
    except WrongValue as error:
        raise SettingsError(path, error.text) from error
