"""The process at a clerk's window: simulated pins, a real broker, a hub that the test speaks for, and the real one."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import psutil
import pytest
from ports import free_port, listens
from pydantic import SecretStr
from standstill import freeze

from protocol import topics
from protocol.answers import ErrorAnswer, TicketAnswer, WindowAnswer
from protocol.hub_client import HubClient, new_request_id
from protocol.mqtt_client import MqttClient
from protocol.requests import IssueTicket
from protocol.retained_messages import DeviceStatus, HubStatus, Sign
from protocol.settings import BrokerAddress, HubAddress
from protocol.vocabulary import DeviceKind, Language, Presence, Text, TicketState, WindowState

NAME = Text(zh="医疗保障", en="Medical insurance")
TICKET = TicketAnswer(
    id="01JD5Z3V9E",
    number="B017",
    service="medical-enrolment",
    state=TicketState.CALLED,
    business_day=datetime(2026, 11, 22, tzinfo=UTC).date(),
    language=Language.ZH,
    issued_at=datetime(2026, 11, 22, 1, tzinfo=UTC),
    page="/t/3q2-7wXf0Jk1Zb9p",
    seq=2,
)
WINDOW = WindowAnswer(id="window-3", label="3", name=NAME, services=[], state=WindowState.OPEN, waiting=0)
DEADLINE_S = 30.0
TIMEOUT_S = 5.0
"""Longer than a busy machine stands still; a panel that gives up a press has not yet missed the heartbeat."""


def wait_until(met: Callable[[], Any], *, what: str) -> Any:
    """Return what ``met`` returns once it is true."""
    deadline = time.monotonic() + DEADLINE_S
    while not (value := met()):
        assert time.monotonic() < deadline, f"not within {DEADLINE_S} s: {what}"
        time.sleep(0.02)
    return value


@contextmanager
def process(*command: str | Path, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a process for the length of the block; it is continued and killed at the end whatever happened."""
    with log.open("wb") as output, subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT) as running:
        try:
            yield running
        finally:
            running.send_signal(signal.SIGCONT)
            running.kill()


class Mosquitto:
    """A real broker on a free port."""

    def __init__(self, folder: Path) -> None:
        self.address = BrokerAddress(port=free_port())
        self._folder = folder
        (folder / "mosquitto.conf").write_text(f"listener {self.address.port} 127.0.0.1\nallow_anonymous true\n")

    @contextmanager
    def running(self) -> Iterator[subprocess.Popen[bytes]]:
        command = ("mosquitto", "-c", self._folder / "mosquitto.conf")
        with process(*command, log=self._folder / "mosquitto.log") as running:
            wait_until(lambda: listens(self.address.port), what="mosquitto listens")
            yield running


