"""A real hall for tests: a Mosquitto with the hub's own password and access files, and a ``jiaohao-hub`` process.

Everything lies in one folder and runs on free ports; leaving the ``with`` block ends every process. Used by tests,
proofs and measurements alike::

    with RealHall(folder) as hall:
        kiosk = hall.client("kiosk-1")
        kiosk.issue(m.IssueTicket(request_id=new_request_id("kiosk-1"), service="id-card"))
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self, TypeVar

import urllib3
from child_processes import freeze
from managed_resources import ManagedResources
from moved_clock import ClockFile, MovedClock
from ports import LOCAL, free_port, listens
from pydantic import BaseModel

from protocol.answers import HealthAnswer
from protocol.clients.hub_client import HubClient, HubRefused
from protocol.clients.mqtt_client import MqttClient
from protocol.requests import Request
from protocol.settings import BrokerAddress, HubAddress, load_settings, server_url
from protocol.vocabulary import DeviceKind
from server.domain.model.catalogue import Catalogue
from server.hub.access import Access

CLOCKED_HUB = Path(__file__).with_name("clocked_hub.py")
SMALL_HALL = Path(__file__).with_name("small-hall.toml")
COUNTY_HALL = Path(__file__).parents[2] / "demo" / "county" / "main-hall.toml"
Message = TypeVar("Message", bound=BaseModel)
Found = TypeVar("Found")
PATIENT_S = 20.0
"""Timeout of a request in tests, seconds: a test does not fail because a machine is busy."""
RETRIES = 3
"""How often a request that was refused as too late is sent again."""


def until(
    condition: Callable[[], Found | None],
    *,
    within_s: float = 30.0,
    what: str = "the condition",
    every_s: float = 0.01,
) -> Found:
    """Poll a condition and return its first true value; after ``within_s`` seconds the test fails with ``what``."""
    deadline = time.monotonic() + within_s
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within_s} s: {what}")
        time.sleep(every_s)
    return found


class _RetryingClient(HubClient):
    """Retries a command that its hub refused as too late: the machine was too busy in between."""

    def _post(self, path: str, command: Request, answer: type[Message], *, within_s: float | None = None) -> Message:
        for _ in range(RETRIES):
            try:
                return super()._post(path, command, answer, within_s=within_s)
            except HubRefused as refused:
                if refused.answer.error != "too_late":
                    raise
        return super()._post(path, command, answer, within_s=within_s)


class Process:
    """A program that can be stopped, killed, frozen and started again; its output goes to a file."""

    def __init__(self, command: list[str], *, log: Path, environment: dict[str, str] | None = None) -> None:
        self.command = command
        self.log = log
        self.environment = {**os.environ, **(environment or {})}
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Start it."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Kill it, whatever happened."""
        self.kill()

    @property
    def pid(self) -> int:
        """Process id of the running program."""
        assert self._process is not None
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether it has been started and not ended."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it; its output is appended to ``log``."""
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                self.command, stdout=output, stderr=subprocess.STDOUT, env=self.environment
            )

    def send(self, number: signal.Signals) -> None:
        """Send a signal."""
        os.kill(self.pid, number)

    def freeze(self) -> None:
        """Stop it with SIGSTOP; it keeps its port and its connections."""
        freeze(self.pid)

    def resume(self) -> None:
        """Continue it after ``freeze``."""
        self.send(signal.SIGCONT)

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        self.end(signal.SIGKILL)

    def stop(self) -> int:
        """End it with SIGTERM, and return its exit code."""
        return self.end(signal.SIGTERM)

    def end(self, number: signal.Signals) -> int:
        """Send a signal that ends it, wait, and return its exit code."""
        if self._process is None:
            return 0
        if self.running:
            self.send(number)
            self.send(signal.SIGCONT)
        try:
            return self._process.wait(timeout=40)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise AssertionError(f"{self.command[0]} did not end:\n{self.output()}") from None

    def output(self) -> str:
        """Return its output so far."""
        return self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""


SHIPPED_CONFIGURATION = Path(__file__).parents[2] / "systemd" / "mosquitto-jiaohao.conf"
RELOADING = "Reloading config."
"""The line that Mosquitto logs when it begins to read its files again."""


