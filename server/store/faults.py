"""Faults of a store, and how the database's own errors become them.

::

    StoreFault              the database cannot take a change; nothing was written
    ├── StoreFull           the disk is full
    ├── StoreRefused        the values are such that the database never takes them
    └── StoreUnusable       only a technician can help: wrong rights, another program's file, an older copy
        └── StoreDamaged    the file does not hold what was written to it
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DatabaseError, DataError, IntegrityError, StatementError

from protocol.faults import BilingualFault, LastingFault, is_lasting


class StoreFault(BilingualFault, OSError):
    """The database cannot take a change; nothing was written."""


class StoreFull(StoreFault):
    """The disk is full; reading still works, and writing will when there is room again."""


class StoreRefused(StoreFault):
    """The database does not take these values, and never will; nothing was written."""


class StoreUnusable(StoreFault, LastingFault):
    """Only a technician can help."""


class StoreDamaged(StoreUnusable):
    """The database's file does not hold what was written to it."""

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__(
            "数据库文件已损坏，请从备份恢复，然后重启", f"the database is damaged, restore it, then restart: {what}"
        )


def folder_fault(error: OSError, zh: str, en: str) -> StoreFault:
    """Return the fault of a folder or file that the system does not let us use; ``zh`` and ``en`` name it."""
    kind = StoreUnusable if is_lasting(error) else StoreFault
    return kind(f"{zh} 不能用：{error.strerror}", f"{en} cannot be used: {error.strerror}")


LASTING_CODES = frozenset({sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_READONLY})
"""SQLite's errors whose cause is in the rights or the kind of a file."""
DAMAGE_CODES = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


@contextmanager
def translate_errors() -> Iterator[None]:
    """Turn the database's own errors, raised in the block, into a StoreFault whose message names the remedy."""
    try:
        yield
    except (IntegrityError, DataError) as error:
        raise StoreRefused("数据库不接受", f"the database does not take it: {error.orig}") from error
    except OverflowError as error:
        raise StoreRefused("数据库不接受", f"the database does not take it: {error}") from error
    except (DatabaseError, sqlite3.DatabaseError) as error:
        cause = error.orig if isinstance(error, DatabaseError) else error
        if isinstance(cause, sqlite3.IntegrityError | sqlite3.DataError):
            raise StoreRefused("数据库不接受", f"the database does not take it: {cause}") from error
        if "full" in str(cause):
            raise StoreFull("磁盘已满，请清理磁盘", "the disk is full, please make room") from error
        raise _fault_of(cause) from error
    except StatementError as error:  # SQLAlchemy wraps errors of its value conversion, before the database is reached
        if not isinstance(error.orig, OverflowError):
            raise
        raise StoreRefused("数据库不接受", f"the database does not take it: {error.orig}") from error


def _fault_of(cause: BaseException | None) -> StoreFault:
    """Return the fault for an error of the database that is none of its values and no lack of room."""
    reason = str(cause).partition("\n")[0]  # PostgreSQL adds hints in lines of their own
    code = getattr(cause, "sqlite_errorcode", 0) & 0xFF  # without the extension that some codes have
    if code in DAMAGE_CODES:
        return StoreDamaged(reason)
    if code in LASTING_CODES:
        return StoreUnusable(
            "数据库文件不能用，请检查它和数据文件夹的权限",
            f"the database's file cannot be used, check its rights and those of its folder: {reason}",
        )
    return StoreFault("数据库出错", f"the database failed: {reason}")
