"""Which connection is closed when there are too many."""

from __future__ import annotations

from functools import partial

import pytest

from server.http_server.connections.connection_limits import ConnectionLimits
from server.http_server.connections.connection_table import ConnectionTable, PeerTrust
from server.http_server.connections.request_turns import RUNNING_MAX

LIMITS = ConnectionLimits(connections=30, connections_per_address=10)


class Peer:
    """A connection of which only what the table reads is there."""

    def __init__(self, address: str, *, known: bool = False, idle: bool = True) -> None:
        self.address = address
        self.trust = PeerTrust(on_known=lambda: None)
        self.trust.known = known
        self.idle = idle
        self.evicted = False

    def evict(self) -> None:
        self.evicted = True

    def check(self, now: float) -> None:
        """Never too slow."""


def admitted(table: ConnectionTable, address: str, count: int, *, known: bool = False, idle: bool = True) -> list[Peer]:
    peers = [Peer(address, known=known, idle=idle) for _ in range(count)]
    assert all(table.admit(peer) for peer in peers)
    return peers


def test_an_address_keeps_its_newest_connections_and_those_with_a_key() -> None:
    table = ConnectionTable(LIMITS)
    known = admitted(table, "192.0.2.1", 5, known=True)
    others = admitted(table, "192.0.2.2", 10)
    flood = admitted(table, "192.0.2.1", 50)
    assert [peer.evicted for peer in flood] == [True] * 40 + [False] * 10
    assert not any(peer.evicted for peer in known + others)


def test_keys_have_a_share_of_their_own_which_is_bounded_too() -> None:
    table = ConnectionTable(LIMITS)
    known = admitted(table, "192.0.2.1", 25, known=True)
    assert sum(not peer.evicted for peer in known) == 20


def test_a_full_listener_closes_idle_ones_without_a_key_for_anybody_new() -> None:
    table = ConnectionTable(LIMITS)
    known = admitted(table, "192.0.2.200", 9, known=True)
    flood = [peer for host in range(100) for peer in admitted(table, f"192.0.2.{host}", 3)]
    assert not any(peer.evicted for peer in known)
    assert sum(not peer.evicted for peer in flood) == 21


def test_nobody_is_closed_who_is_being_answered() -> None:
    table = ConnectionTable(LIMITS)
    busy = admitted(table, "192.0.2.1", 10, idle=False)
    assert not table.admit(Peer("192.0.2.1"))
    assert not any(peer.evicted for peer in busy)
    table.release(busy[3])
    assert table.admit(Peer("192.0.2.1"))


def test_a_proxy_has_no_share_but_the_whole() -> None:
    table = ConnectionTable(LIMITS, ["192.0.2.0/28"])
    peers = admitted(table, "192.0.2.1", 31)
    assert [peer.evicted for peer in peers] == [True] + [False] * 30


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("fe80::1%eth0", "fe80::2%eth0", True),
    ],
)
def test_one_customers_network_is_one_address(first: str, second: str, *, same: bool) -> None:
    table = ConnectionTable(LIMITS)
    peers = admitted(table, first, 10)
    admitted(table, second, 1)
    assert peers[0].evicted is same


def test_requests_of_one_address_run_by_turns_and_nobody_elses_wait() -> None:
    table, begun = ConnectionTable(ConnectionLimits()), []
    flood = admitted(table, "192.0.2.1", 3 * RUNNING_MAX)
    for number, peer in enumerate(flood):
        table.take_turn(peer, partial(begun.append, number))
    assert begun == list(range(RUNNING_MAX))
    other = admitted(table, "192.0.2.2", 1)[0]
    table.take_turn(other, partial(begun.append, -1))
    assert begun[-1] == -1
    table.end_turn(flood[3])
    table.release(flood[5])
    table.release(flood[RUNNING_MAX + 2])
    table.end_turn(flood[RUNNING_MAX + 3])
    table.end_turn(flood[0])
    assert begun[RUNNING_MAX + 1 :] == [RUNNING_MAX, RUNNING_MAX + 1, RUNNING_MAX + 4]
    for peer in flood:
        table.release(peer)
    assert len(begun) == 3 * RUNNING_MAX + 1 - 2, "whoever left or gave up did not begin"


def test_requests_through_a_named_proxy_wait_for_nobody() -> None:
    table, begun = ConnectionTable(ConnectionLimits(), ["192.0.2.1"]), []
    for peer in admitted(table, "192.0.2.1", 3 * RUNNING_MAX):
        table.take_turn(peer, partial(begun.append, peer))
    assert len(begun) == 3 * RUNNING_MAX
