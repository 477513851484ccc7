"""The floor under "issue a ticket": ``python bare_server.py PORT DATABASE``.

The barest route that still keeps what a hub must keep: FastAPI reads and checks a JSON body, one thread that owns the
database inserts one row and commits it (SQLite, WAL, ``synchronous=FULL``), and the answer goes out after the commit.
The disk never blocks the loop, as it must not while other requests wait. No keys, no rules, no journal, no repeats,
nothing published. uvicorn runs with the options of ``jiaohao-hub``.
"""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel


class Command(BaseModel):
    """A kiosk's request."""

    request_id: str
    service: str


class Row(BaseModel):
    """The answer."""

    number: int


class Rows:
    """One table and the thread that writes it."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=FULL")
        self._connection.execute("CREATE TABLE ticket (number INTEGER PRIMARY KEY, request_id TEXT, service TEXT)")
        self._writer = ThreadPoolExecutor(max_workers=1)

    async def add(self, command: Command) -> int:
        """Insert one row and commit it."""
        return await asyncio.get_running_loop().run_in_executor(self._writer, self._add, command)

    def _add(self, command: Command) -> int:
        self._connection.execute("BEGIN IMMEDIATE")
        added = self._connection.execute(
            "INSERT INTO ticket (request_id, service) VALUES (?, ?)", (command.request_id, command.service)
        )
        self._connection.execute("COMMIT")
        return added.lastrowid or 0

    def close(self) -> None:
        """End the thread and the connection."""
        self._writer.shutdown()
        self._connection.close()


def create_app(database: Path) -> FastAPI:
    """Return the bare application."""
    rows = Rows(database)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        rows.close()

    app = FastAPI(lifespan=lifespan)

    @app.post("/v1/tickets")
    async def issue(command: Command) -> Row:
        return Row(number=await rows.add(command))

    return app


if __name__ == "__main__":
    uvicorn.run(create_app(Path(sys.argv[2])), port=int(sys.argv[1]), log_level="warning", access_log=False)
