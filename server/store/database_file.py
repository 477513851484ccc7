"""Whether a database's file can take a change: it is there, may be written, and the disk has room."""

from __future__ import annotations

import os
from pathlib import Path

from server.store.faults import StoreFault, StoreFull

ROOM_MIN_BYTES = 1024 * 1024
"""Free space below which the disk counts as full, bytes: some hundred tickets, and what the log needs."""


class DatabaseFile:
    """An open SQLite database as the file system has it; of a database on another server nothing is known."""

    def __init__(self, path: str | None) -> None:
        self._path = None if path in (None, "", ":memory:") else Path(str(path))
        self._identity = None if self._path is None else _identity(self._path)

    def check_file(self) -> None:
        """Raise StoreFault when the file is not the one that was opened: what is written would be lost."""
        if self._path is not None and _identity(self._path) != self._identity:
            raise StoreFault(
                f"数据库文件 {self._path} 不见了或被换掉了，请从备份恢复后重启",
                f"the database file {self._path} is gone or was replaced: restore it, then restart",
            )

    def check(self) -> None:
        """Raise StoreFault when a change cannot be written, as far as that shows without writing."""
        self.check_file()
        if self._path is None:
            return
        disk = os.statvfs(self._path)
        if disk.f_flag & os.ST_RDONLY or not os.access(self._path, os.W_OK):
            raise StoreFault(f"{self._path} 只能读，不能写", f"{self._path} is read-only")
        if disk.f_bavail * disk.f_frsize < ROOM_MIN_BYTES:
            raise StoreFull("磁盘已满，请清理磁盘", "the disk is full, please make room")


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
