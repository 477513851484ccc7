"""The example county's main hall as measured: always open, all windows open, no guard against double presses."""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ports import free_port, listens
from raw_http import RawHttp
from raw_mqtt import Login
from real_hall import COUNTY_HALL, Process, RealHall, until
from slow_disk import with_slow_disk

from protocol.answers import WindowsAnswer

BARE_SERVER = Path(__file__).with_name("bare_server.py")
OPENING_HOURS = re.compile(r"\[\[hours\]\]\n(?:.+\n)+")


class BenchHall:
    """A running hall with one kiosk and all panels."""

    def __init__(self, hall: RealHall) -> None:
        self.hall = hall
        self.windows = {w.id: w.services[0] for w in hall.catalogue.windows}
        """Window -> a service that it takes."""
        self._kiosk = self.connect("kiosk-1")
        self._panel = self.connect("panel-1")
        self._turn = itertools.cycle(self.windows.items())
        for window in self.windows:
            self._panel.request(f"/v1/windows/{window}/open")

    def connect(self, device: str) -> RawHttp:
        """Return one more connection of a device."""
        return RawHttp(self.hall.port, key=self.hall.key(device))

    def close(self) -> None:
        """Close both connections."""
        self._kiosk.close()
        self._panel.close()

    def next_window(self) -> tuple[str, str]:
        """Return the windows in turn, each with its service."""
        return next(self._turn)

    def issue(self, service: str) -> float:
        """Issue a ticket and report it printed; return the seconds of the issue."""
        ticket, seconds = self._kiosk.request("/v1/tickets", service=service)
        self.printed(ticket)
        return seconds

    def printed(self, ticket: dict[str, Any]) -> None:
        """Report that a ticket was printed."""
        self._kiosk.request(f"/v1/prints/{ticket['print_job']['job']}/outcome", outcome="printed")

    def call(self, window: str) -> tuple[dict[str, Any], float]:
        """Press "call next", and let the visitor come; return the ticket and the seconds of the first."""
        ticket, seconds = self.press(window)
        self.come(window)
        return ticket, seconds

    def press(self, window: str) -> tuple[dict[str, Any], float]:
        """Press "call next"; return the ticket and the seconds."""
        return self._panel.request(f"/v1/windows/{window}/call-next")

    def come(self, window: str) -> None:
        """Report that the called visitor came: whom the next call finds called is assumed to be absent, and kept."""
        self._panel.request(f"/v1/windows/{window}/start")

    def fill(self, count: int) -> None:
        """Issue this number of tickets, evenly over the windows."""
        for _ in range(count):
            self.issue(self.next_window()[1])

    def empty(self, count: int) -> None:
        """Call this number of visitors, evenly over the windows."""
        for _ in range(count):
            self.call(self.window_with_visitor())

    def window_with_visitor(self) -> str:
        """Return the next window that has a visitor to call; another may have called one's own."""
        answer = self.hall.request("GET", "/v1/windows", device="monitor-bench")
        waiting = {w.id: w.waiting for w in WindowsAnswer.model_validate_json(answer.data).windows}
        return next(window for window, _ in itertools.islice(self._turn, len(waiting)) if waiting[window])

    def hub_login(self) -> Login:
        """Return the hub's own login at the broker, which may write any topic of the site."""
        return Login(port=self.hall.broker.address.port, user="hub", password=self.hall.access.hub_key())

    def screen_login(self) -> Login:
        """Return the login of a screen that may read every topic, that of the floor too."""
        key = self.hall.key("monitor-1")
        return Login(port=self.hall.broker.address.port, user="monitor-1", password=key)


def describe(folder: Path) -> RealHall:
    """Return the hall, not started yet."""
    folder.mkdir(parents=True)
    hours = OPENING_HOURS.findall(COUNTY_HALL.read_text(encoding="utf-8"))
    changes = dict.fromkeys(hours, "") | {"[rules]": "[rules]\ncall_guard_s = 0"}
    hall = RealHall(folder, catalogue=COUNTY_HALL, changes=changes, limits={"commands_per_minute": 100_000})
    hall.hub.command = [sys.executable, "-m", "server.hub.main", "--settings", str(hall.settings)]  # by its own clock
    return hall


@contextmanager
def bench_hall(folder: Path, *, slow_disk: bool = False) -> Iterator[BenchHall]:
    """Start a new hall."""
    hall = describe(folder)
    if slow_disk:
        hall.hub.command = with_slow_disk(hall.hub.command)
    with running(hall) as bench:
        yield bench


@contextmanager
def running(hall: RealHall) -> Iterator[BenchHall]:
    """Start a hall that was described before."""
    with hall:
        bench = BenchHall(hall)
        try:
            yield bench
        except AssertionError as error:
            error.add_note(hall.hub.output())
            raise
        finally:
            bench.close()


@contextmanager
def bare_server(folder: Path, *, slow_disk: bool = False) -> Iterator[int]:
    """Start the floor under a command; yields its port."""
    port = free_port()
    command = [sys.executable, str(BARE_SERVER), str(port), str(folder / "bare.sqlite")]
    process = Process(with_slow_disk(command) if slow_disk else command, log=folder / "bare.log")
    process.start()
    try:
        until(lambda: listens(port) or not process.running, what="the bare server is ready")
        if not process.running:
            raise subprocess.SubprocessError(process.output())
        yield port
    finally:
        process.stop()
