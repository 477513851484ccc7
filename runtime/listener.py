"""A listening address as it stands in a settings file: IPv4, IPv6, or a name that resolves to either."""

from __future__ import annotations

import socket
from contextlib import ExitStack


def bound_socket(host: str, port: int) -> socket.socket:
    """Return a socket bound to the first address of a host; ``::`` takes IPv4 too. Raises OSError, UnicodeError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, _, _, _, address = found[0]
    with ExitStack() as failed:
        listening = failed.enter_context(socket.socket(family))
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        listening.bind(address)
        failed.pop_all()
    return listening


def address_text(host: str, port: int) -> str:
    """Return ``host:port``; an IPv6 address stands in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
