"""Telling much while the broker acknowledges: nobody waits for ever, and the newest truth arrives."""

from __future__ import annotations

import queue
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from ports import free_port, listens

from protocol.mqtt_client import MqttClient, Will
from protocol.settings import BrokerAddress

TOPICS = 30
ROUNDS = 1000
DEADLINE_S = 30.0


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[BrokerAddress]:
    port = free_port()
    settings = tmp_path / "mosquitto.conf"
    settings.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\n")
    with subprocess.Popen(["mosquitto", "-c", settings], stderr=subprocess.DEVNULL) as running:
        try:
            _wait_until(lambda: listens(port), what="mosquitto listens")
            yield BrokerAddress(port=port)
        finally:
            running.kill()


def _wait_until(met: Callable[[], bool], *, what: str) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not met():
        assert time.monotonic() < deadline, f"not within {DEADLINE_S} s: {what}"
        time.sleep(0.02)


def test_telling_never_waits_for_an_acknowledgement_and_the_newest_truth_arrives(mosquitto: BrokerAddress) -> None:
    heard: queue.SimpleQueue[tuple[str, bytes]] = queue.SimpleQueue()
    screen, hub = MqttClient(mosquitto, client_id="screen"), MqttClient(mosquitto, client_id="hub")
    screen.subscribe("truth/+", lambda topic, payload, _: heard.put((topic, payload)))
    screen.start()
    hub.start()
    _wait_until(lambda: hub.connected and screen.connected, what="both are connected")

    def tell_much() -> None:
        for number in range(ROUNDS):
            for topic in range(TOPICS):
                hub.publish_retained(f"truth/{topic}", str(number).encode())

    teller = threading.Thread(target=tell_much, daemon=True)
    teller.start()
    teller.join(DEADLINE_S)
    assert not teller.is_alive(), "telling waits for an acknowledgement that waits for telling"

    newest: dict[str, bytes] = {}
    while len(newest) < TOPICS or set(newest.values()) != {str(ROUNDS - 1).encode()}:
        topic, payload = heard.get(timeout=DEADLINE_S)
        assert int(payload) >= int(newest.get(topic, b"0"))
        newest[topic] = payload
    hub.stop()
    screen.stop()


def test_a_farewell_is_the_last_word(mosquitto: BrokerAddress, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("protocol.mqtt_client.FAREWELL_S", DEADLINE_S)
    heard: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    screen = MqttClient(mosquitto, client_id="screen")
    screen.subscribe("panel", lambda _, payload, __: heard.put(payload))
    screen.start()
    _wait_until(lambda: screen.connected, what="the screen is connected")

    for _ in range(20):
        _leave_in_the_middle_of_a_word(mosquitto)
        while heard.get(timeout=DEADLINE_S) != b"gone":
            pass
        time.sleep(0.05)
        assert heard.empty()

    screen.stop()


def _leave_in_the_middle_of_a_word(broker: BrokerAddress) -> None:
    panel = MqttClient(broker, client_id="panel")
    panel.start()
    _wait_until(lambda: panel.connected, what="the panel is connected")
    for _ in range(3):
        panel.publish_retained("panel", b"here")
    panel.stop(last=Will(topic="panel", payload=b"gone"))
