"""The key of a hub's backups: an age identity (C2SP age), which the age command and other programs read too."""

from __future__ import annotations

from pathlib import Path

from pyrage import IdentityError
from pyrage.x25519 import Identity

from protocol.vocabulary import Text
from runtime.owned_files import replace_file
from runtime.run_command import CommandFailed

NO_KEY = Text(
    zh="不是备份密钥：应为 AGE-SECRET-KEY-1 开头的一行",
    en="this is no key of backups: it is one line that begins with AGE-SECRET-KEY-1",
)


def read_or_make_key(data: Path) -> Identity:
    """Return the key kept in a hub's data folder, made at the first use. Raises CommandFailed, OSError."""
    path = data / "backup.key"
    if not path.exists():
        replace_file(path, f"{Identity.generate()}\n")
    return parse_key(path.read_text(encoding="ascii", errors="replace"))


def parse_key(text: str) -> Identity:
    """Return the key that a technician typed, or that a file holds. Raises CommandFailed: it is none."""
    try:
        return Identity.from_str(text.strip())
    except IdentityError as error:
        raise CommandFailed(NO_KEY) from error
