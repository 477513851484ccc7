"""A listening address as it stands in a settings file: IPv4, IPv6, or a name that resolves to either."""

from __future__ import annotations

import errno
import socket
from contextlib import ExitStack
from typing import Any

_NOT_HERE = frozenset({errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT})
"""Errors of an address that this machine does not have, or whose protocol is switched off."""


def bound_sockets(host: str, port: int) -> list[socket.socket]:
    """Return sockets bound to all addresses of a host that this machine has, at one port; ``::`` takes IPv4 too.

    Raises OSError, UnicodeError: it has none of them, or one is in use.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    addresses = list(dict.fromkeys((family, address) for family, _, _, _, address in found))
    listening: list[socket.socket] = []
    missing: list[OSError] = []
    with ExitStack() as failed:
        for family, address in addresses:
            at = port or (listening[0].getsockname()[1] if listening else 0)
            try:
                bound = _bound(family, (address[0], at, *address[2:]), alone=len(addresses) == 1)
            except OSError as error:
                if error.errno not in _NOT_HERE:
                    raise
                missing.append(error)
            else:
                listening.append(failed.enter_context(bound))
        if not listening:
            raise missing[0]
        failed.pop_all()
    return listening


def _bound(family: int, address: tuple[Any, ...], *, alone: bool) -> socket.socket:
    """Return a socket bound to an address; ``alone``: IPv6 may take IPv4 too, as nothing else is bound."""
    with ExitStack() as failed:
        listening = failed.enter_context(socket.socket(family))
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, not alone)
        listening.bind(address)
        failed.pop_all()
    return listening


def address_text(host: str, port: int) -> str:
    """Return ``host:port``; an IPv6 address stands in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
