"""A screen's feed reports when its broker client has ended, and its record stays bounded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import SecretStr

from display.feed import Feed
from display.feed_inbox import BrokerConnectionChanged, FeedInbox
from display.screenshots import RECORD_BYTES, Screenshots
from display.view_models import ScreenView


def test_a_feed_is_alive_while_its_broker_client_runs_even_when_the_broker_is_away(mosquitto: Any) -> None:
    feed = Feed(mosquitto.address, site="main-hall", device="screen-1", key=SecretStr("secret"), inbox=FeedInbox())
    mosquitto.stop()
    assert not feed.alive
    feed.start()
    assert feed.alive
    feed.stop(on_purpose=True)
    assert not feed.alive


def test_an_inbox_keeps_the_order_and_wakes_its_reader() -> None:
    inbox, woken = FeedInbox(), []
    inbox.on_arrival(lambda: woken.append("woken"))
    events = [BrokerConnectionChanged(connected=connected) for connected in (True, False, True)]
    for event in events:
        inbox.put(event)
    assert list(inbox.take()) == events
    assert list(inbox.take()) == []
    assert woken == ["woken"] * 3


def test_the_record_of_what_was_painted_stays_bounded(tmp_path: Path) -> None:
    pictures = Screenshots(tmp_path)
    for _ in range(2 * RECORD_BYTES // 1_000_000 + 4):
        pictures.painted(ScreenView(), ["x" * 1_000_000])
    sizes = {file.name: file.stat().st_size for file in tmp_path.iterdir()}
    assert sizes.keys() == {"painted.jsonl", "painted.old.jsonl"}
    assert RECORD_BYTES < sizes["painted.old.jsonl"] < RECORD_BYTES + 2_000_000
    assert sizes["painted.jsonl"] < RECORD_BYTES
