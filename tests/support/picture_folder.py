"""The folder in which tests save pictures for people to check."""

from __future__ import annotations

import os
from pathlib import Path


def picture_folder(room: str, *, otherwise: Path) -> Path:
    """Return the folder for pictures of a room, made anew: below JIAOHAO_PICTURES if that is set, or ``otherwise``."""
    kept = os.environ.get("JIAOHAO_PICTURES")
    folder = Path(kept) / room if kept else otherwise
    folder.mkdir(parents=True, exist_ok=True)
    return folder
