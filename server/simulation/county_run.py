"""One day of the county under one policy."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from functools import partial
from zoneinfo import ZoneInfo

from server.domain.folding import empty
from server.simulation.agenda import Agenda
from server.simulation.day import Visitor, draw
from server.simulation.hall_at_work import HallAtWork
from server.simulation.places import Place, places
from server.simulation.policies import Policy
from server.simulation.scenario import Scenario
from server.simulation.stories import Story

FIRST_DAY = date(2026, 3, 2)
"""A Monday."""
ZONE = ZoneInfo("Asia/Shanghai")


class CountyDay:
    """The halls, the agenda they share, and what became of everybody."""

    def __init__(self, scenario: Scenario, halls: Iterable[Place]) -> None:
        self.stories: list[Story] = []
        self._agenda = Agenda()
        opening = datetime.combine(FIRST_DAY, scenario.clock_at_zero, ZONE).astimezone(UTC)
        self._halls = {
            place.id: HallAtWork(place, scenario, self._agenda, hall=empty(place.catalogue), opening=opening)
            for place in halls
        }
        self._home = {site: hall for hall in self._halls.values() for site in hall.place.sites}

    def run(self, visitors: tuple[Visitor, ...]) -> list[Story]:
        """Let the visitors come, until the last one has been served."""
        for visitor in visitors:
            self._agenda.at(visitor.arrives_min, partial(self._arrive, visitor))
        self._agenda.run()
        return self.stories

    def _arrive(self, visitor: Visitor) -> None:
        story = Story(visitor=visitor, issued_min=self._agenda.now_min)
        self.stories.append(story)
        self._home[visitor.site].issue(story, promise=None)


def run_day(scenario: Scenario, policy: Policy, *, rho: float, seed: int) -> list[Story]:
    """Return what became of each visitor of a day."""
    return CountyDay(scenario, places(scenario, policy)).run(draw(scenario, rho=rho, seed=seed))
