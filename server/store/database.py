"""Opens a site's database: one writer that commits durably, and readers that can only read."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, QueuePool, StaticPool, create_engine, event, inspect, text
from sqlalchemy.exc import DatabaseError

MIGRATIONS = Path(__file__).parent / "migrations"
HEAD = "0004"
"""The newest migration; a test holds it equal to Alembic's own view."""


class StoreFault(OSError):
    """The database cannot take a change; nothing was written. ``str()`` says why."""


class StoreFull(StoreFault):
    """The disk is full; reading still works, and writing will when there is room again."""


def open_writer(path: Path) -> Engine:
    """Return the one engine that writes a database, made or migrated to the newest tables.

    SQLite in WAL mode with ``synchronous=FULL``: an answer after a commit survives a power cut.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    address = URL.create("sqlite", database=str(path))
    engine = create_engine(address, poolclass=StaticPool, connect_args={"check_same_thread": False})
    event.listen(engine, "connect", _durable)
    event.listen(engine, "begin", _begin)
    with translated():
        migrate(engine)
    return engine


def open_reader(path: Path) -> Engine:
    """Return an engine for queries beside the writer; it cannot change anything."""

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, check_same_thread=False)

    engine = create_engine("sqlite://", creator=connect, poolclass=QueuePool)
    event.listen(engine, "connect", _manual)
    return engine


def migrate(engine: Engine) -> None:
    """Bring the tables to the newest form; Alembic is loaded only when there is something to do."""
    with engine.connect() as connection:
        known = inspect(connection).has_table("alembic_version")
        if known and connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == HEAD:
            return
    from alembic import command  # noqa: PLC0415 - 0.2 s and 10 MB that a normal start does not need
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


@contextmanager
def translated() -> Iterator[None]:
    """Turn the database's own errors into a StoreFault that says what to do."""
    try:
        yield
    except (DatabaseError, sqlite3.DatabaseError) as error:
        cause = error.orig if isinstance(error, DatabaseError) else error
        if "full" in str(cause):
            raise StoreFull("磁盘已满，请清理磁盘 / the disk is full, please make room") from error
        raise StoreFault(f"数据库出错 / the database failed: {cause}") from error


def _manual(connection: sqlite3.Connection, record: Any) -> None:  # noqa: ANN401, ARG001 - SQLAlchemy's hook
    connection.isolation_level = None


def _durable(connection: sqlite3.Connection, record: Any) -> None:  # noqa: ANN401 - SQLAlchemy's hook
    _manual(connection, record)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000", "cache_size=-4000"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
