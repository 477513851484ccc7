"""Faults of a store, and how the database's own errors become them.

::

    StoreFault              the database cannot take a change; nothing was written
    ├── StoreFull           the disk is full
    └── StoreRefused        the values are such that the database never takes them
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DatabaseError, DataError, IntegrityError, StatementError

from protocol.faults import BilingualFault


class StoreFault(BilingualFault, OSError):
    """The database cannot take a change; nothing was written."""


class StoreFull(StoreFault):
    """The disk is full; reading still works, and writing will when there is room again."""


class StoreRefused(StoreFault):
    """The database does not take these values, and never will; nothing was written."""


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
        reason = str(cause).partition("\n")[0]  # PostgreSQL adds hints in lines of their own
        raise StoreFault("数据库出错", f"the database failed: {reason}") from error
    except StatementError as error:  # SQLAlchemy wraps errors of its value conversion, before the database is reached
        if not isinstance(error.orig, OverflowError):
            raise
        raise StoreRefused("数据库不接受", f"the database does not take it: {error.orig}") from error
