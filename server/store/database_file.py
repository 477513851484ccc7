"""Whether a database's file is the one that this program wrote and can take a change: it is there, nobody else changed
it, it may be written, and the disk has room.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from server.store.faults import StoreFault, StoreFull, StoreUnusable, folder_fault

log = logging.getLogger(__name__)

ROOM_MIN_BYTES = 1024 * 1024
"""Free space below which the disk counts as full, bytes: some hundred tickets, and what the log needs."""
MERGE_WAIT_S = 5.0
"""Time for which ``merge_log`` waits for others that use the database, seconds."""

_FileState = tuple[int, int, int, int]
"""Device, inode, size and time of the last change of a file."""
_State = tuple[_FileState | None, _FileState | None]
"""State of the database and of its write-ahead log; None for a file that is not there."""


class DatabaseFile:
    """An open SQLite database as the file system has it; of a database on another server nothing is known.

    ``verify`` reads the database anew when another program has changed its file, and raises StoreFault when it does not
    hold what this program has written.
    """

    def __init__(self, path: str | None, verify: Callable[[], None] = lambda: None) -> None:
        self._path = None if path in (None, "", ":memory:") else Path(str(path))
        self._verify = verify
        self._writing = threading.Lock()
        self._files = None if self._path is None else (str(self._path), f"{self._path}-wal")
        self._known = self._states()
        self._refused: tuple[_State, StoreFault] | None = None
        """The state of the newest verification that failed, and why: the same state is not verified again."""

    @contextmanager
    def written(self) -> Iterator[None]:
        """Write in the block; what changes in it is this program's own. Raises StoreFault before the block."""
        if self._path is None:
            yield
            return
        with self._writing:
            self._check_file()
            try:
                yield
            finally:
                self._known = self._states()

    def check(self) -> None:
        """Raise StoreFault when a change cannot be written, as far as that shows without reading or writing."""
        if self._path is None:
            return
        if self._writing.acquire(blocking=False):
            try:
                self._refuse_known(self._states())
            finally:
                self._writing.release()
        disk = self.check_rights()
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
            if self._refused is not None:
                raise self._refused[1]
            if _identities(self._states())[0] != _identities(self._known)[0]:
                raise self._gone()
            busy = _truncate_log(self._path)
        except (StoreFault, sqlite3.Error) as error:
            log.warning("%s-wal 没有并入数据库文件 / could not be merged: %s", self._path, error)
        else:
            if busy:
                log.warning("%s-wal 正被其他程序使用，没有并入 / is in use and was not merged", self._path)

    def check_rights(self) -> os.statvfs_result:
        """Return the state of the disk. Raises StoreUnusable: the file is read-only, or it lies on such a disk."""
        path = self._path or Path("/")
        try:
            disk = os.statvfs(path)
        except OSError as error:
            raise folder_fault(error, str(path), str(path)) from error
        if disk.f_flag & os.ST_RDONLY or not os.access(path, os.W_OK):
            raise StoreUnusable(f"{path} 只能读，不能写", f"{path} is read-only")
        return disk

    def _check_file(self) -> None:
        """Raise StoreFault when the file is not the one that was written: what is written to it now would be lost."""
        now = self._states()
        if now == self._known:
            return
        self._refuse_known(now)
        try:
            self._verify()
        except StoreFault as fault:
            self._refused = now, fault
            raise

    def _refuse_known(self, now: _State) -> None:
        """Raise StoreFault when files are gone or replaced, or were verified in this state in vain."""
        if _identities(now) != _identities(self._known):
            raise self._gone()
        if self._refused is not None and self._refused[0] == now:
            raise self._refused[1]

    def _gone(self) -> StoreUnusable:
        return StoreUnusable(
            f"数据库文件 {self._path} 不见了或被换掉了，请从备份恢复后重启",
            f"the database file {self._path} is gone or was replaced: restore it, then restart",
        )

    def _states(self) -> _State:
        return (None, None) if self._files is None else (_state(self._files[0]), _state(self._files[1]))


def _truncate_log(path: Path) -> bool:
    """Merge the write-ahead log; True when somebody else's connection kept a part of it."""
    address = f"file:{quote(str(path))}?mode=rw"
    with closing(sqlite3.connect(address, uri=True, timeout=MERGE_WAIT_S, isolation_level=None)) as connection:
        busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return bool(busy)


def _identities(state: _State) -> tuple[tuple[int, ...] | None, ...]:
    return tuple(None if file is None else file[:2] for file in state)


def _state(path: str) -> _FileState | None:
    try:
        status = os.stat(path)  # on every command: a Path takes three times as long
    except OSError:
        return None
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns
