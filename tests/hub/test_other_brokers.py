"""A broker of MQTT 3.1.1 that is not Mosquitto, and keeps to what every broker does."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from ports import listens
from real_hall import Process, RealHall, until

from protocol import topics
from protocol.answers import DevicesAnswer
from protocol.clients.mqtt_client import MqttClient
from protocol.retained_messages import DeviceStatus
from protocol.vocabulary import DeviceKind, Presence

BROKER = Path(__file__).parents[1] / "support" / "exact_replay_broker.py"


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[RealHall]:
    """A hall with a broker that replays no retained message to a subscription with wildcards."""
    hall = RealHall(tmp_path, with_broker=False)
    port = hall.broker.address.port
    command = [sys.executable, str(BROKER), "--site", hall.site, str(port), str(hall.data)]
    broker = Process(command, log=tmp_path / "broker.log", environment={"PYTHONPATH": str(Path.cwd())})
    broker.start()
    try:
        until(lambda: listens(port) or not broker.running, what="the broker is ready")
        with hall:
            yield hall
    finally:
        broker.kill()


def presence(hall: RealHall, device: str) -> Presence:
    answer = DevicesAnswer.model_validate_json(hall.request("GET", "/v1/devices", device="monitor-1").data)
    return next(one.presence for one in answer.devices if one.id == device)


def test_a_hub_that_restarts_knows_its_devices_before_they_publish_again(hall: RealHall) -> None:
    status = DeviceStatus(
        device="kiosk-1",
        kind=DeviceKind.KIOSK,
        presence=Presence.ONLINE,
        boot="boot-1",
        version="1",
        as_of=datetime.now(UTC),
    )
    kiosk = MqttClient(hall.broker.address, username="kiosk-1", password=hall.key("kiosk-1"))
    kiosk.start()
    try:
        kiosk.publish_retained(topics.device_status(hall.site, "kiosk-1"), status.model_dump_json().encode())
        until(lambda: presence(hall, "kiosk-1") is Presence.ONLINE, what="the kiosk is seen")
        hall.restart_hub()
        until(lambda: presence(hall, "kiosk-1") is Presence.ONLINE, what="the restarted hub sees the kiosk")
    finally:
        kiosk.stop()
