"""Opens databases: a site's SQLite with one writer that commits durably and readers that can only read; the county's.

The county's is SQLite too, or PostgreSQL, which several county processes may share.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    QueuePool,
    StaticPool,
    create_engine,
    event,
    func,
    inspect,
    make_url,
    select,
    text,
)
from sqlalchemy.exc import ArgumentError, DatabaseError, DataError, IntegrityError, StatementError

from protocol.vocabulary import Text

MIGRATIONS = Path(__file__).parent / "migrations"
HEAD = "0005"
"""The newest migration; a test holds it equal to Alembic's own view."""


POSTGRES_WRITERS = 4
"""Threads of one county process that take journals at once; each waits for its own commit."""
MIGRATING, SERVING = 5_404_202, 5_404_203
"""Any numbers that nobody else locks in this database."""
POSTGRES_LIMITS = "SET lock_timeout = '8s'; SET idle_in_transaction_session_timeout = '30s'"
"""A writer gives up before its hub asks again, so that one row somebody holds never stops all of them; and who is cut
off in the middle of a transaction holds nothing for long."""
POSTGRES_LINK = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}
"""A database that is gone without a word is noticed within half a minute. Seconds; the last in milliseconds."""


class StoreFault(OSError):
    """The database cannot take a change; nothing was written. ``str()`` says why, in Chinese and in English."""

    @property
    def message(self) -> Text:
        """Why, each language by itself."""
        zh, _, en = str(self).partition(" / ")
        return Text(zh=zh, en=en)


class StoreFull(StoreFault):
    """The disk is full; reading still works, and writing will when there is room again."""


class StoreRefused(StoreFault):
    """The database does not take these values, and never will; nothing was written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CountyEngines:
    """How the county reaches its database."""

    writer: Engine
    reader: Engine
    writers: int
    """How many threads may write at once."""
    shared: bool
    """Whether other processes may write it too."""


def open_writer(path: Path) -> Engine:
    """Return the one engine that writes a database, made or migrated to the newest tables.

    SQLite in WAL mode with ``synchronous=FULL``: an answer after a commit survives a power cut.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreFault(
            f"数据库文件夹 {path.parent} 不能用 / the database's folder cannot be used: {error.strerror}"
        ) from error
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


def county_address(address: str) -> URL:
    """Return the address of a county's database; as text it hides a password.

    ``address`` is SQLAlchemy's: ``sqlite:///path`` or ``postgresql+psycopg://…``. Raises StoreFault: it is neither.
    """
    try:
        url = make_url(address)
    except (ArgumentError, ValueError) as error:  # ValueError: a port that is no number
        shown = re.sub("://.*@", "://***@", address)
        raise StoreFault(f"数据库地址不对 / is no address of a database: {shown!r}") from error
    in_a_file = url.drivername == "sqlite" and url.database not in {None, "", ":memory:"}
    if url.drivername != "postgresql+psycopg" and not in_a_file:
        raise StoreFault(
            "数据库应为 sqlite:///… 或 postgresql+psycopg://… / "
            f"the database must be sqlite:///… or postgresql+psycopg://…, not {url}"
        )
    return url


def open_county(address: str, *, serving: bool = False, made: bool = False) -> CountyEngines:
    """Return the engines of the county's database, made or migrated to the newest tables.

    While a server that is ``serving`` from a PostgreSQL has a connection, nobody has the database alone. With ``made``
    there must be a county's database already. Raises StoreFault.
    """
    url = county_address(address)
    if url.drivername == "sqlite":
        path = Path(url.database or "")
        if made and not path.is_file():
            raise _nothing_in(url)
        return CountyEngines(writer=open_writer(path), reader=open_reader(path), writers=1, shared=False)
    link = {**POSTGRES_LINK, "application_name": "jiaohao-county"}
    engine = create_engine(url, pool_size=POSTGRES_WRITERS * 2, pool_pre_ping=True, connect_args=link)
    event.listen(engine, "connect", _limited)
    if serving:
        event.listen(engine, "connect", _serves)
    with translated():
        if made and not inspect(engine).has_table("alembic_version"):
            raise _nothing_in(url)
        migrate(engine)
    return CountyEngines(writer=engine, reader=engine, writers=POSTGRES_WRITERS, shared=True)


