"""Reads QR codes as a phone does, from a picture."""

from __future__ import annotations

import subprocess
from pathlib import Path


def decoded(picture: Path) -> list[str]:
    """Return what the codes in a picture say."""
    read = subprocess.run(
        ["zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", str(picture)],
        capture_output=True,
        text=True,
        check=False,
    )
    return read.stdout.splitlines()
