"""A contested hall with its crowd: kiosks that issue, windows that call, each on a connection of its own."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from asking_again import Asked, Asker, Crowd
from real_hall import RealHall

CONTESTED_HALL = Path(__file__).with_name("contested-hall.toml")
NOBODY_HERE_S = 0.2
"""How long a window waits before it asks again whether somebody came."""


class ContestedHall:
    """A running hall and everyone who asks something of it."""

    def __init__(self, hall: RealHall) -> None:
        self.hall = hall
        self.services = [s.id for s in hall.catalogue.services]
        self.kiosks: list[Asker] = []
        self.windows: list[Asker] = []
        self._askers: list[Asker] = []

    @classmethod
    @contextmanager
    def open(cls, folder: Path) -> Iterator[ContestedHall]:
        """Start broker and hub, and leave nothing behind."""
        folder.mkdir(parents=True, exist_ok=True)
        with RealHall(folder, catalogue=CONTESTED_HALL) as hall:
            work = cls(hall)
            try:
                yield work
            finally:
                for asker in work._askers:
                    asker.close()

    def kiosk(self) -> Asker:
        """Return one more kiosk."""
        self.kiosks.append(self.asker(f"kiosk-{len(self.kiosks) + 1}"))
        return self.kiosks[-1]

    def window(self) -> Asker:
        """Return the panel of the next window, which is opened."""
        self.windows.append(self.asker(f"window-{len(self.windows) + 1}"))
        self.windows[-1].command(f"/v1/windows/{self.windows[-1].device}/open")
        return self.windows[-1]

    def asker(self, device: str) -> Asker:
        """Return one more connection of a device."""
        self._askers.append(Asker(port=self.hall.port, device=device, key=self.hall.key(device)))
        return self._askers[-1]

    def asked(self, ending: str) -> list[Asked]:
        """Return every command whose address ends like this and which the hub carried out."""
        everyone = itertools.chain(self.kiosks, self.windows)
        return [a for who in everyone for a in who.asked if a.status == 200 and a.path.endswith(ending)]


def issue(kiosk: Asker, service: str) -> Asked:
    """Take a number and report that it was printed."""
    issued = kiosk.command("/v1/tickets", service=service)
    answer = expect(issued)
    expect(kiosk.command(f"/v1/prints/{answer['print_job']['job']}/outcome", outcome="printed"))
    return issued


def call_next(window: Asker) -> Asked | None:
    """Press "call next"; None when nobody waits. A window that a new day closed is opened again."""
    asked = window.command(f"/v1/windows/{window.device}/call-next")
    if asked.status == 200:
        return asked
    match asked.answer["error"]:
        case "nobody_waiting":
            time.sleep(NOBODY_HERE_S)
        case "window_not_open":
            expect(window.command(f"/v1/windows/{window.device}/open"))
        case _:
            expect(asked)
    return None


def issue_many(kiosk: Asker, services: list[str], *, count: int) -> None:
    """Let a kiosk issue so many tickets as fast as it can."""
    for service in itertools.islice(itertools.cycle(services), count):
        issue(kiosk, service)


def issue_while(kiosk: Asker, services: list[str], crowd: Crowd, *, at_most_waiting: int) -> None:
    """Let a kiosk issue until the crowd stops, without letting the queue grow without bound."""
    for service in itertools.cycle(services):
        if crowd.stopping.is_set():
            return
        ahead = issue(kiosk, service).answer["people_ahead"]
        if ahead > at_most_waiting:
            time.sleep(0.1)


def call_many(window: Asker, *, count: int) -> None:
    """Let a window call until it has called so many visitors."""
    called = 0
    while called < count:
        called += call_next(window) is not None


def call_while(window: Asker, crowd: Crowd) -> None:
    """Let a window call until the crowd stops."""
    while not crowd.stopping.is_set():
        call_next(window)


def expect(asked: Asked) -> dict[str, Any]:
    """Return the answer of a command that must succeed."""
    if asked.status != 200:
        raise AssertionError(f"{asked.path} {asked.request}: {asked.status} {asked.body.decode()}")
    return asked.answer
