"""Real parts for the screen's tests: a Mosquitto of their own, a publisher in the hub's name, running screens."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from real_hall import Mosquitto, until

from protocol import topics
from protocol.clients.mqtt_client import MqttClient
from protocol.retained_messages import Board, Call, DeviceStatus, HubStatus, Notice, ServiceQueue, Sign
from protocol.settings import BrokerAddress
from protocol.vocabulary import Presence, Promise, Text, TicketState, WindowState

SITE = "main-hall"
HALL = Text(zh="竹溪县政务服务中心", en="Zhuxi Government Service Centre")
AREA_A = Text(zh="A区 1楼", en="Area A, 1st floor")


class Hub:
    """Publishes on the hall's topics as the hub does: heartbeat, boards, signs, notices."""

    def __init__(self, address: BrokerAddress) -> None:
        self.name = HALL
        self.seq = 0
        self.call_seq = 0
        self.calls: list[Call] = []
        self.waiting: list[ServiceQueue] = []
        self.open = True
        self.county_away_since: datetime | None = None
        self.devices: dict[str, DeviceStatus] = {}
        self._boot = "boot-1"
        self._broker = MqttClient(address)
        self._broker.subscribe(topics.device_statuses(SITE), self._device)
        self._silent = threading.Event()
        self._heart = threading.Thread(target=self._beat, daemon=True)

    def start(self) -> None:
        self._broker.start()
        until(lambda: self._broker.connected, what="the hub is connected")
        self.beat()
        self._heart.start()

    def leave(self, presence: Presence) -> None:
        """Publish the farewell, or have the broker publish ``lost``; no heartbeat comes any more."""
        self._silent.set()
        self._heart.join(timeout=5)
        self.beat(presence)

    def stop(self) -> None:
        self._silent.set()
        self._heart.join(timeout=5)
        self._broker.stop()

    def _device(self, _topic: str, payload: bytes, _replayed: bool) -> None:  # noqa: FBT001 - the broker's handler
        status = DeviceStatus.model_validate_json(payload)
        self.devices[status.device] = status

    def _beat(self) -> None:
        while not self._silent.wait(timeout=2):
            self.beat()

    def beat(self, presence: Presence = Presence.ONLINE) -> None:
        status = HubStatus(seq=self.seq, as_of=datetime.now(UTC), presence=presence, boot=self._boot, version="test")
        self._broker.publish_retained(topics.hub_status(SITE), status.model_dump_json().encode())

    def call(self, number: str, window_label: str, *, area: Text = AREA_A, window: str | None = None) -> Call:
        """Call a number to a window, by default the one whose id ends with its label; shown with the next board."""
        self.call_seq += 1
        called = Call(
            number=number,
            window=window or f"window-{window_label}",
            window_label=window_label,
            area=area,
            call_seq=self.call_seq,
            called_at=datetime.now(UTC),
        )
        self.calls = [called, *self.calls][:30]
        return called

    def publish_board(self) -> Board:
        """Publish the board."""
        self.seq += 1
        board = Board(
            seq=self.seq,
            as_of=datetime.now(UTC),
            site=SITE,
            name=self.name,
            calls=self.calls,
            waiting=self.waiting,
            open=self.open,
            county_away_since=self.county_away_since,
        )
        self._broker.publish_retained(topics.board(SITE), board.model_dump_json().encode())
        return board

    def publish_notice(self, zh: str, en: str) -> None:
        """Publish the notice line."""
        notice = Notice(seq=self.seq, as_of=datetime.now(UTC), text=Text(zh=zh, en=en))
        self._broker.publish_retained(topics.notice(SITE), notice.model_dump_json().encode())

    def publish_sign(
        self, state: WindowState, *, ticket: str | None = None, ticket_state: TicketState | None = None
    ) -> None:
        """Publish the sign of window 3."""
        self.seq += 1
        sign = Sign(
            seq=self.seq,
            as_of=datetime.now(UTC),
            window="window-3",
            label="3",
            name=Text(zh="户籍 · 居民身份证", en="Household register, ID cards"),
            state=state,
            ticket=ticket,
            ticket_state=ticket_state,
        )
        self._broker.publish_retained(topics.sign(SITE, "window-3"), sign.model_dump_json().encode())


