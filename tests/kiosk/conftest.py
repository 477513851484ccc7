"""A kiosk in the example county: its menu, a visitor who walks through the pages, and a hall of real processes."""

from __future__ import annotations

import json
import subprocess
import threading
import time
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from equipped_hall import PATIENCE, always_open
from hall_devices import command
from pydantic import BaseModel, SecretStr
from real_hall import COUNTY_HALL, RealHall, until

from kiosk.remote_kiosk import RemoteKiosk
from kiosk.state import events as e
from kiosk.state.events import Effect
from kiosk.state.kiosk_state import KioskState, Page, current_page
from kiosk.state.reducer import advance
from protocol.answers import (
    Offer,
    OtherSite,
    PrintJob,
    PriorityClass,
    ReferralAnswer,
    ServiceAnswer,
    ServicesAnswer,
    TicketAnswer,
)
from protocol.requests import WindowRequest
from protocol.settings import HubAddress
from protocol.vocabulary import Language, PrintOutcome, Promise, Text, TicketState
from server.domain.model.catalogue import Catalogue

BETWEEN_KEYS_S = 0.1
NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def menu() -> ServicesAnswer:
    """The example county's main hall on a busy morning; some promises unknown, one service without a window."""
    hall = Catalogue.model_validate(tomllib.loads(COUNTY_HALL.read_text(encoding="utf-8")))
    areas = {area.id: area.name for area in hall.areas}
    services = [
        ServiceAnswer(
            id=service.id,
            letter=service.letter,
            name=service.name,
            department=service.department,
            materials=list(service.materials),
            area=areas[service.area],
            waiting=(i * 7) % 13,
            people_ahead=(i * 7) % 13,
            promise=None if i % 4 == 3 else Promise(low_min=5 + i, high_min=15 + 2 * i),
            offered=i != 9,
        )
        for i, service in enumerate(hall.services)
    ]
    return ServicesAnswer(
        seq=1,
        as_of=NOON,
        site=hall.site,
        name=hall.name,
        open=True,
        hours=Text(zh="周一至周五 8:30–12:00，13:30–17:30", en="Mon–Fri 8:30–12:00, 13:30–17:30"),
        departments=list(hall.departments),
        services=services,
        priorities=list(hall.priorities)
        or [PriorityClass(id="elderly", name=Text(zh="70 岁以上老人", en="Aged 70 and over"))],
    )


@pytest.fixture(scope="session")
def ticket_of() -> Callable[..., TicketAnswer]:
    """Make the hub's answer for a service, with a print job."""

    def make(service: ServiceAnswer, *, number: str = "A017", language: Language = Language.ZH) -> TicketAnswer:
        job = PrintJob(job="job-1", ticket="t-1", device="kiosk-1", reprint=False, outcome=PrintOutcome.PENDING)
        return TicketAnswer(
            id="t-1",
            number=number,
            service=service.id,
            state=TicketState.WAITING,
            business_day=date(2026, 3, 2),
            language=language,
            issued_at=NOON,
            people_ahead=service.people_ahead,
            promise=service.promise,
            page="/t/3q2-7wXf0Jk1Zb9p",
            print_job=job,
            seq=2,
        )

    return make


@pytest.fixture(scope="session")
def county_menu(menu: ServicesAnswer) -> ServicesAnswer:
    """The same hall as a site of a county, with many waiting for an ID card."""
    many = {"waiting": 12, "people_ahead": 12, "promise": Promise(low_min=40, high_min=65)}
    services = [s.model_copy(update=many) if s.id == "id-card" else s for s in menu.services]
    return menu.model_copy(update={"county": True, "services": services})


POLICE = OtherSite(
    site="police",
    name=Text(zh="竹溪县公安办证分中心", en="Zhuxi County Police Service Centre"),
    address=Text(zh="人民路 12 号", en="12 Renmin Road"),
    directions=Text(
        zh="出门左转，沿人民路走 400 米，过桥就到", en="Left at the door, 400 m along Renmin Road, behind the bridge"
    ),
    travel_min=6,
)


@pytest.fixture(scope="session")
def offer() -> Offer:
    """The police branch is quicker for an ID card."""
    return Offer(
        id="offer-1",
        service="id-card",
        here=Promise(low_min=40, high_min=65),
        there=Promise(low_min=10, high_min=20),
        saving_min=25,
        site=POLICE,
    )


