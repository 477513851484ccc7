"""Serves an application over HTTP until a signal stops the process."""

from __future__ import annotations

import asyncio
import errno
import gc
import logging
import resource
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import uvicorn
from fastapi import FastAPI

from protocol.clients.http_answers import KEEP_ALIVE_S
from protocol.faults import BilingualFault
from protocol.settings import SettingsError
from protocol.vocabulary import Text
from runtime.listener import bound_sockets
from runtime.systemd_notify import ALIVE_S, notify_alive, notify_ready
from server.http_server.connections.bounded_http import BoundedHttp, BoundedWebSocket
from server.http_server.connections.connection_limits import LARGEST_WEBSOCKET_MESSAGE, ConnectionLimits
from server.http_server.connections.connection_table import ConnectionTable
from server.http_server.connections.listeners import Listener
from server.http_server.connections.tls_acceptor import TlsAcceptor
from server.http_server.malloc import lower_mmap_threshold

log = logging.getLogger(__name__)

SWITCH_S = 0.0005
"""Python's thread switch interval, seconds; the default of 5 ms would delay the loop by ten commits."""


GRACEFUL_S = 3
"""Time that requests have to end when the server stops, seconds."""


class AddressUnavailable(BilingualFault, OSError):
    """The address to listen on is not available now.

    No SettingsError: a port may become free and an interface may come up, so that a restart cures it.
    """


def listen(host: str, port: int, *, file: str) -> list[socket.socket]:
    """Bind the port on all addresses of the host before anything else is opened; ``file`` is its settings file.

    Raises AddressUnavailable, or SettingsError for a host that is no name of any machine.
    """
    try:
        return bound_sockets(host, port)
    except (UnicodeError, TypeError) as error:  # TypeError: characters that no host name has
        raise SettingsError(file, _no_address(host, reason=str(error))) from error
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise AddressUnavailable(
                f"端口 {port} 已被占用，请在 {file} 里换一个 port",
                f"port {port} is in use, choose another port in {file}",
            ) from error
        found = _no_address(host, reason=error.strerror)
        raise AddressUnavailable(f"{file}: {found.zh}", f"{file}: {found.en}") from error


def _no_address(host: str, *, reason: str | None) -> Text:
    shown = f"host = {host!r}"
    return Text(zh=f"{shown} 不是本机的地址：{reason}", en=f"{shown} is no address of this machine: {reason}")


class _Server(uvicorn.Server):
    """Keeps what the start made out of every garbage collection; calls ``stopping`` before it waits for requests."""

    def __init__(
        self, configs: Mapping[Listener, uvicorn.Config], table: ConnectionTable, stopping: Callable[[], None]
    ) -> None:
        super().__init__(next(iter(configs.values())))
        self._configs = configs
        self._table = table
        self._stopping = stopping
        self._tasks: list[asyncio.Task[None]] = []

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for listener, config in self._configs.items():
            self.servers.append(await self._listen(listener, config))
        if self.started:
            notify_ready()
        gc.collect()
        self._tasks = [asyncio.create_task(work) for work in (self._table.watch(), _stay_alive())]
        gc.freeze()  # modules, classes and schemas live as long as the process: to look through them takes 50 ms

    async def _listen(self, listener: Listener, config: uvicorn.Config) -> Any:  # noqa: ANN401 - as uvicorn keeps it
        if not config.loaded:
            config.load()
        made: Any = config.http_protocol_class
        protocol = partial(made, config=config, server_state=self.server_state, app_state=self.lifespan.state)
        if listener.tls is not None:
            return TlsAcceptor(listener.socket, listener.tls, protocol, backlog=config.backlog)
        loop = asyncio.get_running_loop()
        return await loop.create_server(protocol, sock=listener.socket, backlog=config.backlog)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._stopping()
        await super().shutdown(sockets)
        for task in self._tasks:
            task.cancel()


async def _stay_alive() -> None:
    """Notify systemd that the loop runs, until cancelled."""
    while True:
        notify_alive()
        await asyncio.sleep(ALIVE_S)


def serve(
    app: FastAPI,
    listeners: Sequence[Listener],
    *,
    limits: ConnectionLimits,
    largest_body: int,
    proxies: Sequence[str] = (),
    stopping: Callable[[], None] = lambda: None,
) -> None:
    """Serve until a signal stops the process; an application that does not start ends it with exit code 1.

    ``limits`` bound the connections of all listeners together, ``largest_body`` is the size of the largest request that
    the application reads, bytes.
    A request's address is that of its connection; ``X-Forwarded-For`` is trusted from ``proxies`` only. ``stopping`` is
    called on the loop when the shutdown begins: open long polls must then be answered at once.
    """
    for listener in listeners:
        log.info("正在监听 / listening on %s", listener.url)
    sys.setswitchinterval(SWITCH_S)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    lower_mmap_threshold()
    table = ConnectionTable(limits, proxies)
    websocket: Any = partial(BoundedWebSocket, table=table)

    def config(listener: Listener) -> uvicorn.Config:
        http: Any = partial(BoundedHttp, table=table, listener=listener, largest_body=largest_body)
        return uvicorn.Config(
            listener.application(app),
            http=http,
            ws=websocket,
            ws_max_size=LARGEST_WEBSOCKET_MESSAGE,
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=GRACEFUL_S,
            timeout_keep_alive=KEEP_ALIVE_S,
            proxy_headers=bool(proxies),
            forwarded_allow_ips=list(proxies),
        )

    server = _Server({listener: config(listener) for listener in listeners}, table, stopping)
    server.run(sockets=[])
    if not server.started:
        sys.exit(1)