class RunningScreen:
    """A ``jiaohao-display`` process without a screen, and what it wrote down."""

    def __init__(self, folder: Path, settings: str, *, each_announcement: bool = False) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.pictures = folder / "pictures"
        file = folder / "display.toml"
        pictures = f'{{ folder = "{self.pictures}", each_announcement = {str(each_announcement).lower()} }}'
        file.write_text(f"{settings}\npictures = {pictures}\n", encoding="utf-8")
        self.log = folder / "log.txt"
        self._read = 0
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "display.main", "--settings", str(file), "--offscreen"],
                stdout=log,
                stderr=log,
            )

    def lines(self) -> list[dict[str, Any]]:
        """Return all that was painted, oldest first."""
        record = self.pictures / "painted.jsonl"
        if not record.exists():
            assert self.process.poll() is None, self.log.read_text()
            return []
        return [
            json.loads(line)
            for line in record.read_text(encoding="utf-8").splitlines(keepends=True)
            if line[-1] == "\n"
        ]

    def painted(
        self, wanted: Callable[[dict[str, Any]], bool], *, within_s: float = 30.0, after: int = 0
    ) -> dict[str, Any]:
        """Return the first line from number ``after`` on whose view is the wanted one."""

        def find() -> dict[str, Any] | None:
            return next((line for line in self.lines()[after:] if wanted(line["view"])), None)

        try:
            return until(find, within_s=within_s, what="the wanted view was painted")
        except AssertionError:
            last = [line["view"] for line in self.lines()][-1:]
            raise AssertionError(f"not painted; last view {last}\n{self.log.read_text()}") from None

    def follow(self, seq: int) -> None:
        """Wait until the newest line shows board ``seq``, reading only what is new."""

        def shown() -> bool:
            with (self.pictures / "painted.jsonl").open("rb") as record:
                record.seek(self._read)
                complete = record.read().rpartition(b"\n")[0]
            if not complete:
                return False
            self._read += len(complete) + 1
            return bool(json.loads(complete.splitlines()[-1])["view"]["seq"] == seq)

        until(shown, what=f"board {seq} is painted", every_s=0.002)

    def picture(self, name: str) -> dict[str, Any]:
        """Take a picture now, keep it for people when JIAOHAO_PICTURES names a folder; return its record."""
        return json.loads(self.picture_file(name).read_text(encoding="utf-8"))

    def picture_file(self, name: str) -> Path:
        """Take a picture now; return the file of its record, which has its PNG beside it."""
        before = set(self.pictures.glob("*.json"))
        self.process.send_signal(signal.SIGUSR1)
        record = until(lambda: set(self.pictures.glob("*.json")) - before, what="the picture").pop()
        kept = os.environ.get("JIAOHAO_PICTURES")
        if kept:
            Path(kept).mkdir(parents=True, exist_ok=True)
            shutil.copy(record.with_suffix(".png"), Path(kept) / f"{name}.png")
        return record

    def announcement_pictures(self) -> list[dict[str, Any]]:
        """Return the records of the pictures of announcements, in order; each has its PNG beside it."""
        record = sorted(self.pictures.glob("*-call.json"))
        assert all(file.with_suffix(".png").stat().st_size > 1000 for file in record)
        return [json.loads(file.read_text(encoding="utf-8")) for file in record]

    def stop(self) -> int:
        """End it with SIGTERM and return its exit code."""
        if self.process.poll() is None:
            self.process.terminate()
        return self.process.wait(timeout=15)


def queues() -> list[ServiceQueue]:
    """Return seven busy services and an idle one."""
    named = [
        ("A", "居民身份证办理", "Resident ID card", 12, (20, 35)),
        ("B", "户口迁移登记", "Household register transfer", 3, (5, 10)),
        ("C", "出入境证件", "Travel documents", 7, (15, 30)),
        ("D", "发票领用", "Invoices", 21, (40, 70)),
        ("E", "不动产转移登记及抵押权首次登记", "First registration of a mortgage on real estate", 5, None),
        ("F", "社会保障卡", "Social security card", 2, (0, 5)),
        ("G", "医保异地就医备案", "Treatment away from home", 1, (0, 5)),
        ("H", "企业开办", "Starting a business", 0, (0, 0)),
    ]
    return [
        ServiceQueue(
            service=f"service-{letter.lower()}",
            letter=letter,
            name=Text(zh=zh, en=en),
            waiting=count,
            promise=None if span is None else Promise(low_min=span[0], high_min=span[1]),
        )
        for letter, zh, en, count, span in named
    ]


def hall_settings(broker: BrokerAddress, **more: str) -> str:
    """Return a hall screen's settings; ``more`` are raw TOML values."""
    lines = {
        "site": f'"{SITE}"',
        "device": '"screen-1"',
        "key": '"secret"',
        "broker": f'{{ host = "{broker.host}", port = {broker.port} }}',
        "voice": '{ kind = "silence" }',
        **more,
    }
    return "\n".join(f"{key} = {value}" for key, value in lines.items())


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    with Mosquitto(tmp_path) as broker:
        yield broker


@pytest.fixture
def hub(mosquitto: Mosquitto) -> Iterator[Hub]:
    speaking = Hub(mosquitto.address)
    speaking.start()
    yield speaking
    speaking.stop()


@pytest.fixture
def busy_queues() -> list[ServiceQueue]:
    return queues()


@pytest.fixture
def start_screen(tmp_path: Path, mosquitto: Mosquitto) -> Iterator[Callable[..., RunningScreen]]:
    """Return a function that starts a screen with raw TOML settings over the usual ones."""
    running: list[RunningScreen] = []

    def start(*, each_announcement: bool = False, **more: str) -> RunningScreen:
        settings = hall_settings(mosquitto.address, **more)
        screen = RunningScreen(tmp_path / f"screen-{len(running)}", settings, each_announcement=each_announcement)
        running.append(screen)
        return screen

    yield start
    for screen in running:
        screen.stop()


@pytest.fixture(name="until")
def _until() -> Callable[..., Any]:
    """Return the function that waits for a condition."""
    return until
