"""Files of a program's data folder, which belong to the program's user whoever writes them.

``sudo jiaohao-admin …`` must not leave a file that the hub or the broker cannot read any more.
"""

from __future__ import annotations

import os
import pwd
from pathlib import Path
from typing import IO

ROOT = 0


def replace_file(path: Path, content: str, *, mode: int = 0o600) -> None:
    """Replace a file atomically and durably: readers see the old or the new one, never a part.

    The file keeps its owner and mode; a new one gets ``mode`` and the owner of its folder. One writer at a
    time: the new file's name is always the same, so that the next one removes what a killed one has left.
    """
    partial = path.with_name(f".{path.name}.new")
    partial.unlink(missing_ok=True)
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(content)
            file.flush()
            os.fchmod(file.fileno(), path.stat().st_mode & 0o7777 if path.exists() else mode)
            _give(file.fileno(), path)
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError:
        partial.unlink(missing_ok=True)
        raise


def open_owned(path: Path, mode: str = "w") -> IO[str]:
    """Open a text file to write; a new one gets the owner of its folder."""
    file = path.open(mode, encoding="utf-8")
    _give(file.fileno(), path)
    return file


def sync_to_disk(path: Path) -> None:
    """Have the disk keep a file, or the names in a folder."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def share_with_group_of(path: Path, other: Path) -> None:
    """Give a file the group of another one, whose program is to read it; only root can and has to."""
    if os.geteuid() == ROOT:
        os.chown(path, -1, other.stat().st_gid)


def make_folder(folder: Path) -> None:
    """Make a folder where there is none; it gets the owner of the folder that it lies in."""
    made = [each for each in (folder, *folder.parents) if not each.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == ROOT:
        for each in reversed(made):
            _give(each, each)


def _give(file: int | Path, path: Path) -> None:
    """Give a file, open or not, to whom ``path`` belongs, unless it is theirs already.

    Only root may, and only root need: others own what they write.
    """
    owner, now = _owner(path), os.stat(file)
    if os.geteuid() == ROOT and owner != (now.st_uid, now.st_gid):
        os.chown(file, *owner)


def _owner(path: Path) -> tuple[int, int]:
    """Return user and group of a file; root's own ones give way to those of the folder, which the program owns."""
    folder = path.parent.stat()
    now = path.stat() if path.exists() else folder
    user = now.st_uid or folder.st_uid
    return user, now.st_gid or folder.st_gid or _group_of(user)


def _group_of(user: int) -> int:
    try:
        return pwd.getpwuid(user).pw_gid
    except KeyError:  # a user that only has a number
        return ROOT
