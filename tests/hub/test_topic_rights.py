"""Each key reads and writes its own topics alone, whatever client id and will it comes with: Mosquitto and the demo's.

Mosquitto runs with the shipped configuration and the files that the hub writes.
"""

from __future__ import annotations

import socket
import struct
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from ports import free_port, listens
from real_hall import Mosquitto, Process, RealHall, until

from protocol import topics
from protocol.clients.mqtt_client import MqttClient
from protocol.requests import IssueTicket
from protocol.retained_messages import Presence, Queue
from protocol.settings import BrokerAddress
from protocol.vocabulary import DeviceKind
from server.hub.access import HUB_USER, Access

SITE = "hall"
STATUS = topics.hub_status(SITE)
SIGN_1, SIGN_2, SIGN_3 = (topics.sign(SITE, f"window-{n}") for n in (1, 2, 3))
BOARD, NOTICE, QUEUE = topics.board(SITE), topics.notice(SITE), topics.queue(SITE, "id-card")
READS = {
    "kiosk-1": {STATUS, BOARD},
    "display-1": {STATUS, BOARD, NOTICE, QUEUE, SIGN_1, SIGN_2, SIGN_3},
    "window-1": {STATUS, SIGN_1},
    "panel-2": {STATUS, SIGN_2, SIGN_3},
}
DEVICES = (*READS, "monitor-1")
OWN = {device: topics.device_status(SITE, device) for device in DEVICES}
OF_THE_SITE = {STATUS, BOARD, NOTICE, QUEUE, SIGN_1, SIGN_2, SIGN_3, *OWN.values(), f"{OWN['kiosk-1']}/more"}
TOPICS = sorted(OF_THE_SITE | {topics.board("other-hall"), "elsewhere"})


class StrictBroker:
    """A broker with the keys of a hub and of one device of each kind."""

    def __init__(self, address: BrokerAddress, keys: dict[str, str]) -> None:
        self.address = address
        self.keys = keys

    def client(self, user: str, *filters: str) -> tuple[MqttClient, dict[str, bytes]]:
        """Return a connected client, and what it receives on these filters."""
        received: dict[str, bytes] = {}
        client = MqttClient(self.address, username=user, password=self.keys[user])
        for topic_filter in filters:
            client.subscribe(topic_filter, lambda topic, payload, _: received.update({topic: payload}))
        client.start()
        until(lambda: client.connected, what=f"{user} is connected")
        return client, received

    def vanish(self, user: str, *, will: str, client_id: str = "any") -> None:
        """Connect with a will on this topic, and vanish without a farewell."""
        with closing(socket.create_connection((self.address.host, self.address.port), timeout=30)) as link:
            link.sendall(connect_packet(user, self.keys[user], client_id=client_id, will=will))
            assert link.recv(4) == b"\x20\x02\x00\x00"


