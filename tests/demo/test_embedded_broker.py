"""The demo's broker holds the hall to the same keys and rights as Mosquitto does in a real one."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from ports import LOCAL, free_port, listens
from real_hall import Process, Subscriber, until

from protocol import topics
from protocol.clients.mqtt_client import MqttClient
from protocol.settings import BrokerAddress
from protocol.vocabulary import DeviceKind
from server.hub.access import HUB_USER, Access

SITE = "main-hall"
Connect = Callable[..., MqttClient]


@pytest.fixture
def access(tmp_path: Path) -> Access:
    access = Access(tmp_path / "hub", site=SITE)
    access.prepare()
    return access


@pytest.fixture
def address(tmp_path: Path, access: Access) -> Iterator[BrokerAddress]:
    """A running broker; its keys are the hub's and those of the devices that a test enrols."""
    assert access.hub_key()
    port = free_port()
    command = [sys.executable, "-m", "demo.network.embedded_broker", "--site", SITE, str(port), str(tmp_path / "hub")]
    broker = Process(command, log=tmp_path / "broker.log")
    broker.start()
    until(lambda: listens(port), what="the broker is ready")
    yield BrokerAddress(host=LOCAL, port=port)
    assert broker.stop() == 0
    assert "changed size during iteration" not in broker.output()


@pytest.fixture
def connect(address: BrokerAddress) -> Iterator[Connect]:
    """Connect as a user, without waiting."""
    clients: list[MqttClient] = []

    def connected(user: str, key: str) -> MqttClient:
        client = MqttClient(address, username=user, password=key)
        client.start()
        clients.append(client)
        return client

    yield connected
    for client in clients:
        client.stop()


def test_the_hub_and_enrolled_devices_are_accepted_and_nobody_else(connect: Connect, access: Access) -> None:
    key = access.enrol("window-1", DeviceKind.WINDOW).get_secret_value()
    refused = [connect("window-1", "wrong"), connect("window-2", key), connect(HUB_USER, key), connect("", "")]

    welcome = [connect("window-1", key), connect(HUB_USER, access.hub_key())]

    until(lambda: all(client.connected for client in welcome), what="hub and window are connected")
    assert [client.connected for client in refused] == [False] * 4


def test_a_device_publishes_only_its_own_status_and_the_hub_everything(
    connect: Connect, access: Access, address: BrokerAddress
) -> None:
    keys = {name: access.enrol(name, DeviceKind.WINDOW).get_secret_value() for name in ("window-1", "window-2")}
    keys["monitor-1"] = access.enrol("monitor-1", DeviceKind.MONITOR).get_secret_value()
    subscriber = Subscriber(address, topics.everything(SITE), device="monitor-1", key=keys["monitor-1"])
    window, hub = connect("window-1", keys["window-1"]), connect(HUB_USER, access.hub_key())

    window.publish_retained(topics.board(SITE), b"a lie")
    window.publish_retained(topics.device_status(SITE, "window-2"), b"a lie")
    window.publish_retained("elsewhere", b"a lie")
    window.publish_retained(topics.device_status(SITE, "window-1"), b"here")
    hub.publish_retained(topics.board(SITE), b"the board")

    published = {topics.device_status(SITE, "window-1"): b"here", topics.board(SITE): b"the board"}
    until(lambda: set(published) <= set(subscriber.newest), what="status and board are received")
    assert subscriber.newest == published
    subscriber.close()


def test_of_many_who_connect_at_once_everyone_receives(
    connect: Connect, access: Access, address: BrokerAddress
) -> None:
    devices = [f"window-{number}" for number in range(30)]
    keys = {name: access.enrol(name, DeviceKind.WINDOW).get_secret_value() for name in devices}
    hub = connect(HUB_USER, access.hub_key())
    for name in devices:
        hub.publish_retained(topics.sign(SITE, name), b"its sign")
    received: set[str] = set()
    clients = [MqttClient(address, username=name, password=keys[name]) for name in devices]
    for name, client in zip(devices, clients, strict=True):
        client.subscribe(topics.sign(SITE, name), lambda *_, name=name: received.add(name))

    for client in clients:
        client.start()

    until(lambda: received == set(devices), within_s=8.0, what="everyone receives its sign")
    for client in clients:
        client.stop()


def test_a_device_reaches_the_broker_on_ipv6(tmp_path: Path, access: Access) -> None:
    port = free_port()
    command = [sys.executable, "-m", "demo.network.embedded_broker", "--host", "::1"]
    command += ["--site", SITE, str(port), str(tmp_path / "hub")]
    with Process(command, log=tmp_path / "ipv6.log") as broker:
        until(lambda: listens(port, "::1"), what="the broker is ready")
        client = MqttClient(BrokerAddress(host="::1", port=port), username="hub", password=access.hub_key())
        client.start()
        until(lambda: client.connected, what="the client is connected")
        client.stop()
        assert broker.stop() == 0
