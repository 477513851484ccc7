"""A real PostgreSQL for tests: a cluster of the test's own on a loopback port, with a new database on demand.

PostgreSQL does not run as root: then it runs as the user ``postgres`` of the Debian package, and its folder with it.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
from itertools import count
from pathlib import Path

import psycopg
from managed_resources import ManagedResources
from ports import LOCAL, free_port
from psycopg import sql
from readable_folder import readable_folder
from real_hall import Process, until

USER = "jiaohao"
INSTALLED = Path("/usr/lib/postgresql")


def programs() -> Path:
    """Return the folder of the newest PostgreSQL's programs."""
    found = sorted(INSTALLED.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not found:
        raise AssertionError("PostgreSQL is not installed: make packages")
    return found[-1].parent


class RealPostgres(ManagedResources):
    """A cluster that runs for the length of the ``with`` block. What is committed survives a kill, as at a county's."""

    def __init__(self) -> None:
        self.port = free_port()
        self._count = count(1)
        super().__init__()
        self._as_user = [] if os.geteuid() else ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]

    def _start_all(self) -> None:
        """Make the cluster and start it."""
        folder = self._open.enter_context(readable_folder("postgres"))
        if not os.geteuid():
            user = pwd.getpwnam("postgres")
            os.chown(folder, user.pw_uid, user.pw_gid)
        self._make(folder / "data", folder / "log")

    def _make(self, data: Path, log: Path) -> None:
        log.touch(mode=0o666)
        cluster = [str(programs() / "initdb"), "-D", str(data), "-U", USER, "-A", "trust", "-E", "UTF8", "--no-sync"]
        made = Process([*self._as_user, *cluster], log=log, environment={"LC_ALL": "C.UTF-8"})
        made.start()
        until(lambda: not made.running, within_s=60, what="the cluster is made")
        options = ["-p", str(self.port), "-h", LOCAL, "-k", "", "-c", "max_connections=200"]
        self._data = data
        self._server = Process([*self._as_user, str(programs() / "postgres"), "-D", str(data), *options], log=log)
        self._open.callback(self._server.end, signal.SIGQUIT)  # at once, and yet giving its shared memory back
        self.start()

    def start(self) -> None:
        """Start the server and wait until it answers."""
        self._server.start()
        until(lambda: self._answers() or not self._server.running, within_s=60, what="PostgreSQL answers")
        if not self._server.running:
            raise AssertionError(f"PostgreSQL did not start:\n{self._server.output()}")

    def stop(self) -> None:
        """Stop the server at once, as when its machine fails; what was committed is on its disk."""
        self._server.end(signal.SIGQUIT)

    def keep_copy(self) -> None:
        """Copy the cluster as it is now: a standby that receives nothing from now on."""
        self.stop()
        folder = self._data.parent
        source, copy = str(self._data), str(folder / "copy")
        copied = Process([*self._as_user, "cp", "-a", source, copy], log=folder / "log")
        copied.start()
        until(lambda: not copied.running, within_s=60, what="the cluster is copied")
        self.start()

    def fail_over(self) -> None:
        """Let the copy take the place of the cluster, at the same address."""
        self.stop()
        shutil.rmtree(self._data)
        (self._data.parent / "copy").rename(self._data)
        self.start()

    def _answers(self) -> bool:
        try:
            self._connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def _connect(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(host=LOCAL, port=self.port, user=USER, dbname="postgres", autocommit=True)

    def database(self, *, ordered: str = "") -> str:
        """Return the address of a new, empty database; ``ordered`` is the ICU locale by which it orders texts."""
        name = f"county_{next(self._count)}"
        made = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
        if ordered:
            made += sql.SQL(" TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE {}").format(sql.Literal(ordered))
        with self._connect() as connection:
            connection.execute(made)
        return f"postgresql+psycopg://{USER}@{LOCAL}:{self.port}/{name}"
