"""Data of the tree of ``tests/data/old_tree``: its databases, its messages, and what it reads from them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

OLD_TREE = Path(__file__).parents[1] / "data" / "old_tree"
HUBS = ("main-hall", "police")
RENAMED = {"/v1/arrivals": "/v1/check-ins", "/return": "/return-to-queue"}
"""Ends of addresses under ``/v1`` that have another name now."""


def old_json(name: str) -> Any:
    """Return one of its JSON files."""
    return json.loads((OLD_TREE / f"{name}.json").read_text(encoding="utf-8"))


def unpacked(name: str, path: Path) -> Path:
    """Write one of its databases to a path, as it lay on that hub's or county's disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.decompress((OLD_TREE / f"{name}.sqlite.gz").read_bytes()))
    return path


def present_path(path: str) -> str:
    """Return today's path of an older one."""
    ended = next((end for end in RENAMED if path.endswith(end)), None)
    return path if ended is None else path.removesuffix(ended) + RENAMED[ended]
