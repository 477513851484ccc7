"""Publishing under load while the broker acknowledges: no thread waits for ever, and the newest message arrives."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from real_hall import Mosquitto, until

from protocol.clients.mqtt_client import MqttClient, Will
from protocol.settings import BrokerAddress

TOPICS = 30
ROUNDS = 1000
DEADLINE_S = 30.0


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[BrokerAddress]:
    with Mosquitto(tmp_path) as broker:
        yield broker.address


def test_publishing_never_waits_for_an_acknowledgement_and_the_newest_message_arrives(mosquitto: BrokerAddress) -> None:
    received: queue.SimpleQueue[tuple[str, bytes]] = queue.SimpleQueue()
    screen, hub = MqttClient(mosquitto), MqttClient(mosquitto)
    screen.subscribe("load/+", lambda topic, payload, _: received.put((topic, payload)))
    screen.start()
    hub.start()
    until(lambda: hub.connected and screen.connected, what="both are connected")

    def publish_all() -> None:
        for number in range(ROUNDS):
            for topic in range(TOPICS):
                hub.publish_retained(f"load/{topic}", str(number).encode())

    publisher = threading.Thread(target=publish_all, daemon=True)
    publisher.start()
    publisher.join(DEADLINE_S)
    assert not publisher.is_alive(), "publishing waits for an acknowledgement that waits for publishing"

    newest: dict[str, bytes] = {}
    while len(newest) < TOPICS or set(newest.values()) != {str(ROUNDS - 1).encode()}:
        topic, payload = received.get(timeout=DEADLINE_S)
        assert int(payload) >= int(newest.get(topic, b"0"))
        newest[topic] = payload
    hub.stop()
    screen.stop()


def test_the_farewell_is_the_last_message(mosquitto: BrokerAddress, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("protocol.clients.mqtt_client.FAREWELL_S", DEADLINE_S)
    received: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    screen = MqttClient(mosquitto)
    screen.subscribe("panel", lambda _, payload, __: received.put(payload))
    screen.start()
    until(lambda: screen.connected, what="the screen is connected")

    for _ in range(20):
        _stop_while_publishing(mosquitto)
        while received.get(timeout=DEADLINE_S) != b"gone":
            pass
        time.sleep(0.05)
        assert received.empty()

    screen.stop()


def _stop_while_publishing(broker: BrokerAddress) -> None:
    panel = MqttClient(broker)
    panel.start()
    until(lambda: panel.connected, what="the panel is connected")
    for _ in range(3):
        panel.publish_retained("panel", b"here")
    panel.stop(last=Will(topic="panel", payload=b"gone"))
