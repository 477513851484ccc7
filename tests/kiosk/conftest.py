"""A kiosk in the example county: its menu as a hub would tell it, and a visitor who walks through the pages."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from kiosk import events as e
from kiosk.flow import advance
from kiosk.state import Flow, Page, page
from protocol.messages import (
    Language,
    PrintJob,
    PrintOutcome,
    PriorityClass,
    Promise,
    ServiceAnswer,
    ServicesAnswer,
    Text,
    TicketAnswer,
    TicketState,
)
from server.domain.catalogue import Catalogue

COUNTY = Path(__file__).parents[2] / "demo" / "county" / "main-hall.toml"
NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def menu() -> ServicesAnswer:
    """The example county's main hall on a busy morning; some promises unknown, one service without a window."""
    hall = Catalogue.model_validate(tomllib.loads(COUNTY.read_text(encoding="utf-8")))
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


@dataclass
class Visitor:
    """Walks through a flow second by second; keeps what the kiosk asked its workers to do."""

    flow: Flow
    now: float = 100.0
    effects: list[e.Effect] = field(default_factory=list)

    @property
    def page(self) -> Page:
        """What the visitor sees."""
        return page(self.flow)

    def does(self, *happened: e.Event, after_s: float = 1.0) -> Visitor:
        """Let things happen one after another."""
        for event in happened:
            self.now += after_s
            self.flow, effect = advance(self.flow, event, at=self.now)
            if effect is not None:
                self.effects.append(effect)
        return self

    def waits(self, seconds: float) -> Visitor:
        """Let time go by, as the kiosk's clock sees it."""
        end = self.now + seconds
        while self.now < end:
            self.now = min(end, self.now + 0.25)
            self.flow, _ = advance(self.flow, e.Tick(), at=self.now)
        return self

    def with_menu(self, **changes: object) -> Visitor:
        """Let the hub tell another menu."""
        assert self.flow.menu is not None
        return self.does(e.MenuCame(menu=self.flow.menu.model_copy(update=changes)))

    def twin(self) -> Visitor:
        """Return another visitor at the same point."""
        return replace(self, effects=list(self.effects))


@pytest.fixture(scope="session")
def newcomer(menu: ServicesAnswer) -> Visitor:
    """Somebody before the welcome page of a kiosk whose hub answers; only twins of them walk."""
    return Visitor(flow=Flow(boot="kiosk-1:test")).does(e.MenuCame(menu=menu))


@pytest.fixture
def visitor(newcomer: Visitor) -> Visitor:
    """A visitor before the welcome page."""
    return newcomer.twin()
