"""Serves an application of ours over HTTP until the process is told to stop."""

from __future__ import annotations

import errno
import logging
import resource
import socket
import sys

import uvicorn
from fastapi import FastAPI

from protocol.settings import SettingsError
from server.web.memory import give_large_blocks_back

log = logging.getLogger(__name__)

SWITCH_S = 0.0005
"""How long the loop and a writer's thread keep each other waiting at most; Python's own 5 ms is ten commits long."""


def listen(host: str, port: int, *, file: str) -> socket.socket:
    """Take the port before anything else is touched; ``file`` is where its number stands.

    Raises SettingsError when it cannot be had.
    """
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        if error.errno == errno.EADDRINUSE:
            raise SettingsError(
                f"端口 {port} 已被占用，请在 {file} 里换一个 port / "
                f"port {port} is in use, choose another port in {file}"
            ) from error
        raise SettingsError(
            f"host = {host!r} 不是本机的地址 / is no address of this machine: {error.strerror}"
        ) from error
    return listening


def serve(app: FastAPI, listening: socket.socket) -> None:
    """Serve until told to stop; an application that does not start ends the process with exit code 3."""
    log.info("正在监听 / listening on http://%s:%s", *listening.getsockname()[:2])
    sys.setswitchinterval(SWITCH_S)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    give_large_blocks_back()
    config = uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=3)
    server = uvicorn.Server(config)
    server.run(sockets=[listening])
    if not server.started:
        sys.exit(3)
