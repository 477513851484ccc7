"""Accepts TLS connections, with a bound on handshakes that are not done: they are in no table of connections yet."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Callable
from contextlib import suppress
from socket import socket

from protocol.vocabulary import Text
from runtime.fault_log import FaultLog

log = logging.getLogger(__name__)

HANDSHAKES_MAX = 50
"""Number of handshakes at once; a new one ends the oldest, which an honest peer has done within milliseconds."""
HANDSHAKE_S = 10.0
"""Time limit of a handshake, seconds."""
EXHAUSTED_S = 0.5
"""Pause after the system could not accept a connection, seconds: its files are used up."""


class _Handshake(asyncio.Protocol):
    """Stands for a peer until its handshake is done: a protocol costs more, and a flood never comes so far."""

    def __init__(self, protocol: Callable[[], asyncio.Protocol]) -> None:
        self._protocol = protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Give the connection to a new protocol."""
        protocol = self._protocol()
        transport.set_protocol(protocol)
        protocol.connection_made(transport)


class TlsAcceptor:
    """Accepts on a bound socket, and gives each connection whose handshake is done to a new protocol."""

    def __init__(
        self, listening: socket, context: ssl.SSLContext, protocol: Callable[[], asyncio.Protocol], *, backlog: int
    ) -> None:
        self._listening = listening
        self._context = context
        self._protocol = protocol
        self._fault = FaultLog(log, Text(zh="不能接受新的连接", en="new connections cannot be accepted"))
        self._handshakes: dict[asyncio.Task[None], None] = {}
        listening.settimeout(0)
        listening.listen(backlog)
        self._accepting = asyncio.create_task(self._accept(), name="TLS connections")

    def close(self) -> None:
        """Accept no more."""
        self._accepting.cancel()
        for handshake in self._handshakes:
            handshake.cancel()

    async def wait_closed(self) -> None:
        """Wait until ``close`` is done."""
        with suppress(asyncio.CancelledError):
            await self._accepting

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        with self._listening:
            while True:
                try:
                    peer, _ = await loop.sock_accept(self._listening)
                except OSError as error:
                    self._fault.began(error)
                    await asyncio.sleep(EXHAUSTED_S)
                else:
                    self._fault.ended()
                    self._begin(peer)
                    await asyncio.sleep(0)  # what a crowd waits for would be accepted before one of them is ended

    def _begin(self, peer: socket) -> None:
        if len(self._handshakes) >= HANDSHAKES_MAX:
            oldest = next(iter(self._handshakes))
            del self._handshakes[oldest]  # it ends later: the next one must not choose it again
            oldest.cancel()
        handshake = asyncio.create_task(self._shake_hands(peer))
        self._handshakes[handshake] = None
        handshake.add_done_callback(lambda done: self._handshakes.pop(done, None))

    async def _shake_hands(self, peer: socket) -> None:
        """Lead one handshake; a peer that fails is none of ours, and nothing to log."""
        with suppress(OSError, asyncio.CancelledError):
            await asyncio.get_running_loop().connect_accepted_socket(
                lambda: _Handshake(self._protocol), peer, ssl=self._context, ssl_handshake_timeout=HANDSHAKE_S
            )
