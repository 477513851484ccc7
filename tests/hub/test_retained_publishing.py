from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime

import pytest
from real_hall import RealHall, Subscriber, until

from protocol import topics
from protocol.answers import DeviceAnswer, DevicesAnswer, TicketAnswer
from protocol.clients.mqtt_client import MqttClient
from protocol.requests import IssueTicket, WindowRequest
from protocol.retained_messages import Board, DeviceStatus, HubStatus, Queue, RetainedMessage
from protocol.topics import ROOT
from protocol.vocabulary import DeviceKind, PaperState, Presence, Text
from runtime.fault_log import CAUSES_MAX


def issue(hall: RealHall, name: str, service: str = "id-card") -> TicketAnswer:
    return hall.client("kiosk-1").issue(IssueTicket(request_id=f"publish-{name}", service=service))


def every_topic(hall: RealHall) -> set[str]:
    site = hall.site
    return {
        topics.board(site),
        topics.hub_status(site),
        topics.notice(site),
        *(topics.sign(site, w.id) for w in hall.catalogue.windows),
        *(topics.queue(site, s.id) for s in hall.catalogue.services),
    }


def seq_of(subscriber: Subscriber, topic: str) -> int:
    return RetainedMessage.model_validate_json(subscriber.newest[topic]).seq


@pytest.fixture
def status() -> DeviceStatus:
    return DeviceStatus(
        device="kiosk-1",
        kind=DeviceKind.KIOSK,
        presence=Presence.ONLINE,
        boot="boot-1",
        version="1",
        as_of=datetime(2026, 3, 2, 1, tzinfo=UTC),
        paper=PaperState.LOW,
        faults=[Text(zh="纸快用完", en="paper is low")],
    )


@pytest.fixture
def kiosk(real_hall: RealHall) -> Iterator[MqttClient]:
    """The kiosk at the broker, with its own name and key."""
    broker = MqttClient(real_hall.broker.address, username="kiosk-1", password=real_hall.key("kiosk-1"))
    broker.start()
    until(lambda: broker.connected, what="the kiosk is connected to the broker")
    yield broker
    broker.stop()


def test_a_late_subscriber_receives_every_retained_message_at_once(real_hall: RealHall) -> None:
    issue(real_hall, "first", "invoice")
    watching = real_hall.subscribe(f"{ROOT}/#", device="monitor-1")
    watching.wait_for(topics.queue(real_hall.site, "invoice"), Queue, lambda q: q.waiting == 1)
    late = real_hall.subscribe(f"{ROOT}/#", device="monitor-2")
    until(lambda: set(late.newest) >= every_topic(real_hall), what="every topic is received")
    replayed = {topic for topic, _, was_retained in late.received if was_retained}
    assert replayed >= every_topic(real_hall)
    assert set(late.newest) == every_topic(real_hall)


def test_everything_is_published_again_after_the_broker_lost_its_memory(real_hall: RealHall) -> None:
    issue(real_hall, "first")
    real_hall.broker.kill()
    until(lambda: not real_hall.health().broker_connected, what="the hub misses the broker")
    real_hall.broker.start()
    subscriber = real_hall.subscribe(f"{ROOT}/#")
    until(lambda: set(subscriber.newest) >= every_topic(real_hall), what="every topic is published again")
    subscriber.wait_for(topics.queue(real_hall.site, "id-card"), Queue, lambda q: q.waiting == 1)


def test_after_a_broker_outage_only_the_newest_board_is_published(real_hall: RealHall) -> None:
    board = topics.board(real_hall.site)
    clerk = real_hall.client("window-1")
    clerk.set_window("window-1", "open", WindowRequest(request_id="publish-open"))
    subscriber = real_hall.subscribe(board)
    subscriber.wait_for(board, Board, lambda b: not b.calls)
    real_hall.broker.kill()
    until(lambda: not subscriber.broker.connected, what="the subscriber misses the broker")
    until(lambda: not real_hall.health().broker_connected, what="the hub misses the broker")
    for count in range(5):
        issue(real_hall, f"away-{count}")
        last = clerk.command_window("window-1", "call-next", WindowRequest(request_id=f"publish-call-{count}"))
    seen = len(subscriber.received)
    real_hall.broker.start()
    newest = subscriber.wait_for(board, Board, lambda b: len(b.calls) == 5)
    assert newest.calls[0].number == last.number
    published = [Board.model_validate_json(payload) for _, payload, _ in subscriber.received[seen:]]
    assert {len(b.calls) for b in published} == {5}, "no board from in between"


def test_a_frozen_broker_does_not_slow_commands(real_hall: RealHall) -> None:
    board = topics.board(real_hall.site)
    subscriber = real_hall.subscribe(board)
    clerk = real_hall.client("window-1")
    clerk.set_window("window-1", "open", WindowRequest(request_id="publish-open"))
    issue(real_hall, "before")
    real_hall.broker.freeze()
    try:
        took = []
        for count in range(40):
            began = time.monotonic()
            issue(real_hall, f"frozen-{count}")
            clerk.command_window("window-1", "call-next", WindowRequest(request_id=f"publish-press-{count}"))
            took.append(time.monotonic() - began)
    finally:
        real_hall.broker.resume()
    assert sorted(took)[20] < 1, "a broker that does not answer is given up after seconds"
    newest = real_hall.client("display-1").board()
    subscriber.wait_for(board, Board, lambda b: b.calls[:1] == newest.calls[:1], within_s=30)