class SpokenHub:
    """Speaks for a hub over HTTP and MQTT: keeps what it was asked, answers as told, says what the test wants."""

    def __init__(self, broker: BrokerAddress) -> None:
        self.asked: list[tuple[str, str]] = []  # (path, request id)
        self.answered = 0
        self.refusal: ErrorAnswer | None = None
        self.speaking = threading.Event()
        self.speaking.set()
        self._seq = 0
        self.heard: list[DeviceStatus] = []
        self._broker = MqttClient(broker, client_id="hub")
        self._broker.subscribe(
            topics.device_statuses("main-hall"),
            lambda _, payload, __: self.heard.append(DeviceStatus.model_validate_json(payload)),
        )
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    @contextmanager
    def running(self) -> Iterator[None]:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self._broker.start()
        try:
            yield
        finally:
            self.speaking.set()
            self.stop_answering()
            self._broker.stop()

    def stop_answering(self) -> None:
        """Close the door: nothing listens any more."""
        self._server.shutdown()
        self._server.server_close()

    @property
    def commands(self) -> list[str]:
        return [path.removeprefix("/v1/windows/window-3/") for path, _ in self.asked]

    def say(self, presence: Presence = Presence.ONLINE) -> None:
        """Tell a heartbeat."""
        self._seq += 1
        status = HubStatus(seq=self._seq, as_of=datetime.now(UTC), presence=presence, boot="one", version="0.1.0")
        self._broker.publish_retained(topics.hub_status("main-hall"), status.model_dump_json().encode())

    def sign(
        self,
        state: WindowState = WindowState.OPEN,
        *,
        ticket_state: TicketState | None = None,
        waiting: int = 0,
    ) -> None:
        """Tell the window's sign."""
        self._seq += 1
        told = Sign(
            seq=self._seq,
            as_of=datetime.now(UTC),
            window="window-3",
            label="3",
            name=NAME,
            state=state,
            ticket=None if ticket_state is None else "B017",
            ticket_state=ticket_state,
            waiting=waiting,
        )
        self._broker.publish_retained(topics.sign("main-hall", "window-3"), told.model_dump_json().encode())

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        hub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # head and body leave together

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                hub.asked.append((self.path, body["request_id"]))
                hub.speaking.wait(DEADLINE_S)
                window = self.path.endswith(("/open", "/pause"))
                answer = hub.refusal or (WINDOW if window else TICKET)
                payload = answer.model_dump_json().encode()
                try:
                    self.send_response(409 if hub.refusal else 200)
                    self.send_header("Content-Length", str(len(payload)))
                    self.end_headers()
                    self.wfile.write(payload)
                    self.wfile.flush()
                except OSError:
                    self.close_connection = True  # who asked has given up
                hub.answered += 1

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the parent's signature
                """Say nothing: the test asserts what was asked."""

        return Handler


class Panel:
    """The simulated panel of a running agent, over its control socket."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def say(self, line: str) -> dict[str, Any]:
        with socket.socket(socket.AF_UNIX) as control:
            control.settimeout(DEADLINE_S)
            control.connect(str(self._path))
            control.sendall(line.encode() + b"\n")
            answer: dict[str, Any] = json.loads(control.makefile().readline())
        return answer

    def answers(self) -> bool:
        """Whether the panel can be pressed: a socket left by a killed process refuses."""
        with socket.socket(socket.AF_UNIX) as control:
            return control.connect_ex(str(self._path)) == 0

    def shows(self, state: str) -> dict[str, Any]:
        """Wait until the lamp shows ``state``."""
        wait_until(lambda: self.say("lamp?")["state"] == state, what=f"the lamp shows {state}")
        return self.say("lamp?")

    def states_since(self, moment: float) -> list[str]:
        """Return the states that the lamp entered after ``moment``, in order, each change of state once."""
        states: list[str] = []
        for shown in self.say("shown?")["shown"]:
            if shown["at"] > moment and (not states or states[-1] != shown["state"]):
                states.append(shown["state"])
        return states

    def showed(self, *states: str, since: float) -> None:
        """Wait until the lamp showed exactly these states after ``since``."""
        wait_until(lambda: self.states_since(since) == list(states), what=f"{states}")


def settings(folder: Path, *, hub: str, broker: BrokerAddress, key: str) -> Path:
    path = folder / "window.toml"
    path.write_text(
        f"""
