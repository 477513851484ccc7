"""Opens the county's database: SQLite, or PostgreSQL, which several county processes may share."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Any

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event, func, inspect, make_url, select
from sqlalchemy.exc import ArgumentError, DBAPIError

from server.store.database import migrate, open_reader, open_writer
from server.store.faults import StoreFault, translate_errors

POSTGRES_WRITERS = 4
"""Number of threads of one county process that write journals concurrently; each waits for its own commit."""
LARGEST_PORT = 65_535
SERVING_LOCK = 5_404_203
"""Key of the advisory lock that all connections of serving counties share: an arbitrary number."""
LOCK_WAIT_S, LOST_AFTER_S = 8, 15
"""Time for which a writer waits for a locked row, and after which a silent database counts as lost, seconds."""
POSTGRES_LIMITS = f"SET lock_timeout = '{LOCK_WAIT_S}s'; SET idle_in_transaction_session_timeout = '30s'"
"""Timeouts of every PostgreSQL session. A writer gives up on a locked row before its hub retries, so that one lock
never stops all writers; a session that was cut off inside a transaction loses its locks soon."""
SESSION_MARK, SESSION_PROBES = "jiaohao.session", 3
"""Name of a PostgreSQL setting that nobody else uses, and how often it is set to check that sessions are not shared."""
_READ_MARK = "SELECT current_setting(%s, true)"
POSTGRES_CONNECT_ARGS = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": LOST_AFTER_S * 1000,
}
"""libpq options that notice a silently lost database within half a minute, seconds; the last in milliseconds."""


class PoolerUnsuitable(StoreFault):
    """The database's address leads to a connection pooler that cannot be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CountyEngines:
    """The county's database engines."""

    writer: Engine
    reader: Engine
    writers: int
    """Number of threads that may write concurrently."""
    shared: bool
    """Whether other processes may write the same database."""


def county_address(address: str) -> URL:
    """Return the address of a county's database; as text it hides a password.

    ``address`` is SQLAlchemy's: ``sqlite:///path`` or ``postgresql+psycopg://…``. Raises StoreFault: it is neither.
    """
    try:
        url = make_url(address)
        _check_ports(url)
    except (ArgumentError, ValueError) as error:  # ValueError: a port that is none
        shown = re.sub("://.*@", "://***@", address)
        raise StoreFault(f"数据库地址不对：{shown!r}", f"the database's address is wrong: {shown!r}") from error
    in_a_file = url.drivername == "sqlite" and url.database not in {None, "", ":memory:"}
    if url.drivername != "postgresql+psycopg" and not in_a_file:
        raise StoreFault(
            f"数据库应为 sqlite:///… 或 postgresql+psycopg://…，不是 {url}",
            f"the database must be sqlite:///… or postgresql+psycopg://…, not {url}",
        )
    return url


def _check_ports(url: URL) -> None:
    """Raise ValueError when a port cannot be one; libpq takes several, with commas between them."""
    in_query = ",".join(url.normalized_query.get("port", ())).split(",")
    for port in [url.port, *filter(None, in_query)]:
        if port is not None and not 0 < int(port) <= LARGEST_PORT:
            raise ValueError(port)


def open_county(address: str, *, serving: bool = False, must_exist: bool = False) -> CountyEngines:
    """Return the engines of the county's database, made or migrated to the newest tables.

    A ``serving`` PostgreSQL connection holds a shared lock, so that ``lock_exclusively`` fails meanwhile. With
    ``must_exist`` the database is not created. Raises StoreFault, PoolerUnsuitable.
    """
    url = county_address(address)
    if url.drivername == "sqlite":
        path = Path(url.database or "")
        if must_exist and not path.is_file():
            raise _no_database(url)
        return CountyEngines(writer=open_writer(path), reader=open_reader(path), writers=1, shared=False)
    options = {**POSTGRES_CONNECT_ARGS, "application_name": "jiaohao-county"}
    _refuse_shared_sessions(url, options)
    engine = create_engine(url, pool_size=POSTGRES_WRITERS * 2, pool_pre_ping=True, connect_args=options)
    event.listen(engine, "connect", _set_timeouts)
    if serving:
        event.listen(engine, "connect", _mark_serving)
    with translate_errors():
        if must_exist and not inspect(engine).has_table("alembic_version"):
            raise _no_database(url)
        migrate(engine)
    return CountyEngines(writer=engine, reader=engine, writers=POSTGRES_WRITERS, shared=True)


def _refuse_shared_sessions(url: URL, options: Mapping[str, Any]) -> None:
    """Raise PoolerUnsuitable behind a pooler that lends a server's session to another client after each transaction.

    What one client sets for its session is then found in another's, or no longer in its own. Time limits, the lock of a
    serving county and prepared statements would get lost in the same way.
    """
    probe = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args=options)
    with translate_errors(), probe.connect() as own, probe.connect() as another:
        for _ in range(SESSION_PROBES):
            mark = token_hex()
            own.exec_driver_sql("SELECT set_config(%s, %s, false)", (SESSION_MARK, mark))
            found = [client.exec_driver_sql(_READ_MARK, (SESSION_MARK,)).scalar() for client in (own, another, own)]
            if found[::2] != [mark, mark] or found[1] == mark:
                raise PoolerUnsuitable(
                    "连接池不是会话模式：请设 pool_mode = session，或直接连接数据库",
                    "the connection pooler is not in session mode: set pool_mode = session, or connect without it",
                )


def _no_database(url: URL) -> StoreFault:
    return StoreFault(f"{url} 里没有县平台的数据", f"{url} holds no county's data")


def lock_exclusively(connection: Connection) -> None:
    """Lock a PostgreSQL database until the transaction ends. Raises StoreFault: a county serves from it."""
    if not connection.scalar(select(func.pg_try_advisory_xact_lock(SERVING_LOCK))):
        url = connection.engine.url
        raise StoreFault(f"另一个 jiaohao-county 正在使用 {url}", f"another jiaohao-county is using {url}")


@contextmanager
def pipelined(connection: Connection) -> Iterator[None]:
    """Send the statements of the block without waiting for the answer of each; the end of the block waits for all.

    Only statements that return no rows may be run in the block. SQLite runs each at once.
    """
    if connection.dialect.name != "postgresql":
        yield
        return
    driver: Any = connection.connection.driver_connection
    database_error = connection.dialect.loaded_dbapi.Error
    try:
        with driver.pipeline():
            yield
    except database_error as error:  # of a statement whose answer came at the end of the block
        raise DBAPIError.instance(None, None, error, database_error, dialect=connection.dialect) from error


def _set_timeouts(connection: Any, record: Any) -> None:  # noqa: ANN401, ARG001 - SQLAlchemy's hook
    """Set the timeouts of a connection; options of the address, such as a search_path, stay."""
    connection.execute(POSTGRES_LIMITS)
    connection.commit()


def _mark_serving(connection: Any, record: Any) -> None:  # noqa: ANN401, ARG001 - SQLAlchemy's hook
    """Mark a connection as a server's with a session-level shared lock, which ends with the connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock_shared(%s)", [SERVING_LOCK])
        (marked,) = cursor.fetchone()
    connection.commit()
    if not marked:
        raise StoreFault("jiaohao-county forget 正在使用数据库", "jiaohao-county forget is using the database")