def test_the_hub_publishes_when_it_is_online_offline_and_lost(real_hall: RealHall) -> None:
    topic = topics.hub_status(real_hall.site)
    subscriber = real_hall.subscribe(topic)
    subscriber.wait_for(topic, HubStatus, lambda s: s.presence is Presence.ONLINE)
    assert real_hall.hub.stop() in (0, -signal.SIGTERM), "an orderly end"
    subscriber.wait_for(topic, HubStatus, lambda s: s.presence is Presence.OFFLINE)
    real_hall.start_hub()
    subscriber.wait_for(topic, HubStatus, lambda s: s.presence is Presence.ONLINE)
    real_hall.hub.kill()
    subscriber.wait_for(topic, HubStatus, lambda s: s.presence is Presence.LOST)


# ------------------------------------------------------------------------------------------------- what is received


def presence(hall: RealHall, device: str) -> DeviceAnswer:
    answer = DevicesAnswer.model_validate_json(hall.request("GET", "/v1/devices", device="monitor-1").data)
    return next(d for d in answer.devices if d.id == device)


def test_the_status_of_a_device_is_shown(real_hall: RealHall, kiosk: MqttClient, status: DeviceStatus) -> None:
    assert presence(real_hall, "kiosk-1").presence is Presence.LOST, "never received"
    kiosk.publish_retained(topics.device_status(real_hall.site, "kiosk-1"), status.model_dump_json().encode())
    until(lambda: presence(real_hall, "kiosk-1").presence is Presence.ONLINE, what="the kiosk is seen")
    seen = presence(real_hall, "kiosk-1")
    assert (seen.paper, seen.faults, seen.version) == (status.paper, status.faults, "1")


NONSENSE = {
    "no JSON": b"\xff\x00{",
    "nothing": b"",
    "a list": b"[1, 2]",
    "a wrong field": b'{"device": "kiosk-1", "kind": "toaster"}',
    "a huge message": b'{"device": "' + b"x" * 200_000 + b'"}',
}


def test_nonsense_from_a_device_is_dropped_and_the_hub_goes_on(
    real_hall: RealHall, kiosk: MqttClient, status: DeviceStatus
) -> None:
    topic = topics.device_status(real_hall.site, "kiosk-1")
    for nonsense in [*NONSENSE.values()] * 20:
        kiosk.publish_retained(topic, nonsense)
    until(lambda: "what kiosk-1 publishes is not its status" in real_hall.hub.output(), what="the hub logs it")
    kiosk.publish_retained(topic, status.model_dump_json().encode())
    until(lambda: presence(real_hall, "kiosk-1").presence is Presence.ONLINE, what="the kiosk is seen")
    assert issue(real_hall, "after").number == "A001"
    assert "Traceback" not in real_hall.hub.output()
    assert real_hall.hub.output().count("is not its status") <= CAUSES_MAX + 1, "once for each cause, and the end"


def test_a_status_in_the_name_of_another_device_is_dropped(
    real_hall: RealHall, kiosk: MqttClient, status: DeviceStatus
) -> None:
    real_hall.key("kiosk-2")
    other = status.model_copy(update={"device": "kiosk-2"}).model_dump_json().encode()
    kiosk.publish_retained(topics.device_status(real_hall.site, "kiosk-2"), other)
    kiosk.publish_retained(topics.device_status(real_hall.site, "kiosk-1"), other)
    until(lambda: "it is about kiosk-2" in real_hall.hub.output(), what="the hub logs it")
    assert presence(real_hall, "kiosk-2").presence is Presence.LOST


# ----------------------------------------------------------------------------------------- who may publish what


def test_a_device_writes_nothing_but_its_own_status(
    real_hall: RealHall, kiosk: MqttClient, status: DeviceStatus
) -> None:
    own = topics.device_status(real_hall.site, "kiosk-1")
    subscriber = real_hall.subscribe("#")
    forged = b'{"forged": true}'
    for topic in (
        topics.board(real_hall.site),
        topics.sign(real_hall.site, "window-1"),
        topics.hub_status(real_hall.site),
        topics.device_status(real_hall.site, "kiosk-2"),
        topics.board("other-hall"),
        f"{own}/more",
        "elsewhere",
    ):
        kiosk.publish_retained(topic, forged)
    kiosk.publish_retained(own, status.model_dump_json().encode())
    subscriber.wait_for(own, DeviceStatus, lambda s: s.device == "kiosk-1")
    assert forged not in [payload for _, payload, _ in subscriber.received]


@pytest.mark.parametrize(
    ("username", "password"), [(None, None), ("kiosk-1", None), ("kiosk-1", "wrong"), ("nobody", "wrong"), ("hub", "x")]
)
def test_without_its_key_no_client_is_accepted_by_the_broker(
    shared_hall: RealHall, username: str | None, password: str | None
) -> None:
    shared_hall.key("kiosk-1")
    causes: list[object] = []
    stranger = MqttClient(
        shared_hall.broker.address,
        username=username,
        password=password,
        on_failure=causes.append,
    )
    stranger.start()
    with closing(Leaving(stranger)):
        until(lambda: any(REFUSED in str(cause) for cause in causes), what="the broker refuses the stranger")
        assert not stranger.connected


def test_a_revoked_device_is_not_accepted_by_the_broker_again(shared_hall: RealHall) -> None:
    key = shared_hall.key("kiosk-7")
    shared_hall.subscribe("#", device="kiosk-7").close()
    shared_hall.access.revoke("kiosk-7")
    shared_hall.broker.reload()
    causes: list[object] = []
    again = MqttClient(
        shared_hall.broker.address,
        username="kiosk-7",
        password=key,
        on_failure=causes.append,
    )
    again.start()
    with closing(Leaving(again)):
        until(lambda: any(REFUSED in str(cause) for cause in causes), what="the broker refuses the revoked kiosk")
        assert not again.connected


REFUSED = "Not authorized"


class Leaving:
    """A broker client that leaves at the end of a block."""

    def __init__(self, broker: MqttClient) -> None:
        self._broker = broker

    def close(self) -> None:
        self._broker.stop()