site = "main-hall"
window = "window-3"
timeout_s = {TIMEOUT_S}
twin_control = "{folder}/panel.sock"
[hub]
url = "{hub}"
device = "panel-3"
key = "{key}"
[broker]
port = {broker.port}
[keys]
call = 17
start_finish = 27
no_show = 22
pause = 23
[lamp]
red = 5
green = 6
blue = 13
""",
        encoding="utf-8",
    )
    return path


@contextmanager
def agent(
    folder: Path, *, hub: str, broker: BrokerAddress, key: str = "any"
) -> Iterator[tuple[subprocess.Popen[bytes], Panel]]:
    command = Path(sys.executable).with_name("jiaohao-window")
    toml = settings(folder, hub=hub, broker=broker, key=key)
    with process(command, "--settings", toml, "--twin", log=folder / "window.log") as running:
        panel = Panel(folder / "panel.sock")
        wait_until(panel.answers, what="the panel can be pressed")
        yield running, panel


@pytest.fixture
def mosquitto(tmp_path: Path) -> Mosquitto:
    return Mosquitto(tmp_path)


@pytest.fixture
def hall(tmp_path: Path, mosquitto: Mosquitto) -> Iterator[tuple[SpokenHub, Panel]]:
    """A hall with a window that is open and has visitors waiting."""
    hub = SpokenHub(mosquitto.address)
    with mosquitto.running(), hub.running(), agent(tmp_path, hub=hub.url, broker=mosquitto.address) as (_, panel):
        hub.sign(waiting=4)
        hub.say()
        panel.shows("free")
        yield hub, panel


def test_the_lamp_follows_what_the_hub_says(hall: tuple[SpokenHub, Panel]) -> None:
    hub, panel = hall

    hub.sign(ticket_state=TicketState.CALLED)
    panel.shows("called")
    hub.sign(ticket_state=TicketState.SERVING)
    assert panel.shows("serving") == {"state": "serving", "red": False, "green": False, "blue": True}
    hub.sign()
    panel.shows("nobody")
    hub.sign(WindowState.PAUSED)
    panel.shows("paused")
    hub.sign(WindowState.CLOSED)
    assert panel.shows("closed") == {"state": "closed", "red": False, "green": False, "blue": False}


def test_each_press_is_one_question_of_its_own(hall: tuple[SpokenHub, Panel]) -> None:
    hub, panel = hall

    for line, asked in [
        ("press call", 1),
        ("bounce call", 2),
        ("hold call", 3),
        ("press no_show", 4),
        ("press pause", 5),
    ]:
        hub.say()
        panel.say(line)
        wait_until(lambda count=asked: hub.answered >= count, what=f"{line} is asked")
    hub.sign(WindowState.PAUSED)
    panel.shows("paused")
    hub.say()
    panel.say("press pause")
    wait_until(lambda: hub.answered >= 6, what="the window is opened")

    assert hub.commands == ["call-next", "call-next", "recall", "no-show", "pause", "open"]
    assert all(re.fullmatch(r"panel-3:[0-9a-f]{24}", request_id) for _, request_id in hub.asked)
    assert len({request_id for _, request_id in hub.asked}) == 6


def test_one_key_starts_and_finishes_and_says_no_when_nobody_is_there(hall: tuple[SpokenHub, Panel]) -> None:
    hub, panel = hall
    before = time.monotonic()

    panel.say("press start_finish")
    panel.showed("not_taken", "free", since=before)
    hub.sign(ticket_state=TicketState.CALLED)
    hub.say()
    panel.shows("called")
    panel.say("press start_finish")
    wait_until(lambda: hub.answered == 1, what="serving starts")
    hub.sign(ticket_state=TicketState.SERVING)
    hub.say()
    panel.shows("serving")
    panel.say("press start_finish")
    wait_until(lambda: hub.answered == 2, what="serving is finished")

    assert hub.commands == ["start", "finish"]


def test_a_key_stuck_down_asks_once(hall: tuple[SpokenHub, Panel]) -> None:
    hub, panel = hall

    panel.say("down no_show")
    wait_until(lambda: hub.answered == 1, what="the stuck key is asked")
    panel.say("hold call")
    wait_until(lambda: hub.answered == 2, what="the other keys still work")

    assert hub.commands == ["no-show", "recall"]


@pytest.mark.parametrize(
    ("error", "shown"), [("nobody_waiting", ["nobody", "free"]), ("window_closed", ["not_taken", "free"])]
)
def test_a_refusal_is_shown_for_a_moment(hall: tuple[SpokenHub, Panel], error: str, shown: list[str]) -> None:
    hub, panel = hall
    hub.refusal = ErrorAnswer(error=error, message=Text(zh="不行", en="No"))
    before = time.monotonic()

    panel.say("press call")

    panel.showed(*shown, since=before)
    assert hub.commands == ["call-next"]


def test_a_hub_that_closed_its_door_is_seen_at_once(hall: tuple[SpokenHub, Panel]) -> None:
    hub, panel = hall
    hub.stop_answering()
    before = time.monotonic()

    panel.say("press call")

    panel.showed("not_taken", "fault", since=before)
    hub.say()
    panel.shows("free")


def test_presses_while_the_hub_is_known_away_are_never_sent(hall: tuple[SpokenHub, Panel]) -> None:
    hub, panel = hall
    hub.say(Presence.LOST)
    panel.shows("fault")
    before = time.monotonic()

    panel.say("press call")
    panel.showed("not_taken", "fault", since=before)
    hub.say()
    panel.shows("free")
    panel.say("press no_show")
    wait_until(lambda: hub.asked, what="the next press is asked")

    assert hub.commands == ["no-show"]


def test_a_mute_hub_lets_the_press_time_out_and_the_next_one_is_not_queued(hall: tuple[SpokenHub, Panel]) -> None:
    hub, panel = hall
    hub.say()
    hub.speaking.clear()
    before = time.monotonic()

    panel.say("press call")
    wait_until(lambda: hub.asked, what="the press is asked")
    panel.say("press no_show")
    panel.showed("not_taken", "free", "not_taken", "fault", since=before)
    hub.speaking.set()
    hub.say()
    panel.shows("free")

    assert hub.commands == ["call-next"]


def test_the_panel_says_how_it_is_and_the_broker_says_when_it_is_lost(tmp_path: Path, mosquitto: Mosquitto) -> None:
    hub = SpokenHub(mosquitto.address)
    with mosquitto.running(), hub.running():
        with agent(tmp_path, hub=hub.url, broker=mosquitto.address) as (running, panel):
            faulty = wait_until(lambda: hub.heard, what="the panel is born")[-1]
            hub.sign()
            hub.say()
            panel.shows("nobody")
            wait_until(lambda: hub.heard[-1].faults == [], what="the fault is over")
            running.kill()
            wait_until(lambda: hub.heard[-1].presence is Presence.LOST, what="the broker misses it")
        with agent(tmp_path, hub=hub.url, broker=mosquitto.address) as (running, _):
            wait_until(lambda: hub.heard[-1].presence is Presence.ONLINE, what="the panel is born again")
            running.terminate()
            assert running.wait(DEADLINE_S) == 0
            wait_until(lambda: hub.heard[-1].presence is Presence.OFFLINE, what="the panel says goodbye")

    boots = list(dict.fromkeys(status.boot for status in hub.heard))
    assert (faulty.device, faulty.kind) == ("panel-3", DeviceKind.WINDOW)
    assert [fault.zh[:8] for fault in faulty.faults] == ["窗口联系不上站点"]
    assert len(boots) == 2


def test_a_killed_broker_is_a_fault_and_its_return_is_not(tmp_path: Path, mosquitto: Mosquitto) -> None:
    hub = SpokenHub(mosquitto.address)
    address = mosquitto.address
    with hub.running(), mosquitto.running() as broker, agent(tmp_path, hub=hub.url, broker=address) as (_, panel):
        hub.sign(waiting=1)
        hub.say()
        panel.shows("free")
        broker.kill()
        panel.shows("fault")
        broker.wait(DEADLINE_S)
        with mosquitto.running():
            panel.shows("free")


def test_the_agent_is_small_and_idle(tmp_path: Path, mosquitto: Mosquitto) -> None:
    hub = SpokenHub(mosquitto.address)
    with mosquitto.running(), hub.running(), agent(tmp_path, hub=hub.url, broker=mosquitto.address) as (running, panel):
        hub.sign()
        hub.say()
        panel.shows("nobody")
        panel.say("press call")
        wait_until(lambda: hub.asked, what="a press went through")
        seen = psutil.Process(running.pid)
        busy = seen.cpu_percent(interval=3)
        resident_mb = seen.memory_info().rss / 2**20

    assert resident_mb <= 45, f"{resident_mb:.1f} MB"
    assert busy <= 2, f"{busy:.1f} % of a core"


SITE = """
site = "main-hall"
name = { zh = "竹溪县政务服务中心", en = "Zhuxi County Government Service Centre" }
[[areas]]
id = "a"
name = { zh = "A区 1楼", en = "Area A, 1st floor" }
[[departments]]
id = "police"
name = { zh = "公安", en = "Public security" }
[[services]]
id = "id-card"
letter = "A"
name = { zh = "居民身份证", en = "Resident ID card" }
department = "police"
area = "a"
[[windows]]
id = "window-3"
label = "3"
name = { zh = "公安户政", en = "Police" }
area = "a"
services = ["id-card"]
"""


class RealHub:
    """``jiaohao-hub`` with one window and one service, always open."""

    def __init__(self, folder: Path, *, broker: BrokerAddress) -> None:
        port = free_port()
        self._folder = folder
        self.url = f"http://127.0.0.1:{port}"
        (folder / "site.toml").write_text(SITE, encoding="utf-8")
        (folder / "hub.toml").write_text(f'host = "127.0.0.1"\nport = {port}\n[broker]\nport = {broker.port}\n')

    def enrol(self, device: str, kind: DeviceKind) -> str:
        """Return a new key for a device."""
        admin = Path(sys.executable).with_name("jiaohao-admin")
        command = (admin, "--settings", self._folder / "hub.toml", "enrol", device, "--kind", kind)
        said = subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE_S, check=True).stdout
        return tomllib.loads(said)["key"]  # type: ignore[no-any-return] # a TOML string

    @contextmanager
    def running(self) -> Iterator[tuple[subprocess.Popen[bytes], HubClient]]:
        """Run the hub; yields its process and a kiosk that may ask it."""
        key = SecretStr(self.enrol("kiosk-1", DeviceKind.KIOSK))
        kiosk = HubClient(HubAddress(url=self.url, device="kiosk-1", key=key), timeout_s=20)
        command = (Path(sys.executable).with_name("jiaohao-hub"), "--settings", self._folder / "hub.toml")
        with process(*command, log=self._folder / "hub.log") as running:
            wait_until(lambda: listens(int(self.url.rsplit(":", 1)[1])), what="the hub listens")
            yield running, kiosk


@pytest.fixture
def real_hall(tmp_path: Path, mosquitto: Mosquitto) -> Iterator[tuple[subprocess.Popen[bytes], HubClient, Panel]]:
    """The real hub and one panel, whose window a press has opened."""
    hub = RealHub(tmp_path, broker=mosquitto.address)
    key = hub.enrol("panel-3", DeviceKind.WINDOW)
    with (
        mosquitto.running(),
        hub.running() as (running, kiosk),
        agent(tmp_path, hub=hub.url, broker=mosquitto.address, key=key) as (_, panel),
    ):
        panel.shows("closed")
        panel.say("press pause")
        panel.shows("nobody")
        yield running, kiosk, panel


RealHall = tuple[subprocess.Popen[bytes], HubClient, Panel]


def test_a_visitor_is_called_served_and_finished_with_the_real_hub(real_hall: RealHall) -> None:
    _, kiosk, panel = real_hall

    ticket = kiosk.issue(IssueTicket(request_id=new_request_id("kiosk-1"), service="id-card"))
    panel.shows("free")
    panel.say("press call")
    panel.shows("called")
    called = kiosk.ticket(ticket.id)
    panel.say("hold call")
    wait_until(lambda: any(call.recall for call in kiosk.board().calls), what="the call is repeated")
    panel.say("press start_finish")
    panel.shows("serving")
    panel.say("press start_finish")
    panel.shows("nobody")

    assert (called.state, called.window) == (TicketState.CALLED, "window-3")
    assert kiosk.ticket(ticket.id).state is TicketState.FINISHED


def test_a_frozen_hub_lets_the_press_time_out_and_no_later_press_is_sent(real_hall: RealHall) -> None:
    hub, kiosk, panel = real_hall
    for _ in range(3):
        kiosk.issue(IssueTicket(request_id=new_request_id("kiosk-1"), service="id-card"))
    panel.shows("free")
    before = time.monotonic()

    freeze(hub.pid)
    panel.say("press call")
    panel.showed("not_taken", "fault", since=before)
    panel.say("press call")
    panel.say("press call")
    panel.shows("fault")
    hub.send_signal(signal.SIGCONT)
    panel.shows("free")

    assert kiosk.board().calls == []