class Mosquitto(Process):
    """A real broker on a port of its own, configured as shipped when it has files for passwords and rights.

    Without them every client may do everything.
    """

    def __init__(
        self,
        folder: Path,
        *,
        port: int | None = None,
        passwords: Path | None = None,
        rights: Path | None = None,
        host: str = LOCAL,
        inside: Sequence[str] = (),
    ) -> None:
        self.address = BrokerAddress(host=host, port=port or free_port(), keepalive_s=5)
        listener = f"listener {self.address.port} {host}\n"
        text = f"{listener}persistence false\nallow_anonymous true\n"
        if passwords and rights:
            text = SHIPPED_CONFIGURATION.read_text(encoding="utf-8")
            text = text.replace("listener 1883 localhost\n", listener)
            text = text.replace("/var/lib/jiaohao/mosquitto.passwd", str(passwords))
            text = text.replace("/var/lib/jiaohao/mosquitto.acl", str(rights))
        self.configuration = folder / "mosquitto.conf"
        self.configuration.write_text(f"{text}user root\nlog_dest stderr\n", encoding="utf-8")
        super().__init__([*inside, "mosquitto", "-c", str(self.configuration)], log=folder / "mosquitto.log")

    def start(self) -> None:
        """Start it and wait until it takes connections."""
        super().start()
        until(lambda: listens(self.address.port, self.address.host) or not self.running, what="mosquitto is ready")
        if not self.running:
            raise AssertionError(f"mosquitto did not start:\n{self.output()}")

    def reload(self) -> None:
        """Make it read passwords and rights again, and wait until it does: a signal while it is reading is lost."""
        before = self.output().count(RELOADING)

        def is_reloading() -> bool:
            self.send(signal.SIGHUP)
            return self.output().count(RELOADING) > before

        until(is_reloading, what="mosquitto reads passwords and rights again")


