"""When the numbers on a screen may be trusted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from display.freshness import Freshness
from protocol.retained_messages import HubStatus
from protocol.vocabulary import Presence

AS_OF = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def beat(seconds: int = 0, presence: Presence = Presence.ONLINE) -> HubStatus:
    return HubStatus(seq=1, as_of=AS_OF + timedelta(seconds=seconds), presence=presence, boot="boot-1", version="1")


def fresh() -> Freshness:
    return Freshness().presence(connected=True).heard(beat(), replayed=True, at=100.0)


def test_nothing_heard_is_stale() -> None:
    assert Freshness().stale(0.0)
    assert Freshness().presence(connected=True).stale(0.0)


def test_a_heartbeat_counts_for_15_s() -> None:
    assert not fresh().stale(115.0)
    assert fresh().stale(115.1)
    assert not fresh().heard(beat(5), replayed=False, at=105.0).stale(120.0)


def test_a_broker_that_is_gone_or_a_hub_that_left_is_stale_at_once() -> None:
    assert fresh().presence(connected=False).stale(100.0)
    assert fresh().heard(beat(1, Presence.LOST), replayed=False, at=101.0).stale(101.0)
    assert fresh().heard(beat(1, Presence.OFFLINE), replayed=False, at=101.0).stale(101.0)


def test_the_same_status_replayed_after_a_reconnect_is_no_sign_of_life() -> None:
    gone = fresh().presence(connected=False).presence(connected=True)
    assert gone.heard(beat(), replayed=True, at=130.0).stale(130.0)
    assert not gone.heard(beat(25), replayed=True, at=130.0).stale(130.0)


def test_the_last_sure_truth_is_the_last_heartbeat() -> None:
    lost = fresh().heard(beat(5), replayed=False, at=105.0).heard(beat(9, Presence.LOST), replayed=False, at=130.0)
    assert lost.true_at == AS_OF + timedelta(seconds=5)
