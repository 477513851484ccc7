"""All connections of one listener: how many there may be, and which one is closed to make room for another."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from ipaddress import ip_address, ip_network
from typing import Protocol

from protocol.vocabulary import Text
from runtime.fault_log import FaultLog
from server.http_server.connections.connection_limits import SWEEP_EVERY_S, ConnectionLimits
from server.http_server.connections.request_turns import RequestTurns

log = logging.getLogger(__name__)


class PeerTrust:
    """Whether a connection has carried a valid key, or a session of the staff; in ``state`` of its requests."""

    __slots__ = ("known", "on_known")

    def __init__(self, on_known: Callable[[], None]) -> None:
        self.known = False
        self.on_known = on_known

    def note_known(self) -> None:
        """Note that it has."""
        if not self.known:
            self.known = True
            self.on_known()


def share_of(address: str) -> str:
    """Return what shares the connections of one address: an IPv4 address, or an IPv6 network of one customer."""
    plain = address.removeprefix("::ffff:")
    return plain if ":" not in plain else str(ip_network((plain.partition("%")[0], 64), strict=False))


class OpenConnection(Protocol):
    """One connection, as the table sees it."""

    trust: PeerTrust
    address: str
    """IP address of the peer; empty when the connection is closed already."""

    @property
    def idle(self) -> bool:
        """Whether it may be closed: no request of it is being answered, or nobody reads the answer."""

    def evict(self) -> None:
        """Close it at once."""

    def check(self, now: float) -> None:
        """Close it when it has exceeded a time limit; ``now`` is the loop's time."""


class ConnectionTable:
    """The connections of one listener, oldest first. Lives on the event loop.

    A new connection is taken as long as there is an idle one to close for it: of the same address, when that has its
    share; otherwise of any. Connections that are known are closed last, so that nobody without a key takes their place.
    """

    def __init__(self, limits: ConnectionLimits, proxies: Sequence[str] = ()) -> None:
        """``proxies`` are addresses whose connections belong to many people: they have no share of their own."""
        self.limits = limits
        self._turns = RequestTurns()
        self._all: dict[OpenConnection, str] = {}
        self._by_share: defaultdict[str, dict[OpenConnection, None]] = defaultdict(dict)
        self._proxies = tuple(ip_network(proxy) for proxy in proxies)
        self._crowded = FaultLog(log, Text(zh="连接太多，空闲的已关闭", en="too many connections, the idle are closed"))

    def admit(self, connection: OpenConnection) -> bool:
        """Add a connection, and close another for it where that is needed; False when there is no room."""
        share = share_of(connection.address)
        if not self._make_room(self._by_share.get(share, {}), connection.address):
            return False
        self._all[connection] = share
        self._by_share[share][connection] = None
        return True

    def release(self, connection: OpenConnection) -> None:
        """Remove a connection that was closed."""
        share = self._all.pop(connection, None)
        if share is not None:
            del self._by_share[share][connection]
            if not self._by_share[share]:
                del self._by_share[share]
            self._turns.give_back(share, connection)

    def take_turn(self, connection: OpenConnection, begin: Callable[[], None]) -> None:
        """Call ``begin``, which starts a request of a connection that is not known, when it is its turn."""
        share = self._all.get(connection)
        if share is not None and not self._is_proxy(connection.address):
            self._turns.take(share, connection, begin)
        else:
            begin()

    def end_turn(self, connection: OpenConnection) -> None:
        """Note that a request is answered, does not wait any more, or is of somebody who is known."""
        share = self._all.get(connection)
        if share is not None:
            self._turns.give_back(share, connection)

    def _make_room(self, own: dict[OpenConnection, None], address: str) -> bool:
        share = self.limits.connections_per_address
        if len(own) >= share and not self._is_proxy(address):
            anonymous = [c for c in own if not c.trust.known]
            if len(anonymous) >= share and not self._evict_one(anonymous, address):
                return False
            if len(own) >= 2 * share and not self._evict_one(own, address):
                return False
        if len(self._all) < self.limits.connections:
            return True
        return self._evict_one((c for c in self._all if not c.trust.known), address) or self._evict_one(
            self._all, address
        )

    def _evict_one(self, connections: Iterable[OpenConnection], address: str) -> bool:
        """Close the first idle one; False when none is idle."""
        self._crowded.began(address)
        victim = next((c for c in connections if c.idle), None)
        if victim is None:
            return False
        self.release(victim)
        victim.evict()
        return True

    def _is_proxy(self, address: str) -> bool:
        return bool(self._proxies) and any(ip_address(address) in proxy for proxy in self._proxies)

    async def watch(self) -> None:
        """Check the time limits of all connections, again and again."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(SWEEP_EVERY_S)
            now = loop.time()
            for connection in list(self._all):
                connection.check(now)
            if len(self._all) < self.limits.connections_per_address:
                self._crowded.ended()
