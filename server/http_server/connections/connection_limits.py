"""Settings that bound what the connections of one listener can take."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from protocol.settings import Settings

LARGEST_HEAD = 16 * 1024
"""Size limit of a request's line and header fields together, bytes; a browser with our cookies sends two thousand."""
LONGEST_TARGET = 8 * 1024
"""Size limit of a request's path and query, bytes."""
FRAMING_FACTOR = 2
"""Factor by which a request in chunks may be longer than its body."""
PIPELINED_MAX = 8
"""Limit of requests that wait on one connection for the answer of the one before; no client of ours sends two."""
LARGEST_WEBSOCKET_MESSAGE = 64 * 1024
"""Size limit of a message that a page sends over its WebSocket, bytes; a press takes some hundred."""
LINGER_S = 2.0
"""Time for which a refused connection stays open, so that its client can read why, seconds."""
SWEEP_EVERY_S = 1.0
"""Interval at which the time limits of all connections are checked, seconds."""

LimitedCount = Annotated[int, Field(strict=True, ge=10, le=100_000)]
TimeLimit = Annotated[float, Field(strict=True, ge=1, le=3600)]


class ConnectionLimits(Settings):
    """``[limits]`` of a server."""

    connections: LimitedCount = 800
    """Number of connections at once."""
    connections_per_address: LimitedCount = 200
    """Number of connections without a valid key at once from one address, and of those with one."""
    request_s: TimeLimit = 20.0
    """Time until a request has come whole, seconds."""
    answer_s: TimeLimit = 60.0
    """Time until an answer has been read, seconds."""
