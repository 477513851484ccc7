"""Programs for which a name has an address of the test's own: /etc/hosts is another file in their mount namespace."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

_BOUND = 'mount --bind "$0" /etc/hosts && exec "$@"'


def knowing(names: Mapping[str, str], folder: Path) -> tuple[str, ...]:
    """Return what to put before a command so that it resolves these names, and no others of the machine's file.

    A name may have several addresses, with blanks between them.
    """
    file = folder / "hosts"
    lines = [f"{address} {name}\n" for name, addresses in names.items() for address in addresses.split()]
    file.write_text("".join(lines), encoding="utf-8")
    as_root = ("--map-root-user",) if os.geteuid() else ()
    return ("unshare", "--mount", *as_root, "--", "sh", "-c", _BOUND, str(file))
