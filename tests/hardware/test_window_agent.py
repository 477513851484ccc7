"""The process at a clerk's window: simulated pins, a real broker, a hub played by the test, and the real one."""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import psutil
import pytest
from hall_devices import command
from real_hall import Mosquitto, Process, RealHall, until

from protocol import topics
from protocol.answers import ErrorAnswer, TicketAnswer, WindowAnswer
from protocol.clients.hub_client import new_request_id
from protocol.clients.mqtt_client import MqttClient
from protocol.requests import IssueTicket
from protocol.retained_messages import DeviceStatus, HubStatus, Sign
from protocol.settings import BrokerAddress
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
"""Time limit of a press, seconds: longer than a busy machine pauses, shorter than a heartbeat counts."""


class PlayedHub:
    """A hub over HTTP and MQTT that the test plays: keeps requests, answers and publishes what the test wants."""

    def __init__(self, broker: BrokerAddress) -> None:
        self.requests: list[tuple[str, str]] = []  # (path, request id)
        self.answered = 0
        self.refusal: ErrorAnswer | None = None
        self.answering = threading.Event()
        self.answering.set()
        self._seq = 0
        self.statuses: list[DeviceStatus] = []
        self._broker = MqttClient(broker)
        self._broker.subscribe(
            topics.device_statuses("main-hall"),
            lambda _, payload, __: self.statuses.append(DeviceStatus.model_validate_json(payload)),
        )
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._request_class())
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    @contextmanager
    def running(self) -> Iterator[None]:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self._broker.start()
        try:
            yield
        finally:
            self.answering.set()
            self.stop_answering()
            self._broker.stop()

    def stop_answering(self) -> None:
        """Stop the HTTP server: nothing listens any more."""
        self._server.shutdown()
        self._server.server_close()

    @property
    def commands(self) -> list[str]:
        return [path.removeprefix("/v1/windows/window-3/") for path, _ in self.requests]

    def beat(self, presence: Presence = Presence.ONLINE) -> None:
        """Publish a heartbeat."""
        self._seq += 1
        status = HubStatus(seq=self._seq, as_of=datetime.now(UTC), presence=presence, boot="one", version="0.1.0")
        self._broker.publish_retained(topics.hub_status("main-hall"), status.model_dump_json().encode())

    def publish_sign(
        self,
        state: WindowState = WindowState.OPEN,
        *,
        ticket_state: TicketState | None = None,
        waiting: int = 0,
    ) -> None:
        """Publish the window's sign."""
        self._seq += 1
        sign = Sign(
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
        self._broker.publish_retained(topics.sign("main-hall", "window-3"), sign.model_dump_json().encode())

    def _request_class(self) -> type[BaseHTTPRequestHandler]:
        hub = self

        class HubEndpoint(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # head and body leave together

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                hub.requests.append((self.path, body["request_id"]))
                hub.answering.wait(DEADLINE_S)
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
                    self.close_connection = True  # the panel has given up
                hub.answered += 1

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the parent's signature
                """Log nothing: the test asserts the requests."""

        return HubEndpoint


class Panel:
    """The simulated panel of a running agent, over its control socket."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def control(self, line: str) -> dict[str, Any]:
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
        until(lambda: self.control("lamp?")["state"] == state, what=f"the lamp shows {state}")
        return self.control("lamp?")

    def states_since(self, moment: float) -> list[str]:
        """Return the states that the lamp entered after ``moment``, in order, each change of state once."""
        states: list[str] = []
        for shown in self.control("shown?")["shown"]:
            if shown["at"] > moment and (not states or states[-1] != shown["state"]):
                states.append(shown["state"])
        return states

    def showed(self, *states: str, since: float) -> None:
        """Wait until the lamp showed exactly these states after ``since``."""
        until(lambda: self.states_since(since) == list(states), what=f"{states}")


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
def agent(folder: Path, *, hub: str, broker: BrokerAddress, key: str = "any") -> Iterator[tuple[Process, Panel]]:
    toml = settings(folder, hub=hub, broker=broker, key=key)
    arguments = [command("jiaohao-window"), "--settings", str(toml), "--twin"]
    with Process(arguments, log=folder / "window.log") as running:
        panel = Panel(folder / "panel.sock")
        until(panel.answers, what="the panel can be pressed")
        yield running, panel


@pytest.fixture
def mosquitto(tmp_path: Path) -> Mosquitto:
    return Mosquitto(tmp_path)


@pytest.fixture
def hall(tmp_path: Path, mosquitto: Mosquitto) -> Iterator[tuple[PlayedHub, Panel]]:
    """A hall with a window that is open and has visitors waiting."""
    hub = PlayedHub(mosquitto.address)
    with mosquitto, hub.running(), agent(tmp_path, hub=hub.url, broker=mosquitto.address) as (_, panel):
        hub.publish_sign(waiting=4)
        hub.beat()
        panel.shows("free")
        yield hub, panel


def test_the_lamp_follows_the_sign(hall: tuple[PlayedHub, Panel]) -> None:
    hub, panel = hall

    hub.publish_sign(ticket_state=TicketState.CALLED)
    panel.shows("called")
    hub.publish_sign(ticket_state=TicketState.SERVING)
    assert panel.shows("serving") == {"state": "serving", "red": False, "green": False, "blue": True}
    hub.publish_sign()
    panel.shows("nobody")
    hub.publish_sign(WindowState.PAUSED)
    panel.shows("paused")
    hub.publish_sign(WindowState.CLOSED)
    assert panel.shows("closed") == {"state": "closed", "red": False, "green": False, "blue": False}


def test_each_press_is_one_request_of_its_own(hall: tuple[PlayedHub, Panel]) -> None:
    hub, panel = hall

    for line, count in [
        ("press call", 1),
        ("bounce call", 2),
        ("hold call", 3),
        ("press no_show", 4),
        ("press pause", 5),
    ]:
        hub.beat()
        panel.control(line)
        until(lambda count=count: hub.answered >= count, what=f"{line} is answered")
    hub.publish_sign(WindowState.PAUSED)
    panel.shows("paused")
    hub.beat()
    panel.control("press pause")
    until(lambda: hub.answered >= 6, what="the window is opened")

    assert hub.commands == ["call-next", "call-next", "recall", "no-show", "pause", "open"]
    assert all(re.fullmatch(r"panel-3:[0-9a-f]{24}", request_id) for _, request_id in hub.requests)
    assert len({request_id for _, request_id in hub.requests}) == 6


def test_one_key_starts_and_finishes_and_is_not_taken_when_nobody_is_there(hall: tuple[PlayedHub, Panel]) -> None:
    hub, panel = hall
    before = time.monotonic()

    panel.control("press start_finish")
    panel.showed("not_taken", "free", since=before)
    hub.publish_sign(ticket_state=TicketState.CALLED)
    hub.beat()
    panel.shows("called")
    panel.control("press start_finish")
    until(lambda: hub.answered == 1, what="serving starts")
    hub.publish_sign(ticket_state=TicketState.SERVING)
    hub.beat()
    panel.shows("serving")
    panel.control("press start_finish")
    until(lambda: hub.answered == 2, what="serving is finished")

    assert hub.commands == ["start", "finish"]


def test_a_key_stuck_down_is_requested_once(hall: tuple[PlayedHub, Panel]) -> None:
    hub, panel = hall

    panel.control("down no_show")
    until(lambda: hub.answered == 1, what="the stuck key is answered")
    panel.control("hold call")
    until(lambda: hub.answered == 2, what="the other keys still work")

    assert hub.commands == ["no-show", "recall"]


@pytest.mark.parametrize(
    ("error", "shown"), [("nobody_waiting", ["nobody", "free"]), ("window_closed", ["not_taken", "free"])]
)
def test_a_refusal_is_shown_for_a_moment(hall: tuple[PlayedHub, Panel], error: str, shown: list[str]) -> None:
    hub, panel = hall
    hub.refusal = ErrorAnswer(error=error, message=Text(zh="不行", en="No"))
    before = time.monotonic()

    panel.control("press call")

    panel.showed(*shown, since=before)
    assert hub.commands == ["call-next"]


def test_a_hub_that_refuses_connections_is_a_fault_at_once(hall: tuple[PlayedHub, Panel]) -> None:
    hub, panel = hall
    hub.stop_answering()
    before = time.monotonic()

    panel.control("press call")

    panel.showed("not_taken", "fault", since=before)
    hub.beat()
    panel.shows("free")


def test_presses_while_the_hub_is_known_away_are_never_requested(hall: tuple[PlayedHub, Panel]) -> None:
    hub, panel = hall
    hub.beat(Presence.LOST)
    panel.shows("fault")
    before = time.monotonic()

    panel.control("press call")
    panel.showed("not_taken", "fault", since=before)
    hub.beat()
    panel.shows("free")
    panel.control("press no_show")
    until(lambda: hub.requests, what="the next press is requested")

    assert hub.commands == ["no-show"]


def test_a_silent_hub_lets_the_press_time_out_and_the_next_one_is_not_queued(hall: tuple[PlayedHub, Panel]) -> None:
    hub, panel = hall
    hub.beat()
    hub.answering.clear()
    before = time.monotonic()

    panel.control("press call")
    until(lambda: hub.requests, what="the press is requested")
    panel.control("press no_show")
    panel.showed("not_taken", "free", "not_taken", "fault", since=before)
    hub.answering.set()
    hub.beat()
    panel.shows("free")

    assert hub.commands == ["call-next"]


def test_the_panel_publishes_its_status_and_the_broker_its_loss(tmp_path: Path, mosquitto: Mosquitto) -> None:
    hub = PlayedHub(mosquitto.address)
    with mosquitto, hub.running():
        with agent(tmp_path, hub=hub.url, broker=mosquitto.address) as (running, panel):
            faulty = until(lambda: hub.statuses, what="the panel is online")[-1]
            hub.publish_sign()
            hub.beat()
            panel.shows("nobody")
            until(lambda: hub.statuses[-1].faults == [], what="the fault is over")
            running.kill()
            until(lambda: hub.statuses[-1].presence is Presence.LOST, what="the broker misses it")
        with agent(tmp_path, hub=hub.url, broker=mosquitto.address) as (running, _):
            until(lambda: hub.statuses[-1].presence is Presence.ONLINE, what="the panel is online again")
            assert running.stop() == 0
            until(lambda: hub.statuses[-1].presence is Presence.OFFLINE, what="the panel is offline")

    boots = list(dict.fromkeys(status.boot for status in hub.statuses))
    assert (faulty.device, faulty.kind) == ("panel-3", DeviceKind.WINDOW)
    assert [fault.zh[:8] for fault in faulty.faults] == ["窗口联系不上站点"]
    assert len(boots) == 2


def test_a_killed_broker_is_a_fault_and_its_return_is_not(tmp_path: Path, mosquitto: Mosquitto) -> None:
    hub = PlayedHub(mosquitto.address)
    address = mosquitto.address
    with hub.running(), mosquitto, agent(tmp_path, hub=hub.url, broker=address) as (_, panel):
        hub.publish_sign(waiting=1)
        hub.beat()
        panel.shows("free")
        mosquitto.kill()
        panel.shows("fault")
        mosquitto.start()
        hub.beat()
        panel.shows("free")


def test_the_agent_is_small_and_idle(tmp_path: Path, mosquitto: Mosquitto) -> None:
    hub = PlayedHub(mosquitto.address)
    with mosquitto, hub.running(), agent(tmp_path, hub=hub.url, broker=mosquitto.address) as (running, panel):
        hub.publish_sign()
        hub.beat()
        panel.shows("nobody")
        panel.control("press call")
        until(lambda: hub.requests, what="a press went through")
        measured = psutil.Process(running.pid)
        busy = measured.cpu_percent(interval=3)
        resident_mb = measured.memory_info().rss / 2**20

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


HallWithPanel = tuple[RealHall, Panel]


@pytest.fixture
def real_hall(tmp_path: Path) -> Iterator[HallWithPanel]:
    """A real hall of one window and one panel, whose window a press has opened."""
    description = tmp_path / "description.toml"
    description.write_text(SITE, encoding="utf-8")
    folder = tmp_path / "hall"
    folder.mkdir()
    with (
        RealHall(folder, catalogue=description) as hall,
        agent(tmp_path, hub=hall.url, broker=hall.broker.address, key=hall.key("panel-3")) as (
            _,
            panel,
        ),
    ):
        panel.shows("closed")
        panel.control("press pause")
        panel.shows("nobody")
        yield hall, panel


def test_a_visitor_is_called_served_and_finished_with_the_real_hub(real_hall: HallWithPanel) -> None:
    hall, panel = real_hall
    kiosk = hall.client("kiosk-1")

    ticket = kiosk.issue(IssueTicket(request_id=new_request_id("kiosk-1"), service="id-card"))
    panel.shows("free")
    panel.control("press call")
    panel.shows("called")
    called = kiosk.ticket(ticket.id)
    panel.control("hold call")
    until(lambda: any(call.recall for call in kiosk.board().calls), what="the call is repeated")
    panel.control("press start_finish")
    panel.shows("serving")
    panel.control("press start_finish")
    panel.shows("nobody")

    assert (called.state, called.window) == (TicketState.CALLED, "window-3")
    assert kiosk.ticket(ticket.id).state is TicketState.FINISHED


def test_a_frozen_hub_lets_the_press_time_out_and_no_later_press_is_requested(
    real_hall: HallWithPanel,
) -> None:
    hall, panel = real_hall
    kiosk = hall.client("kiosk-1")
    for _ in range(3):
        kiosk.issue(IssueTicket(request_id=new_request_id("kiosk-1"), service="id-card"))
    panel.shows("free")
    before = time.monotonic()

    hall.hub.freeze()
    panel.control("press call")
    panel.showed("not_taken", "fault", since=before)
    panel.control("press call")
    panel.control("press call")
    panel.shows("fault")
    hall.hub.resume()
    panel.shows("free")

    assert kiosk.board().calls == []
