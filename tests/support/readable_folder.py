"""Temporary folders for programs that run as another user, who may not enter pytest's own."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

_OURS = re.compile(r"jiaohao-test-(\d+)-")


@contextmanager
def readable_folder(name: str) -> Iterator[Path]:
    """Make a folder until the block ends; remove those of processes that were killed in theirs."""
    for left in Path(tempfile.gettempdir()).iterdir():
        made = _OURS.match(left.name)
        if made and not psutil.pid_exists(int(made[1])):
            shutil.rmtree(left, ignore_errors=True)  # another one may be removing it too
    folder = Path(tempfile.mkdtemp(prefix=f"jiaohao-test-{os.getpid()}-{name}-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