@pytest.fixture(scope="session")
def referral() -> ReferralAnswer:
    """The place held at the police branch."""
    job = PrintJob(
        job="r-1.1", ticket="b3T5xY0q9LmZ2w1k", device="kiosk-1", reprint=False, outcome=PrintOutcome.PENDING
    )
    return ReferralAnswer(
        referral="r-1",
        site=POLICE,
        area=Text(zh="一楼户政区", en="ID and household, ground floor"),
        ticket="b3T5xY0q9LmZ2w1k",
        number="PA031",
        service="id-card",
        language=Language.ZH,
        issued_at=NOON,
        people_ahead=3,
        promise=Promise(low_min=10, high_min=20),
        kept_until=NOON + timedelta(minutes=26),
        page="/t/b3T5xY0q9LmZ2w1k",
        print_job=job,
    )


@dataclass
class Visitor:
    """A visitor at a kiosk's state; keeps all effects."""

    state: KioskState
    now: float = 100.0
    effects: list[Effect] = field(default_factory=list)

    @property
    def page(self) -> Page:
        """What the visitor sees."""
        return current_page(self.state)

    def does(self, *happened: e.KioskEvent, after_s: float = 1.0) -> Visitor:
        """Apply events one after another."""
        for event in happened:
            self.now += after_s
            self.state, effects = advance(self.state, event, at=self.now)
            self.effects.extend(effects)
        return self

    def waits(self, seconds: float) -> Visitor:
        """Let time go by, as the kiosk's clock sees it."""
        end = self.now + seconds
        while self.now < end:
            left = min(0.25, end - self.now)
            self.does(e.Tick(), after_s=left)
        return self

    def with_menu(self, **changes: object) -> Visitor:
        """Let a changed menu of the hub come in."""
        assert self.state.menu is not None
        return self.does(e.MenuReceived(menu=self.state.menu.model_copy(update=changes)))

    def twin(self) -> Visitor:
        """Return another visitor at the same point."""
        return replace(self, effects=list(self.effects))


@pytest.fixture(scope="session")
def newcomer(menu: ServicesAnswer) -> Visitor:
    """A visitor at the welcome page of a kiosk whose hub answers; tests use twins of it."""
    return Visitor(state=KioskState(boot="kiosk-1:test")).does(e.MenuReceived(menu=menu))


@pytest.fixture
def visitor(newcomer: Visitor) -> Visitor:
    """A visitor at the welcome page."""
    return newcomer.twin()


@pytest.fixture(scope="session")
def villager(county_menu: ServicesAnswer) -> Visitor:
    """A visitor at the welcome page of a site of a county; tests use twins of it."""
    return Visitor(state=KioskState(boot="kiosk-1:test")).does(e.MenuReceived(menu=county_menu))


@pytest.fixture(name="wait_for")
def _wait_for() -> Callable[..., Any]:
    return until


Scripted = Callable[[dict[str, Any]], tuple[int, BaseModel]]


