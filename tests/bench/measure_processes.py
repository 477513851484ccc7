"""Memory and idle CPU of each process of a hall, and how long a hub needs from start to ready."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import psutil
from bench_hall import bench_hall
from real_hall import Process, RealHall, until
from sizes import Sizes
from tables import Line

from protocol.answers import DevicesAnswer
from protocol.vocabulary import Presence

MB = 1_000_000
BUSY_MORNING = 200
"""Tickets issued and called before the devices start."""
SHOWN_CALLS = 24
"""Calls made while every device runs: a screen that has shown none has not painted all it paints."""
MEMORY_AIMS_MB = {"hub": 120, "window agent": 45, "kiosk": 180, "screen": 190}


class Painted:
    """The screen's own record of its frames, read as it grows."""

    def __init__(self, record: Path) -> None:
        self._record = record
        self._at = 0

    def new(self) -> Iterator[dict[str, Any]]:
        """Yield the frames recorded since the last call."""
        with self._record.open("rb") as file:
            file.seek(self._at)
            for line in file:
                if line.endswith(b"\n"):
                    self._at += len(line)
                    yield json.loads(line)

    def first_with(self, number: str) -> float:
        """Wait for the frame that shows a number; return when it was shown (``time.monotonic``)."""
        shown: list[float] = []

        def seen() -> bool:
            shown.extend(frame["monotonic_s"] for frame in self.new() if any(number in w for w in frame["words"]))
            return bool(shown)

        until(seen, what=f"the screen shows {number}")
        return shown[0]


def processes(folder: Path, sizes: Sizes) -> list[Line]:
    """Start every process of a hall under load, then measure it idle."""
    with bench_hall(folder / "hall") as bench, ExitStack() as running:
        bench.fill(BUSY_MORNING)
        bench.empty(BUSY_MORNING)
        found = {"hub": psutil.Process(bench.hall.hub.pid)}
        for name, start in {"window agent": _window_agent, "kiosk": _kiosk, "screen": screen}.items():
            (folder / name).mkdir()
            process = running.enter_context(start(bench.hall, folder / name))
            found[name] = psutil.Process(process.pid)
        painted = Painted(folder / "screen" / "pictures" / "painted.jsonl")
        bench.fill(SHOWN_CALLS)
        for _ in range(SHOWN_CALLS):
            ticket, _ = bench.call(bench.window_with_visitor())
            painted.first_with(ticket["number"])
        time.sleep(sizes.idle_s / 4)  # caches fill, first pages are painted: what is measured is rest
        return [*_memory(found), *_idle(found, sizes.idle_s)]


def start_to_ready(folder: Path, sizes: Sizes) -> list[Line]:
    """Start a hub again and again on a database it has used before."""
    with bench_hall(folder / "hall") as bench:
        bench.fill(BUSY_MORNING)
        seconds = []
        for _ in range(sizes.starts):
            bench.hall.hub.stop()
            seconds.append(bench.hall.start_hub())
        return [Line(name="hub, start to ready", ours=median(seconds), aim=2, unit="s")]


def _memory(found: dict[str, psutil.Process]) -> list[Line]:
    return [
        Line(name=f"{name}, memory (RSS)", ours=process.memory_info().rss / MB, aim=MEMORY_AIMS_MB[name], unit="MB")
        for name, process in found.items()
    ]


def _idle(found: dict[str, psutil.Process], seconds: float) -> list[Line]:
    before = {name: _cpu_s(process) for name, process in found.items()}
    time.sleep(seconds)
    return [
        Line(
            name=f"{name}, idle CPU",
            ours=(_cpu_s(process) - before[name]) / seconds * 100,
            unit="%",
        )
        for name, process in found.items()
    ]


def _cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


@contextmanager
def started(program: str, toml: str, folder: Path, *options: str) -> Iterator[Process]:
    """Run one of the hall's programs with these settings until the block ends."""
    settings = folder / "settings.toml"
    settings.write_text(toml, encoding="utf-8")
    command = [str(Path(sys.executable).with_name(program)), "--settings", str(settings), *options]
    process = Process(command, log=folder / "log", environment={"LG_WD": str(folder)})
    process.start()
    try:
        yield process
    finally:
        process.stop()


@contextmanager
def _online(hall: RealHall, device: str, process: Process) -> Iterator[Process]:
    """Wait until a device has published that it is online."""

    def online() -> bool:
        if not process.running:
            raise AssertionError(process.output())
        answer = DevicesAnswer.model_validate_json(hall.request("GET", "/v1/devices", device="monitor-bench").data)
        return any(d.id == device and d.presence is Presence.ONLINE for d in answer.devices)

    until(online, within_s=30, what=f"{device} is online")
    yield process


@contextmanager
def _window_agent(hall: RealHall, folder: Path) -> Iterator[Process]:
    toml = f"""
site = "{hall.site}"
window = "window-2"
{_hub(hall, "window-2")}
{_broker(hall)}
[keys]
call = 17
start_finish = 27
no_show = 22
pause = 23
[lamp]
red = 5
green = 6
blue = 13
"""
    with started("jiaohao-window", toml, folder, "--twin") as process, _online(hall, "window-2", process):
        yield process


@contextmanager
def _kiosk(hall: RealHall, folder: Path) -> Iterator[Process]:
    toml = f"""
site = "{hall.site}"
{_hub(hall, "kiosk-2")}
{_broker(hall)}
[printer]
driver = "none"
"""
    with started("jiaohao-kiosk", toml, folder, "--offscreen") as process, _online(hall, "kiosk-2", process):
        yield process


@contextmanager
def screen(hall: RealHall, folder: Path) -> Iterator[Process]:
    """Run a silent hall screen of 1920 × 1080 that records what it paints in ``folder``/pictures."""
    toml = f"""
site = "{hall.site}"
device = "display-2"
key = "{hall.key("display-2")}"
highlight_s = 1
pictures = {{ folder = "{folder / "pictures"}" }}
voice = {{ kind = "silence" }}
{_broker(hall)}
"""
    with started("jiaohao-display", toml, folder, "--offscreen") as process, _online(hall, "display-2", process):
        yield process


def _hub(hall: RealHall, device: str) -> str:
    return f'[hub]\nurl = "{hall.url}"\ndevice = "{device}"\nkey = "{hall.key(device)}"'


def _broker(hall: RealHall) -> str:
    return f"[broker]\nport = {hall.broker.address.port}"
