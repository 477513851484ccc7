"""Whether a database's file can take a change: it is there, may be written, and the disk has room."""

from __future__ import annotations

import logging
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from server.store.faults import StoreFault, StoreFull

log = logging.getLogger(__name__)

ROOM_MIN_BYTES = 1024 * 1024
"""Free space below which the disk counts as full, bytes: some hundred tickets, and what the log needs."""
MERGE_WAIT_S = 5.0
"""Time for which ``merge_log`` waits for others that use the database, seconds."""


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

    def merge_log(self) -> None:
        """Write what the write-ahead log has into the file, which is then whole without it.

        Called when this process has closed its connections: SQLite leaves the log behind when a reader closes last. A
        log that cannot be merged, as on a full disk, is merged by the next start; nothing is lost.
        """
        if self._path is None:
            return
        try:
            self.check_file()
            busy = _truncate_log(self._path)
        except (StoreFault, sqlite3.Error) as error:
            log.warning("%s-wal 没有并入数据库文件 / could not be merged: %s", self._path, error)
        else:
            if busy:
                log.warning("%s-wal 正被其他程序使用，没有并入 / is in use and was not merged", self._path)


def _truncate_log(path: Path) -> bool:
    """Merge the write-ahead log; True when somebody else's connection kept a part of it."""
    address = f"file:{quote(str(path))}?mode=rw"
    with closing(sqlite3.connect(address, uri=True, timeout=MERGE_WAIT_S, isolation_level=None)) as connection:
        busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return bool(busy)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