def connect_packet(user: str, key: str, *, client_id: str, will: str) -> bytes:
    """Return an MQTT 3.1.1 CONNECT with a retained will that says who set it."""
    texts = [client_id, will, f"will of {user}", user, key]
    encoded = b"".join(struct.pack("!H", len(text)) + text.encode() for text in texts)
    body = b"\x00\x04MQTT\x04\xee\x00\x3c" + encoded
    length = bytes([len(body)]) if len(body) < 128 else bytes([len(body) % 128 | 128, len(body) // 128])
    return b"\x10" + length + body


def enrolled(folder: Path) -> dict[str, str]:
    """Enrol one device of each kind, and a panel of two windows; return all keys."""
    access = Access(folder, site=SITE)
    access.prepare()
    keys = {
        name: access.enrol(name, DeviceKind(name.split("-")[0])).get_secret_value()
        for name in DEVICES
        if name != "panel-2"
    }
    panel = access.enrol("panel-2", DeviceKind.WINDOW, ["window-2", "window-3"]).get_secret_value()
    return {**keys, "panel-2": panel, HUB_USER: access.hub_key()}


@pytest.fixture(params=["mosquitto", "demo"])
def broker(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StrictBroker]:
    """A running broker of either kind."""
    folder = tmp_path / "data"
    keys = enrolled(folder)
    if request.param == "mosquitto":
        with Mosquitto(tmp_path, passwords=folder / "mosquitto.passwd", rights=folder / "mosquitto.acl") as mosquitto:
            yield StrictBroker(mosquitto.address, keys)
        return
    port = free_port()
    command = [sys.executable, "-m", "demo.network.embedded_broker", "--site", SITE, str(port), str(folder)]
    with Process(command, log=tmp_path / "broker.log") as process:
        until(lambda: listens(port) or not process.running, what="the broker is ready")
        yield StrictBroker(BrokerAddress(port=port), keys)


def test_each_key_writes_its_own_topics_alone(broker: StrictBroker) -> None:
    watching, seen = broker.client(HUB_USER, topics.everything(SITE))
    clients = [watching]
    for device, own in OWN.items():
        client, _ = broker.client(device)
        for topic in [*(t for t in TOPICS if t != own), own]:
            client.publish_retained(topic, f"of {device}".encode())
        clients.append(client)
    written = {own: f"of {device}".encode() for device, own in OWN.items()}
    until(lambda: written.keys() <= seen.keys(), what="each device's own status is there")
    for client in clients:
        client.stop()
    assert seen == written


def test_each_keys_will_is_published_on_its_own_topics_alone(broker: StrictBroker) -> None:
    watching, seen = broker.client(HUB_USER, topics.everything(SITE))
    for device, own in OWN.items():
        for topic in [*(t for t in TOPICS if t != own), own]:
            broker.vanish(device, will=topic)
    written = {own: f"will of {device}".encode() for device, own in OWN.items()}
    until(lambda: written.keys() <= seen.keys(), what="each device's own will is there")
    watching.stop()
    assert seen == written


def test_each_key_reads_its_own_topics_alone(broker: StrictBroker) -> None:
    hub, _ = broker.client(HUB_USER)
    for topic in sorted(OF_THE_SITE):
        hub.publish_retained(topic, b"retained")
    until(lambda: not any(hub._is_undelivered(topic) for topic in OF_THE_SITE), what="all is retained")
    audience = {device: broker.client(device, "#", topics.everything(SITE), *TOPICS) for device in DEVICES}
    readable = {device: READS.get(device, OF_THE_SITE) | {own} for device, own in OWN.items()}
    for payload in (b"retained", b"live"):
        for device, (_, received) in audience.items():
            wanted = dict.fromkeys(readable[device], payload)
            until(lambda wanted=wanted, received=received: wanted == received, what=f"what {device} may read")
        for topic in sorted(OF_THE_SITE):
            hub.publish_retained(topic, b"live")
    for client, _ in [(hub, {}), *audience.values()]:
        client.stop()


@pytest.mark.parametrize("taken", [HUB_USER, "hall-hub", "kiosk-1"])
def test_a_key_takes_no_other_client_off_the_broker(broker: StrictBroker, taken: str) -> None:
    """The hub and a device stay connected, and what they publish afterwards is there."""
    presence: list[bool] = []
    user = HUB_USER if taken == "hall-hub" else taken
    victim = MqttClient(broker.address, username=user, password=broker.keys[user], on_presence=presence.append)
    victim.start()
    watching, seen = broker.client("monitor-1", topics.everything(SITE))
    until(lambda: victim.connected, what="the victim is connected")
    for _ in range(5):
        broker.vanish("window-1", will=OWN["window-1"], client_id=taken)
    own = STATUS if user == HUB_USER else OWN[user]
    victim.publish_retained(own, b"still here")
    until(lambda: seen.keys() >= {own, OWN["window-1"]}, what="the victim and the will are received")
    assert presence == [True]
    victim.stop()
    watching.stop()


def test_a_running_hub_is_not_disturbed_by_a_device_with_its_client_id(real_hall: RealHall) -> None:
    key = real_hall.key("kiosk-1")
    subscriber = real_hall.subscribe(topics.everything(real_hall.site))
    attacker = StrictBroker(real_hall.broker.address, {"kiosk-1": key})
    for client_id in (HUB_USER, f"{real_hall.site}-hub", "monitor-listener"):
        attacker.vanish("kiosk-1", will=topics.hub_status(real_hall.site), client_id=client_id)
    real_hall.client("kiosk-1").issue(IssueTicket(request_id="after-the-attack", service="invoice"))
    subscriber.wait_for(topics.queue(real_hall.site, "invoice"), Queue, lambda queue: queue.waiting == 1)
    statuses = [payload for topic, payload, _ in subscriber.received if topic == topics.hub_status(real_hall.site)]
    assert not [payload for payload in statuses if f'"{Presence.LOST}"'.encode() in payload]
    assert "离线" not in real_hall.hub.output()
