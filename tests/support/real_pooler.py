"""A real connection pooler for tests: PgBouncer on a loopback port before a cluster of ``real_postgres``.

PgBouncer does not run as root: then it runs as the user ``postgres``, as the cluster does.
"""

from __future__ import annotations

import os
import signal
from contextlib import ExitStack
from types import TracebackType
from typing import Self

import psycopg
from ports import LOCAL, free_port
from readable_folder import readable_folder
from real_hall import Process, until
from real_postgres import USER, RealPostgres

SETTINGS = """
[databases]
* = host={host} port={behind} user={user}
[pgbouncer]
listen_addr = {host}
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = {mode}
server_round_robin = {round_robin}
max_client_conn = 200
default_pool_size = 40
"""


class RealPooler:
    """A pooler that lives as long as the ``with`` block; ``mode`` is ``session``, ``transaction`` or ``statement``."""

    def __init__(self, cluster: RealPostgres, *, mode: str, round_robin: bool = False) -> None:
        self.port = free_port()
        self._cluster = cluster
        places = {"host": LOCAL, "behind": cluster.port, "port": self.port, "user": USER}
        self._settings = SETTINGS.format(**places, mode=mode, round_robin=int(round_robin))
        self._open = ExitStack()

    def __enter__(self) -> Self:
        """Start it."""
        folder = self._open.enter_context(readable_folder("pooler"))
        (folder / "pooler.ini").write_text(self._settings, encoding="utf-8")
        as_user = [] if os.geteuid() else ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        self._server = Process([*as_user, "/usr/sbin/pgbouncer", str(folder / "pooler.ini")], log=folder / "log")
        self._open.callback(self._server.end, signal.SIGKILL)
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it."""
        self._open.close()

    def start(self) -> None:
        """Start it and wait until it answers."""
        self._server.start()
        until(lambda: self._answers() or not self._server.running, within_s=60, what="the pooler answers")
        if not self._server.running:
            raise AssertionError(f"the pooler did not start:\n{self._server.output()}")

    def stop(self) -> None:
        """End it at once, with every connection."""
        self._server.end(signal.SIGKILL)

    def _answers(self) -> bool:
        try:
            psycopg.connect(host=LOCAL, port=self.port, user=USER, dbname="postgres").close()
        except psycopg.OperationalError:
            return False
        return True

    def before(self, address: str) -> str:
        """Return the address that leads to a database of the cluster through the pooler."""
        return address.replace(f":{self._cluster.port}/", f":{self.port}/")
