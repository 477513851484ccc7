"""``jiaohao-hub``: one site's hub."""

from __future__ import annotations

import argparse
import errno
import logging
import resource
import socket
import sys
from pathlib import Path

import uvicorn

from protocol.settings import SettingsError, load_settings
from server.domain.catalogue import Catalogue
from server.hub.access import Access
from server.hub.app import create_app
from server.hub.settings import HubSettings
from server.store.database import StoreFault, open_writer
from server.store.exclusive import held
from server.store.journal import Store
from server.web.memory import give_large_blocks_back
from server.web.secrets_file import AccessFault

log = logging.getLogger("jiaohao-hub")

SWITCH_S = 0.0005
"""How long the loop and the writer's thread keep each other waiting at most; Python's own 5 ms is ten commits long."""


def main() -> None:
    """Run until told to stop; a setting or a port that cannot be used is one sentence and exit code 2."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--settings", type=Path, default=Path("/etc/jiaohao/hub.toml"), help="hub.toml")
    path = arguments.parse_args().settings
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    try:
        settings = load_settings(HubSettings, path).from_folder(path.parent)
        catalogue = load_settings(Catalogue, settings.catalogue)
        with held(settings.data):
            listening = _listen(settings)
            _check(settings, catalogue)
            _serve(settings, listening)
    except (SettingsError, StoreFault, AccessFault) as error:
        print(f"jiaohao-hub: {error}", file=sys.stderr)  # noqa: T201 - one sentence for the technician
        sys.exit(2)


def _check(settings: HubSettings, catalogue: Catalogue) -> None:
    """Try what may be wrong with the data folder before anything is served. Raises StoreFault, AccessFault."""
    Access(settings.data, site=catalogue.site).prepare()
    engine = open_writer(settings.database)
    Store(engine, site=catalogue.site).close()
    engine.dispose()


def _serve(settings: HubSettings, listening: socket.socket) -> None:
    log.info("正在监听 / listening on http://%s:%s", settings.host, settings.port)
    sys.setswitchinterval(SWITCH_S)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    give_large_blocks_back()
    config = uvicorn.Config(
        create_app(settings, with_staff_pages=True), log_level="warning", access_log=False, timeout_graceful_shutdown=3
    )
    server = uvicorn.Server(config)
    server.run(sockets=[listening])
    if not server.started:
        sys.exit(3)


def _listen(settings: HubSettings) -> socket.socket:
    """Take the port before anything else is touched. Raises SettingsError when it cannot be had."""
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, settings.port))
    except OSError as error:
        listening.close()
        if error.errno == errno.EADDRINUSE:
            raise SettingsError(
                f"端口 {settings.port} 已被占用，请在 hub.toml 里换一个 port / "
                f"port {settings.port} is in use, choose another port in hub.toml"
            ) from error
        raise SettingsError(
            f"host = {settings.host!r} 不是本机的地址 / is no address of this machine: {error.strerror}"
        ) from error
    return listening


if __name__ == "__main__":
    main()