class ScriptedHub:
    """A real HTTP server with the test's answers: for what a healthy hub never does on demand.

    ``answers`` maps "POST /v1/tickets" to a function that answers; of the next ``losing`` requests the answer is lost.
    """

    def __init__(self) -> None:
        self.answers: dict[str, Scripted] = {}
        self.received: list[tuple[str, dict[str, Any]]] = []
        self.losing = 0
        hub = self

        class Connection(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                hub.answer(self, {})

            def do_POST(self) -> None:
                hub.answer(self, json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

            def log_message(self, *_: object) -> None:
                """Log nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Connection)
        self._server.daemon_threads = True
        threading.Thread(target=lambda: self._server.serve_forever(poll_interval=0.02), daemon=True).start()

    @property
    def address(self) -> HubAddress:
        return HubAddress(url=f"http://127.0.0.1:{self._server.server_port}", device="kiosk-1", key=SecretStr("key"))

    def answer(self, connection: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
        line = f"{connection.command} {connection.path}"
        self.received.append((line, body))
        if self.losing > 0:
            self.losing -= 1
            return
        status, answer = self.answers[line](body)
        text = answer.model_dump_json().encode()
        connection.send_response(status)
        connection.send_header("Content-Length", str(len(text)))
        connection.end_headers()
        connection.wfile.write(text)

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def scripted_hub(menu: ServicesAnswer) -> Iterator[ScriptedHub]:
    """A hub that answers with the menu, and with what the test adds."""
    hub = ScriptedHub()
    hub.answers["GET /v1/services"] = lambda _: (200, menu)
    yield hub
    hub.stop()


class ReceivedNews:
    """Keeps the news that workers report, from any thread."""

    def __init__(self) -> None:
        self.all_news: list[e.News] = []

    def __call__(self, news: e.News) -> None:
        self.all_news.append(news)

    def all(self, kind: type[e.News]) -> list[e.News]:
        return [news for news in self.all_news if isinstance(news, kind)]

    def wait_for(self, kind: type[e.News], *, count: int = 1, within_s: float = 30.0) -> Any:
        """Return the ``count``th news of a kind."""
        until(lambda: len(self.all(kind)) >= count, what=f"{count} {kind.__name__}", within_s=within_s)
        return self.all(kind)[count - 1]


@pytest.fixture
def news() -> ReceivedNews:
    """The news that workers report."""
    return ReceivedNews()


# ---------------------------------------------------------------------------------- a whole hall of real processes


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealHall]:
    """The example county's main hall, always open, with its first window open; queues grow from test to test."""
    folder = tmp_path_factory.mktemp("hall")
    with RealHall(folder, catalogue=always_open(folder)) as hall:
        hall.client("window-1").set_window("window-1", "open", WindowRequest(request_id="window-1:opens"))
        yield hall


class VisitorsHand(RemoteKiosk):
    """A visitor's hand with a paper to scan or a number to type."""

    def scan(self, text: str) -> None:
        """Hold a paper or phone with this QR code in front of the kiosk's scanner."""
        self.execute({"command": "scan", "text": text})

    def type_number(self, number: str) -> None:
        """Type a number, key by key, on the check-in page."""
        while (typed := self.state()["typed"]) != number:
            if not number.startswith(typed):
                raise AssertionError(f"the kiosk has {typed}, which does not begin {number}")
            self.touch(f"type-key:{number[len(typed)]}")
            time.sleep(BETWEEN_KEYS_S)


class RunningKiosk:
    """A ``jiaohao-kiosk`` process without a screen, and a visitor's finger on it."""

    def __init__(self, folder: Path, *, settings: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.socket = folder / "kiosk.sock"
        file = folder / "kiosk.toml"
        file.write_text(f'remote_control = "{self.socket}"\n{settings}', encoding="utf-8")
        self.log = folder / "kiosk.log"
        with self.log.open("wb") as log:
            arguments = [command("jiaohao-kiosk"), "--settings", str(file), "--offscreen"]
            self.process = subprocess.Popen(arguments, stdout=log, stderr=log)
        self.finger = VisitorsHand(self.socket, within_s=30)

    def issue_ticket(self, department: str, service: str | None) -> None:
        """Walk from welcome to the confirm page's button and touch it."""
        self.finger.touch("start")
        self.finger.touch(f"choose-department:{department}")
        if service is not None:
            self.finger.touch(f"choose-service:{service}")
        self.finger.touch("confirm")

    def stop(self) -> int:
        """End the process with SIGTERM; return its exit code."""
        self.finger.close()
        self.process.terminate()
        return self.process.wait(timeout=20)


@pytest.fixture
def start_kiosk(tmp_path: Path) -> Iterator[Callable[..., RunningKiosk]]:
    """Start kiosks at a hall."""
    kiosks: list[RunningKiosk] = []

    def start(hall: RealHall, *, printer: str, more: str = PATIENCE, site: str = "main-hall") -> RunningKiosk:
        settings = (
            f'site = "{site}"\npublic_url = "http://hall.example"\n{more}\n'
            f'[hub]\nurl = "{hall.url}"\ndevice = "kiosk-1"\nkey = "{hall.key("kiosk-1")}"\n'
            f"[broker]\nport = {hall.broker.address.port}\n[printer]\n{printer}\n[window]\nfullscreen = false\n"
        )
        kiosks.append(RunningKiosk(tmp_path / f"kiosk-{len(kiosks)}", settings=settings))
        return kiosks[-1]

    yield start
    for kiosk in kiosks:
        kiosk.finger.close()
        if kiosk.process.poll() is None:
            kiosk.stop()