class RealHall(ManagedResources):
    """One site: its folder with settings and keys, its broker (unless ``with_broker`` is False) and its hub.

    ``catalogue`` is a site description; ``changes`` replace pieces of its text, such as a rule.
    ``start_hub`` False leaves the hub to be started by the test. ``inside`` stands before every command, such as one
    that enters a network namespace where the site's address is ``host``. ``name`` is what the settings call that
    address. ``limits`` are those of ``hub.toml``.
    """

    def __init__(
        self,
        folder: Path,
        *,
        catalogue: Path = SMALL_HALL,
        changes: dict[str, str] | None = None,
        with_broker: bool = True,
        start_hub: bool = True,
        environment: dict[str, str] | None = None,
        host: str = LOCAL,
        name: str = "",
        inside: Sequence[str] = (),
        limits: dict[str, float] | None = None,
    ) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.settings = folder / "hub.toml"
        self.site_file = folder / "site.toml"
        self.host = host
        self.port = free_port()
        self.name = name or host
        self.url = server_url(host, self.port)
        self.named_url = server_url(self.name, self.port)
        """What the settings of devices call the hub."""
        self.describe(catalogue.read_text(encoding="utf-8"), changes or {})
        self.access = Access(self.data, site=self.site)
        self.access.prepare()
        self.keys: dict[str, str] = {}
        self._start_hub = start_hub
        self._with_broker = with_broker
        self.broker = Mosquitto(
            folder,
            passwords=self.data / "mosquitto.passwd",
            rights=self.data / "mosquitto.acl",
            host=host,
            inside=inside,
        )
        at_broker = self.broker.address
        self.settings.write_text(
            f'host = "{self.name}"\nport = {self.port}\n'
            f'[broker]\nhost = "{self.name}"\nport = {at_broker.port}\nkeepalive_s = {at_broker.keepalive_s}\n'
            + ("[limits]\n" + "".join(f"{name} = {value}\n" for name, value in limits.items()) if limits else ""),
            encoding="utf-8",
        )
        self.clock_file = folder / "clock.json"
        self.clock = ClockFile(self.clock_file)
        """The hub's clock, which tests may move; a time service confirms it, whatever this machine has."""
        self.clock.write(MovedClock())
        self.hub = Process(
            [*inside, sys.executable, str(CLOCKED_HUB), str(self.clock_file), "--settings", str(self.settings)],
            log=folder / "hub.log",
            environment=environment,
        )
        self._http = urllib3.PoolManager(timeout=urllib3.Timeout(total=PATIENT_S), retries=False)
        super().__init__()

    def describe(self, text: str, changes: dict[str, str]) -> None:
        """Write the site description; it counts from the hub's next start."""
        for old, new in changes.items():
            if old not in text:
                raise ValueError(f"the description has no {old!r}")
            text = text.replace(old, new)
        self.site_file.write_text(text, encoding="utf-8")
        self.catalogue = load_settings(Catalogue, self.site_file)
        self.site = self.catalogue.site

    def _start_all(self) -> None:
        """Start the broker and the hub, and wait until both are ready."""
        self._open.callback(self.hub.kill)
        self._open.callback(self.broker.kill)
        self._open.callback(self._http.clear)
        if self._with_broker:
            self.broker.start()
        if self._start_hub:
            self.start_hub()
            if self._with_broker:
                until(lambda: self.health().broker_connected, what="the hub is connected to the broker")

    def start_hub(self, *, within_s: float = 90.0) -> float:
        """Start the hub, wait until it answers, and return how many seconds that took."""
        began = time.monotonic()
        self.hub.start()
        until(lambda: self._healthy() or not self.hub.running, within_s=within_s, what="the hub is ready")
        if not self.hub.running:
            raise AssertionError(f"the hub did not start:\n{self.hub.output()}")
        return time.monotonic() - began

    def restart_hub(self) -> None:
        """Stop the hub in good order and start it again."""
        self.hub.stop()
        self.start_hub()

    def health(self) -> HealthAnswer:
        """Return the hub's health."""
        return HealthAnswer.model_validate_json(self._http.request("GET", f"{self.url}/healthz").data)

    def _healthy(self) -> bool:
        try:
            return self._http.request("GET", f"{self.url}/healthz").status == 200
        except urllib3.exceptions.HTTPError:
            return False

    def key(self, device: str, kind: DeviceKind | None = None) -> str:
        """Return a device's key, enrolled on first use; the kind is the first part of its name unless it is given.

        The key of ``panel-1``, or of another panel, is bound to every window of the site.
        """
        if device not in self.keys:
            name = device.split("-", maxsplit=1)[0]
            windows = {"panel": [window.id for window in self.catalogue.windows], "window": [device]}.get(name, [])
            chosen = kind or (DeviceKind.WINDOW if name == "panel" else DeviceKind(name))
            self.keys[device] = self.access.enrol(device, chosen, windows).get_secret_value()
            if self.broker.running:
                self.broker.reload()
        return self.keys[device]

    def address(self, device: str, kind: DeviceKind | None = None) -> HubAddress:
        """Return the hub's address for a device, with its key."""
        return HubAddress.model_validate({"url": self.url, "device": device, "key": self.key(device, kind)})

    def client(self, device: str, *, timeout_s: float = PATIENT_S) -> HubClient:
        """Return a device's client of the hub, with longer timeouts than a device in a hall has."""
        return _RetryingClient(self.address(device), timeout_s=timeout_s, offer_s=PATIENT_S, place_s=PATIENT_S)

    def request(
        self,
        method: str,
        path: str,
        json: Any = None,
        *,
        device: str | None = None,
        key: str | None = None,
        headers: dict[str, str] | None = None,
        body: Any = None,
    ) -> urllib3.BaseHTTPResponse:
        """Send an HTTP request as ``device`` (or with any ``key``, or none), and return the plain response."""
        sent = dict(headers or {})
        bearer = self.key(device) if device else key
        if bearer is not None:
            sent["Authorization"] = f"Bearer {bearer}"
        if json is not None:
            return self._http.request(method, self.url + path, json=json, headers=sent)
        return self._http.request(method, self.url + path, body=body, headers=sent)

    def subscribe(self, topic_filter: str, *, device: str = "monitor-listener") -> Subscriber:
        """Return a subscriber to some topics with this device's key."""
        subscriber = Subscriber(self.broker.address, topic_filter, device=device, key=self.key(device))
        self._open.callback(subscriber.close)
        return subscriber


class Subscriber:
    """An MQTT subscriber at the real broker; it keeps every message, and the newest of each topic."""

    def __init__(self, address: BrokerAddress, topic_filter: str, *, device: str, key: str) -> None:
        self.received: list[tuple[str, bytes, bool]] = []
        """Topic, payload, and whether it was retained from before, in order."""
        self.newest: dict[str, bytes] = {}
        self.broker = MqttClient(address, username=device, password=key)
        self.broker.subscribe(topic_filter, self._receive)
        self.broker.start()
        until(lambda: self.broker.connected, what=f"{device} is connected to the broker")

    def _receive(self, topic: str, payload: bytes, replayed: bool) -> None:  # noqa: FBT001 - a Handler
        self.received.append((topic, payload, replayed))
        self.newest[topic] = payload

    def wait_for(
        self, topic: str, model: type[Message], condition: Callable[[Message], object], *, within_s: float = 30.0
    ) -> Message:
        """Wait until the newest message on a topic meets a condition, and return it."""

        def met() -> Message | None:
            payload = self.newest.get(topic)
            found = None if payload is None else model.model_validate_json(payload)
            return found if found is not None and condition(found) else None

        return until(met, within_s=within_s, what=f"the newest message on {topic} meets the condition")

    def close(self) -> None:
        """Disconnect from the broker."""
        self.broker.stop()
