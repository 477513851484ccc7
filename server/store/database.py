"""Opens and migrates SQLite databases: one writer that commits durably, and readers that can only read."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, QueuePool, StaticPool, create_engine, event, inspect, text

from runtime.owned_files import make_folder, open_owned
from server.store.database_copy import keep_copy
from server.store.faults import StoreUnusable, folder_fault, translate_errors

MIGRATIONS = Path(__file__).parent / "migrations"
HEAD = "0007"
"""Revision of the newest migration; a test holds it equal to Alembic's own view."""
BUSY_WAIT_S = 5
"""Time for which a writer waits for another program that writes the same file, seconds."""
_PRAGMAS = ("synchronous=FULL", f"busy_timeout={BUSY_WAIT_S * 1000}", "cache_size=-4000")
MIGRATION_LOCK = 5_404_202
"""Key of the PostgreSQL advisory lock of a migrating process: an arbitrary number."""


ReadingEngine = Engine
"""An engine whose connections can only read."""


def open_writer(path: Path) -> Engine:
    """Return the one engine that writes a database, made or migrated to the newest tables.

    SQLite in WAL mode with ``synchronous=FULL``: an answer after a commit survives a power cut.
    """
    try:
        make_folder(path.parent)
        if not path.exists():
            open_owned(path).close()
    except OSError as error:
        raise folder_fault(error, f"数据库文件夹 {path.parent}", f"the database's folder {path.parent}") from error
    address = URL.create("sqlite", database=str(path))
    engine = create_engine(address, poolclass=StaticPool, connect_args={"check_same_thread": False})
    event.listen(engine, "connect", _configure_durable_writer)
    event.listen(engine, "begin", _begin_immediate)
    with translate_errors():
        migrate(engine)
    return engine


def open_reader(path: Path) -> ReadingEngine:
    """Return an engine for read-only queries, safe to use while the writer works."""

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, check_same_thread=False)

    engine = create_engine("sqlite://", creator=connect, poolclass=QueuePool)
    event.listen(engine, "connect", _disable_implicit_transactions)
    return engine


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """Read one consistent snapshot of the database, whatever is committed meanwhile."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN")
            yield connection
            connection.exec_driver_sql("ROLLBACK")
        else:
            yield connection.execution_options(isolation_level="REPEATABLE READ")


def migrate(engine: Engine) -> None:
    """Upgrade the tables to the newest migration, after a copy of a SQLite database.

    Alembic is imported only when there is something to do.
    """
    with engine.connect() as connection:
        version = _version(connection)
        if version == HEAD:
            return
    if version is not None and not any(MIGRATIONS.glob(f"versions/{version}_*.py")):
        raise StoreUnusable(
            "数据库是更新的程序写的，请安装新程序",
            f"the database was written by a newer program (tables {version}), install that one",
        )
    if version is not None and engine.dialect.name == "sqlite":
        keep_copy(Path(str(engine.url.database)), version)
    from alembic import command  # noqa: PLC0415 - 0.2 s and 10 MB that a normal start does not need
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":  # several processes may start at once: one migrates, the others wait
            connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")
            if _version(connection) == HEAD:
                return
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def tables_version(path: Path) -> str | None:
    """Return the revision of a SQLite database's tables; None before they are made. Raises StoreFault."""
    if not path.exists():
        return None
    with translate_errors(), open_reader(path).connect() as connection:
        return _version(connection)


def _version(connection: Connection) -> str | None:
    """Return the revision of the tables; None before they are made."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    version: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return version


def _disable_implicit_transactions(connection: sqlite3.Connection, record: Any) -> None:  # noqa: ANN401, ARG001 - SQLAlchemy's hook
    connection.isolation_level = None


def _configure_durable_writer(connection: sqlite3.Connection, record: Any) -> None:  # noqa: ANN401 - SQLAlchemy's hook
    _disable_implicit_transactions(connection, record)
    for pragma in ("journal_mode=WAL", "wal_checkpoint(TRUNCATE)", *_PRAGMAS):
        connection.execute(f"PRAGMA {pragma}")


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
