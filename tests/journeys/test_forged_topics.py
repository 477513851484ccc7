"""Whatever somebody deletes or forges on the broker is right again soon, in a hall where nothing happens."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from equipped_hall import EquippedHall
from hall_devices import PanelProcess
from real_hall import SMALL_HALL, until

from hardware.panel.lamp import LampState
from protocol import topics
from protocol.clients.mqtt_client import MqttClient

HIGH = 10**9
LATER = "2090-01-01T00:00:00Z"
OF_ITS_TIME = {"seq", "as_of", "no_show_in_s", "machine"}
"""Fields of a message that differ although the hall is the same."""


class OpenBroker(EquippedHall):
    """A hall whose broker lets anybody write anything, as whoever runs the broker may."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, catalogue=SMALL_HALL)
        port = self.broker.address.port
        text = f"listener {port} 127.0.0.1\npersistence false\nallow_anonymous true\nuser root\nlog_dest stderr\n"
        self.broker.configuration.write_text(text, encoding="utf-8")

    @contextmanager
    def retained(self) -> Iterator[dict[str, dict[str, Any]]]:
        """Yield what a new subscriber finds retained, by topic, without what is live."""
        found: dict[str, dict[str, Any]] = {}
        client = MqttClient(self.broker.address)

        def take(topic: str, payload: bytes, replayed: bool) -> None:  # noqa: FBT001 - a MessageCallback
            if replayed:
                found[topic] = json.loads(payload)

        client.subscribe(topics.everything(self.site), take)
        client.start()
        try:
            yield found
        finally:
            client.stop()

    def differing(self, wanted: dict[str, dict[str, Any]]) -> dict[str, Any]:
        """Return what the broker retains instead of these messages, apart from the fields of their time."""
        with self.retained() as found:
            with suppress(AssertionError):
                until(lambda: wanted.keys() <= found.keys(), within_s=1.0)
            return {
                topic: found.get(topic)
                for topic, message in wanted.items()
                if topic not in found or stable(found[topic]) != stable(message)
            }

    def wait_until_right(self, wanted: dict[str, dict[str, Any]]) -> None:
        """Wait until the broker retains these messages."""
        wrong: dict[str, Any] = wanted

        def is_right() -> bool:
            nonlocal wrong
            wrong = self.differing(wanted)
            return not wrong

        try:
            until(is_right, within_s=60.0, what="all topics are right")
        except AssertionError:
            raise AssertionError(f"still wrong: {wrong}") from None

    def write(self, changes: dict[str, bytes]) -> None:
        """Write these retained messages as somebody else."""
        with closing(Forger(self)) as forger:
            forger.write(changes)


class Forger:
    """A client that may write anything."""

    def __init__(self, hall: OpenBroker) -> None:
        self._client = MqttClient(hall.broker.address)
        self._client.start()
        until(lambda: self._client.connected, what="the forger is connected")

    def write(self, changes: dict[str, bytes]) -> None:
        for topic, payload in changes.items():
            self._client.publish_retained(topic, payload)
        until(lambda: not any(map(self._client._is_undelivered, changes)), what="the forged messages are taken")

    def close(self) -> None:
        self._client.stop()


def stable(message: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in message.items() if name not in OF_ITS_TIME} | {
        "believable": message.get("seq", 0) < HIGH and message["as_of"] < LATER
    }


def forged(message: dict[str, Any]) -> bytes:
    """Return a message that says something else, with a high number, a late time and another boot."""
    lies = {
        "seq": HIGH,
        "as_of": LATER,
        "boot": "forged",
        "state": "open",
        "ticket": "Z999",
        "ticket_state": "called",
        "call_seq": HIGH,
        "waiting": 99,
        "presence": "lost",
        "text": {"zh": "假的", "en": "forged"},
        "calls": [],
    }
    known = {name: lie for name, lie in lies.items() if name in message}
    if isinstance(message.get("waiting"), list):
        known["waiting"] = []
    return json.dumps(message | known).encode()


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[OpenBroker]:
    with OpenBroker(tmp_path) as hall:
        yield hall


@pytest.fixture
def panel(hall: OpenBroker) -> PanelProcess:
    panel = hall.start_panel("window-1")
    panel.wait_for_lamp(LampState.CLOSED)
    return panel


def right_state(hall: OpenBroker) -> dict[str, dict[str, Any]]:
    """Return what the broker retains once hub and panel have published all of theirs."""
    services = [topics.queue(hall.site, service.id) for service in hall.catalogue.services]
    signs = [topics.sign(hall.site, window.id) for window in hall.catalogue.windows]
    own = [topics.board(hall.site), topics.notice(hall.site), topics.hub_status(hall.site)]
    panel = topics.device_status(hall.site, "window-1")
    wanted = {*services, *signs, *own, panel}
    found: dict[str, dict[str, Any]] = {}

    def is_settled() -> bool:
        with hall.retained() as retained:
            with suppress(AssertionError):  # what is published after this subscription is found by the next one
                until(lambda: wanted <= retained.keys(), within_s=1.0)
            found.update(retained)
        if not wanted <= found.keys():
            return False
        return found[panel]["faults"] == [] and found[panel]["presence"] == "online"

    until(is_settled, what="every topic is retained, and the panel has no fault")
    assert set(found) == wanted
    return found


def test_every_topic_is_right_again_and_no_panel_is_blinded(hall: OpenBroker, panel: PanelProcess) -> None:
    right = right_state(hall)
    changes: list[Callable[[dict[str, Any]], bytes]] = [forged, lambda _: b""]
    for change in changes:
        hall.write({topic: change(message) for topic, message in right.items()})
        hall.wait_until_right(right)
        panel.wait_for_lamp(LampState.CLOSED)
    hall.at_window("window-1", "open")
    panel.wait_for_lamp(LampState.NOBODY)
    assert "Traceback" not in panel.output() + hall.hub.output()


def test_a_sign_with_a_high_number_is_replaced_by_the_hubs_next(hall: OpenBroker, panel: PanelProcess) -> None:
    sign = topics.sign(hall.site, "window-1")
    hall.write({sign: forged(right_state(hall)[sign])})
    panel.wait_for_lamp(LampState.CALLED)
    panel.wait_for_lamp(LampState.CLOSED)
    hall.at_window("window-1", "open")
    panel.wait_for_lamp(LampState.NOBODY)
