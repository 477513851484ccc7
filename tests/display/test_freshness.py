"""When the numbers on a screen may be trusted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from protocol.retained_messages import HubStatus
from protocol.vocabulary import Presence
from runtime.hub_liveness import HubLiveness

AS_OF = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def beat(seconds: int = 0, presence: Presence = Presence.ONLINE) -> HubStatus:
    return HubStatus(seq=1, as_of=AS_OF + timedelta(seconds=seconds), presence=presence, boot="boot-1", version="1")


def fresh() -> HubLiveness:
    return HubLiveness().with_broker(connected=True).with_status(beat(), replayed=True, at=100.0)


def test_nothing_received_is_stale() -> None:
    assert HubLiveness().is_stale(0.0)
    assert HubLiveness().with_broker(connected=True).is_stale(0.0)


def test_a_heartbeat_counts_for_15_s() -> None:
    assert not fresh().is_stale(115.0)
    assert fresh().is_stale(115.1)
    assert not fresh().with_status(beat(5), replayed=False, at=105.0).is_stale(120.0)


def test_a_broker_that_is_gone_or_a_hub_that_left_is_stale_at_once() -> None:
    assert fresh().with_broker(connected=False).is_stale(100.0)
    assert fresh().with_status(beat(1, Presence.LOST), replayed=False, at=101.0).is_stale(101.0)
    assert fresh().with_status(beat(1, Presence.OFFLINE), replayed=False, at=101.0).is_stale(101.0)


def test_the_same_status_replayed_after_a_reconnect_is_no_sign_of_life() -> None:
    gone = fresh().with_broker(connected=False).with_broker(connected=True)
    assert gone.with_status(beat(), replayed=True, at=130.0).is_stale(130.0)
    assert not gone.with_status(beat(25), replayed=True, at=130.0).is_stale(130.0)


def test_the_last_proven_moment_is_the_last_heartbeat() -> None:
    lost = (
        fresh()
        .with_status(beat(5), replayed=False, at=105.0)
        .with_status(beat(9, Presence.LOST), replayed=False, at=130.0)
    )
    assert lost.proven_until == AS_OF + timedelta(seconds=5)
