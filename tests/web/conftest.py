from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from picture_folder import picture_folder
from playwright.sync_api import Browser
from real_hall import RealHall
from web_visitor import DESK, PASSCODES, PHONE, Visitor

from protocol.answers import TicketAnswer
from protocol.clients.hub_client import new_request_id
from protocol.requests import IssueTicket
from protocol.vocabulary import Language


@pytest.fixture
def hall(real_hall: RealHall) -> RealHall:
    """A hall whose clerks and managers have passcodes."""
    real_hall.access.set_passcode("clerk", PASSCODES["clerk"])
    real_hall.access.set_passcode("manager", PASSCODES["manager"])
    return real_hall


@pytest.fixture
def album(tmp_path: Path) -> Callable[[str], Path]:
    """Return the path of a picture by name."""
    folder = picture_folder("web", otherwise=tmp_path / "pictures")
    return lambda name: folder / f"{name}.png"


@pytest.fixture
def visitor(chromium: Browser, hall: RealHall, album: Callable[[str], Path]) -> Iterator[Visitor]:
    """A person at an office computer."""
    with chromium.new_context(viewport=DESK) as context:
        context.set_default_timeout(30_000)
        yield Visitor(context.new_page(), hall, album)


@pytest.fixture
def colleague(chromium: Browser, hall: RealHall, album: Callable[[str], Path]) -> Iterator[Visitor]:
    """Another person at another computer."""
    with chromium.new_context(viewport=DESK) as context:
        context.set_default_timeout(30_000)
        yield Visitor(context.new_page(), hall, album)


@pytest.fixture
def phone(chromium: Browser, hall: RealHall, album: Callable[[str], Path]) -> Iterator[Visitor]:
    """A person with an old phone: small, and without scripts."""
    with chromium.new_context(viewport=PHONE, java_script_enabled=False) as context:
        context.set_default_timeout(30_000)
        yield Visitor(context.new_page(), hall, album)


@pytest.fixture
def smartphone(chromium: Browser, hall: RealHall, album: Callable[[str], Path]) -> Iterator[Visitor]:
    """A person with a phone whose browser runs scripts."""
    with chromium.new_context(viewport=PHONE) as context:
        context.set_default_timeout(30_000)
        yield Visitor(context.new_page(), hall, album)


@pytest.fixture
def issue(hall: RealHall) -> Callable[..., TicketAnswer]:
    """Let a visitor take a number at the kiosk."""
    kiosk = hall.client("kiosk-1")

    def take(service: str, *, language: str = "zh", priority: str | None = None) -> TicketAnswer:
        return kiosk.issue(
            IssueTicket(
                request_id=new_request_id("kiosk-1"),
                service=service,
                language=Language(language),
                priority=priority,
            )
        )

    return take