def _nothing_in(url: URL) -> StoreFault:
    return StoreFault(f"{url} 里没有县平台的数据 / holds no county's data")


def have_alone(connection: Connection) -> None:
    """Have a PostgreSQL to oneself until the transaction ends. Raises StoreFault: a county serves from it."""
    if not connection.scalar(select(func.pg_try_advisory_xact_lock(SERVING))):
        url = connection.engine.url
        raise StoreFault(f"另一个 jiaohao-county 正在使用 {url} / another jiaohao-county is using {url}")


def _limited(connection: Any, record: Any) -> None:  # noqa: ANN401, ARG001 - SQLAlchemy's hook
    """Set the limits of a connection; those of the address, such as a search_path, stay."""
    connection.execute(POSTGRES_LIMITS)
    connection.commit()


def _serves(connection: Any, record: Any) -> None:  # noqa: ANN401, ARG001 - SQLAlchemy's hook
    """Mark a connection as one of a server's; the mark ends with the connection, and comes again with the next."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock_shared(%s)", [SERVING])
        (marked,) = cursor.fetchone()
    connection.commit()
    if not marked:
        raise StoreFault("jiaohao-county forget 正在使用数据库 / jiaohao-county forget is using the database")


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """Read one state of the database, whatever is written meanwhile."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN")
            yield connection
            connection.exec_driver_sql("ROLLBACK")
        else:
            yield connection.execution_options(isolation_level="REPEATABLE READ")


def migrate(engine: Engine) -> None:
    """Bring the tables to the newest form; Alembic is loaded only when there is something to do."""
    with engine.connect() as connection:
        if _is_newest(connection):
            return
    from alembic import command  # noqa: PLC0415 - 0.2 s and 10 MB that a normal start does not need
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":  # several processes may start at once: one migrates, the others wait
            connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({MIGRATING})")
            if _is_newest(connection):
                return
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _is_newest(connection: Connection) -> bool:
    known = inspect(connection).has_table("alembic_version")
    return known and connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == HEAD


@contextmanager
def translated() -> Iterator[None]:
    """Turn the database's own errors into a StoreFault that says what to do."""
    try:
        yield
    except (IntegrityError, DataError) as error:
        raise StoreRefused(f"数据库不接受 / the database does not take it: {error.orig}") from error
    except OverflowError as error:
        raise StoreRefused(f"数据库不接受 / the database does not take it: {error}") from error
    except (DatabaseError, sqlite3.DatabaseError) as error:
        cause = error.orig if isinstance(error, DatabaseError) else error
        if isinstance(cause, sqlite3.IntegrityError | sqlite3.DataError):
            raise StoreRefused(f"数据库不接受 / the database does not take it: {cause}") from error
        if "full" in str(cause):
            raise StoreFull("磁盘已满，请清理磁盘 / the disk is full, please make room") from error
        said = str(cause).partition("\n")[0]  # PostgreSQL adds hints in lines of their own
        raise StoreFault(f"数据库出错 / the database failed: {said}") from error
    except StatementError as error:  # what is no error of the database, on the way there
        if not isinstance(error.orig, OverflowError):
            raise
        raise StoreRefused(f"数据库不接受 / the database does not take it: {error.orig}") from error


def _manual(connection: sqlite3.Connection, record: Any) -> None:  # noqa: ANN401, ARG001 - SQLAlchemy's hook
    connection.isolation_level = None


def _durable(connection: sqlite3.Connection, record: Any) -> None:  # noqa: ANN401 - SQLAlchemy's hook
    _manual(connection, record)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000", "cache_size=-4000"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
