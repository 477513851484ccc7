"""The ports that a hub's settings name, and who is served at each."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from socket import socket

from server.http_server.connections.listeners import Listener
from server.http_server.uvicorn_server import listen
from server.hub.settings import HubSettings
from server.web.staff.lazy_mount import SHARED_PATHS

STAFF_PAGES = frozenset({"clerk", "manager"})
"""First path segments of a hub's own pages for its staff."""
VISITORS = frozenset({"t", "healthz"})
"""First path segments of what visitors' phones open."""
STAFF = VISITORS | SHARED_PATHS | STAFF_PAGES
"""First path segments of what the staff's browsers open."""
DEVICES = frozenset({"v1", "healthz", "metrics", "openapi.json"})
"""First path segments of what programs request."""


@contextmanager
def hub_listeners(settings: HubSettings) -> Iterator[list[Listener]]:
    """Bind the hub's ports, and keep its certificate current while the block lasts.

    Raises AddressUnavailable, SettingsError, AccessFault, OSError.
    """
    if settings.tls is None:
        yield [Listener(socket=bound) for bound in _bound(settings, settings.port)]
        return
    from server.authority.server_certificate import ServerCertificate  # noqa: PLC0415 - loads cryptography

    certificate = ServerCertificate(settings.data, settings.tls.names)
    with certificate.kept_current():
        served: tuple[tuple[int, frozenset[str], ssl.SSLContext | None], ...] = (
            (settings.port, VISITORS, None),
            (settings.tls.devices_port, DEVICES, certificate.devices),
            (settings.tls.staff_port, STAFF, certificate.staff),
        )
        yield [
            Listener(socket=bound, paths=paths, tls=tls)
            for port, paths, tls in served
            for bound in _bound(settings, port)
        ]


def _bound(settings: HubSettings, port: int) -> list[socket]:
    return listen(settings.host, port, file="hub.toml")
