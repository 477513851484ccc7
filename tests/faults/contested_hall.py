"""A contested hall under load: kiosks that issue, windows that call, each on a connection of its own."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from real_hall import RealHall
from retrying_client import AnsweredRequest, RetryingClient
from thread_group import ThreadGroup

CONTESTED_HALL = Path(__file__).with_name("contested-hall.toml")
NOBODY_HERE_S = 0.2
"""Pause of a window before it calls again when nobody waited, seconds."""


class ContestedHall:
    """A running hall and the clients that send requests to it."""

    def __init__(self, hall: RealHall) -> None:
        self.hall = hall
        self.services = [s.id for s in hall.catalogue.services]
        self.kiosks: list[RetryingClient] = []
        self.windows: list[RetryingClient] = []
        self._clients: list[RetryingClient] = []

    @classmethod
    @contextmanager
    def open(cls, folder: Path) -> Iterator[ContestedHall]:
        """Start broker and hub; end both and close all connections after the block."""
        folder.mkdir(parents=True, exist_ok=True)
        with RealHall(folder, catalogue=CONTESTED_HALL, limits={"commands_per_minute": 100_000}) as hall:
            work = cls(hall)
            try:
                yield work
            finally:
                for client in work._clients:
                    client.close()

    def kiosk(self) -> RetryingClient:
        """Return one more kiosk."""
        self.kiosks.append(self.client(f"kiosk-{len(self.kiosks) + 1}"))
        return self.kiosks[-1]

    def window(self) -> RetryingClient:
        """Return the panel of the next window, which is opened."""
        self.windows.append(self.client(f"window-{len(self.windows) + 1}"))
        self.windows[-1].command(f"/v1/windows/{self.windows[-1].device}/open")
        return self.windows[-1]

    def client(self, device: str) -> RetryingClient:
        """Return one more connection of a device."""
        self._clients.append(RetryingClient(port=self.hall.port, device=device, key=self.hall.key(device)))
        return self._clients[-1]

    def answered(self, ending: str) -> list[AnsweredRequest]:
        """Return every request that the hub carried out and whose path ends like this."""
        clients = itertools.chain(self.kiosks, self.windows)
        return [a for client in clients for a in client.answered if a.status == 200 and a.path.endswith(ending)]


def issue(kiosk: RetryingClient, service: str) -> AnsweredRequest:
    """Issue a ticket and report that it was printed."""
    issued = kiosk.command("/v1/tickets", service=service)
    answer = expect(issued)
    expect(kiosk.command(f"/v1/prints/{answer['print_job']['job']}/outcome", outcome="printed"))
    return issued


def call_next(window: RetryingClient) -> AnsweredRequest | None:
    """Press "call next"; None when nobody waits. A window that a new day closed is opened again."""
    called = window.command(f"/v1/windows/{window.device}/call-next")
    if called.status == 200:
        return called
    match called.answer["error"]:
        case "nobody_waiting":
            time.sleep(NOBODY_HERE_S)
        case "window_not_open":
            expect(window.command(f"/v1/windows/{window.device}/open"))
        case _:
            expect(called)
    return None


def issue_many(kiosk: RetryingClient, services: list[str], *, count: int) -> None:
    """Issue this number of tickets as fast as possible."""
    for service in itertools.islice(itertools.cycle(services), count):
        issue(kiosk, service)


def issue_while(kiosk: RetryingClient, services: list[str], threads: ThreadGroup, *, at_most_waiting: int) -> None:
    """Issue tickets until the threads stop, pausing while the queue is longer than ``at_most_waiting``."""
    for service in itertools.cycle(services):
        if threads.stopping.is_set():
            return
        ahead = issue(kiosk, service).answer["people_ahead"]
        if ahead is None or ahead > at_most_waiting:
            time.sleep(0.1)


def call_many(window: RetryingClient, *, count: int) -> None:
    """Call until this number of visitors was called."""
    called = 0
    while called < count:
        called += call_next(window) is not None


def call_while(window: RetryingClient, threads: ThreadGroup) -> None:
    """Call until the threads stop."""
    while not threads.stopping.is_set():
        call_next(window)


def expect(answered: AnsweredRequest) -> dict[str, Any]:
    """Return the answer of a command that must succeed."""
    if answered.status != 200:
        raise AssertionError(f"{answered.path} {answered.request}: {answered.status} {answered.body.decode()}")
    return answered.answer
