"""Two machines with the identity of one device: both work, managers and log are informed. A restart is none."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from pydantic import SecretStr
from real_hall import RealHall, until

from protocol.answers import DeviceAnswer, DevicesAnswer
from protocol.clients.mqtt_client import MqttClient
from protocol.retained_messages import DeviceStatus
from protocol.vocabulary import DeviceKind, PaperState, Presence
from runtime.device_presence import DevicePresence
from runtime.hall_connections import broker_client
from server.hub.publishing.device_runs import LOST_AFTER_S, DeviceRuns

SENTENCE = "two machines use the identity kiosk-1"


class Machine:
    """A machine with the identity ``kiosk-1``."""

    def __init__(self, hall: RealHall) -> None:
        self.presence = DevicePresence(site=hall.site, device="kiosk-1", kind=DeviceKind.KIOSK)
        self.connections: list[bool] = []
        self.client: MqttClient = broker_client(
            hall.broker.address,
            device="kiosk-1",
            key=SecretStr(hall.key("kiosk-1")),
            presence=self.presence,
            tls=None,
            on_presence=self.connections.append,
        )

    def start(self) -> None:
        self.client.start()
        until(lambda: self.client.connected, what="it is connected")

    def publish(self, paper: PaperState) -> None:
        self.client.publish_retained(self.presence.topic, self.presence.online(paper=paper))


@pytest.fixture
def machines(shared_hall: RealHall) -> Iterator[tuple[Machine, Machine]]:
    first, second = Machine(shared_hall), Machine(shared_hall)
    first.start()
    second.start()
    yield first, second
    first.client.stop()
    second.client.stop()


def kiosk(hall: RealHall) -> DeviceAnswer:
    answer = hall.request("GET", "/v1/devices", device="monitor-1")
    return next(d for d in DevicesAnswer.model_validate_json(answer.data).devices if d.id == "kiosk-1")


def test_both_stay_connected_and_managers_and_log_are_informed(
    shared_hall: RealHall, machines: tuple[Machine, Machine]
) -> None:
    first, second = machines
    for machine, paper in ((first, PaperState.OK), (second, PaperState.OUT)):
        machine.publish(paper)
        until(lambda paper=paper: kiosk(shared_hall).paper is paper, what="its status is shown")
    assert kiosk(shared_hall).faults == [], "the first machine may have been replaced by the second"

    first.publish(PaperState.LOW)
    until(lambda: kiosk(shared_hall).faults, what="managers are informed")
    assert SENTENCE in kiosk(shared_hall).faults[0].en
    assert kiosk(shared_hall).paper is PaperState.LOW, "it was there first"
    second.publish(PaperState.OUT)
    until(lambda: SENTENCE in shared_hall.hub.output(), what="the log says it")
    assert kiosk(shared_hall).paper is PaperState.LOW
    assert (first.connections, second.connections) == ([True], [True])


def status(boot: str, presence: Presence = Presence.ONLINE) -> DeviceStatus:
    return DeviceStatus(
        device="kiosk-1", kind=DeviceKind.KIOSK, presence=presence, boot=boot, version="1", as_of=datetime.now(UTC)
    )


@pytest.mark.parametrize(
    ("published", "twofold", "shown"),
    [
        ([("a", 0)], False, "a"),
        ([("a", 0), ("b", 1)], False, "b"),
        ([("a", 0), ("b", 1), ("b", 11)], False, "b"),
        ([("a", 0), ("b", 1), ("a", 10)], True, "a"),
        ([("a", 0), ("b", 1), ("a", 10), ("b", 11), ("c", 12), ("b", 21)], True, "a"),
        ([("a", 0), ("b", 1), ("a", 10), ("b", 11), ("b", 11 + LOST_AFTER_S)], False, "b"),
    ],
)
def test_two_runs_are_two_machines_when_they_publish_in_turn(
    published: list[tuple[str, float]], *, twofold: bool, shown: str
) -> None:
    runs = DeviceRuns()
    for boot, at in published:
        runs.add(status(boot), at=at, clock=datetime.now(UTC))
    now = published[-1][1]
    assert runs.is_twofold(at=now) is twofold
    found = runs.shown(at=now)
    assert found is not None
    assert found.newest.boot == shown


def test_the_will_of_the_second_machine_does_not_end_the_first() -> None:
    runs = DeviceRuns()
    for boot, at in (("a", 0), ("b", 1), ("a", 10)):
        runs.add(status(boot), at=at, clock=datetime.now(UTC))
    runs.add(status("b", Presence.LOST), at=12, clock=datetime.now(UTC))
    assert not runs.is_twofold(at=12)
    found = runs.shown(at=12)
    assert found is not None
    assert (found.newest.boot, found.presence(12)) == ("a", Presence.ONLINE)
