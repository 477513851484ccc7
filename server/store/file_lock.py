"""Locks a data folder for one server: a second one would write the same journal."""

from __future__ import annotations

import fcntl
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from runtime.owned_files import make_folder, open_owned
from server.store.faults import StoreFault, folder_fault


@contextmanager
def hold_exclusively(folder: Path, *, database: Path | None = None, server: str = "hub") -> Iterator[None]:
    """Hold a data folder, created if missing, until the block or the process ends.

    ``database``, which nobody else may have open, tells of a server whose lock file was deleted while it runs. Raises
    StoreFault: the folder cannot be created or written, or another process holds it.
    """
    path = folder / f"{server}.lock"
    try:
        make_folder(folder)
        is_new = not path.exists()
        file = open_owned(path)
    except OSError as error:
        raise folder_fault(error, f"数据文件夹 {folder}", f"the data folder {folder}") from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise StoreFault(
                f"另一个 jiaohao-{server} 正在使用 {folder}", f"another jiaohao-{server} is using {folder}"
            ) from error
        if is_new and database is not None and database.exists() and _is_open(database):
            path.unlink(missing_ok=True)  # the next try is not to take it for a lock that was free
            raise StoreFault(
                f"另一个 jiaohao-{server} 正在使用 {folder}，或别的程序打开着 {database}",
                f"another jiaohao-{server} is using {folder}, or another program has {database} open",
            )
        yield


def _is_open(database: Path) -> bool:
    """Return whether another process has a SQLite database open; what else is wrong with it shows when it is opened."""
    address = f"file:{quote(str(database))}?mode=rw"
    try:
        with closing(sqlite3.connect(address, uri=True, timeout=0, isolation_level=None)) as connection:
            connection.execute("PRAGMA locking_mode=EXCLUSIVE")
            connection.execute("BEGIN IMMEDIATE")
    except sqlite3.Error as error:
        return error.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
    return False
