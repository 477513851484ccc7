"""Copies of a SQLite database: for a backup, and before its tables are migrated, so that an older program can go on."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from runtime.owned_files import make_folder, open_owned, sync_to_disk
from server.store.faults import StoreFault, folder_fault, translate_errors

log = logging.getLogger(__name__)

COPIES_KEPT = 3
"""Number of copies of one database from before migrations; the oldest ones are deleted."""


def copy_database(database: Path, copy: Path) -> None:
    """Write a database as it is at one moment into a new file, also while a program writes it. Raises StoreFault."""
    open_owned(copy).close()
    with translate_errors(), closing(sqlite3.connect(f"file:{quote(str(database))}?mode=ro", uri=True)) as connection:
        connection.execute("VACUUM INTO ?", [str(copy)])
    sync_to_disk(copy)


def keep_copy(database: Path, version: str) -> Path:
    """Write a database, with the tables of ``version``, into ``backup`` beside it; return the copy's path.

    A copy that is there is whole. Raises StoreFault.
    """
    folder = database.parent / "backup"
    copy = folder / f"{database.stem}-{version}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}{database.suffix}"
    part = folder / f"{database.name}.part"
    try:
        make_folder(folder)
        part.unlink(missing_ok=True)
        copy_database(database, part)
        part.rename(copy)
        sync_to_disk(folder)
        for old in _copies(folder, database)[:-COPIES_KEPT]:
            old.unlink()
    except StoreFault:
        part.unlink(missing_ok=True)
        raise
    except OSError as error:
        raise folder_fault(error, f"备份 {copy}", f"the copy {copy}") from error
    log.info("升级前的数据库存为 %s / the database before the update is kept as %s", copy, copy)
    return copy


def _copies(folder: Path, database: Path) -> list[Path]:
    """Return the copies of a database, the oldest first."""
    copies = folder.glob(f"{database.stem}-*{database.suffix}")
    return sorted(copies, key=lambda copy: copy.stat().st_mtime_ns)
