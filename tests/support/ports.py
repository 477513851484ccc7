"""TCP ports for the servers that a test starts."""

from __future__ import annotations

import itertools
import os
import random
import socket
from contextlib import suppress

LOCAL = "127.0.0.1"
PORTS = range(20_000, 32_000)


def _mine() -> list[int]:
    """Return this worker process's share of the ports, in random order."""
    which = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    ports = PORTS[which :: int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))]
    return random.sample(ports, len(ports))


_in_turn = itertools.cycle(_mine())


def free_port() -> int:
    """Return a port that nobody listens on, outside the range of ephemeral ports.

    It is not returned again before it is used. A process that is killed and started again finds it free: no connection
    has it as its own end.
    """
    for port in itertools.islice(_in_turn, len(PORTS)):
        with socket.socket() as probe:
            try:
                probe.bind((LOCAL, port))
            except OSError:
                continue
            return port
    raise OSError(f"no free port in {PORTS}")


def listens(port: int, host: str = LOCAL) -> bool:
    """Whether a server accepts connections on a port."""
    with suppress(OSError), socket.create_connection((host, port), timeout=1):
        return True
    return False
