"""One day of the county under one policy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from server.domain.events.apply import empty_hall
from server.domain.forecast import wait_times
from server.domain.model.learned import Learned
from server.simulation.engine.advice_follower import follow_advice
from server.simulation.engine.event_queue import EventQueue
from server.simulation.engine.simulated_forecasts import SimulatedForecasts
from server.simulation.engine.simulated_hall import SimulatedHall
from server.simulation.engine.simulated_referrals import SimulatedReferrals
from server.simulation.engine.visitor_records import VisitorRecord
from server.simulation.scenario.policies import Policy
from server.simulation.scenario.scenario import Scenario
from server.simulation.scenario.scenario_halls import ScenarioHall, identifier, scenario_halls
from server.simulation.scenario.visitors import Visitor, draw_visitors

FIRST_DAY = date(2026, 3, 2)
"""A Monday."""
ZONE = ZoneInfo("Asia/Shanghai")
FLOOR_EVERY = 5
"""Of so many visitors one is also promised what the predictor would say if it knew the truth."""

LearnedByHall = Mapping[str, Learned]
"""Hall -> what it has learned until the evening."""
NOTHING_LEARNED: LearnedByHall = {}
PROMISING_DAYS = 4
"""The last days of a history, on which promises are made too: their outcomes are all that is kept of them."""


class CountyDay:
    """The halls, the agenda they share, and what becomes of everybody."""

    def __init__(
        self,
        scenario: Scenario,
        policy: Policy,
        halls: Sequence[ScenarioHall],
        *,
        lessons: LearnedByHall = NOTHING_LEARNED,
        day: int = 0,
    ) -> None:
        self.stories: list[VisitorRecord] = []
        self._agenda = EventQueue()
        opening = datetime.combine(FIRST_DAY + timedelta(days=day), scenario.clock_at_zero, ZONE).astimezone(UTC)
        self._halls = {
            place.id: SimulatedHall(
                place,
                scenario,
                self._agenda,
                hall=empty_hall(place.catalogue, learned=lessons.get(place.id, Learned())),
                opening=opening,
            )
            for place in halls
        }
        self._home = {site: hall for hall in self._halls.values() for site in hall.place.sites}
        self._foresight = SimulatedForecasts(scenario) if policy.offers else None
        if policy.advised:
            for hall in self._halls.values():
                follow_advice(hall, scenario, self._agenda)
        self._between = (
            SimulatedReferrals(scenario, self._halls, self._foresight, self._agenda, rule=policy.offers)
            if policy.offers and self._foresight
            else None
        )

    def run(self, visitors: Sequence[Visitor]) -> list[VisitorRecord]:
        """Let the visitors come, until the last one has been served."""
        for visitor in visitors:
            self._agenda.at(visitor.arrives_min, partial(self._arrive, visitor))
        self._agenda.run()
        return self.stories

    @property
    def changes(self) -> int:
        """How often managers let a window help."""
        return sum(hall.changes for hall in self._halls.values())

    @property
    def lessons(self) -> LearnedByHall:
        """What the halls have learned."""
        return {name: hall.hall.learned for name, hall in self._halls.items()}

    def _arrive(self, visitor: Visitor) -> None:
        story = VisitorRecord(visitor=visitor, issued_min=self._agenda.now_min)
        hall, service = self._home[visitor.site], identifier(visitor.service)
        self.stories.append(story)
        if self._foresight is None:
            hall.issue(story, promise=None)
            return
        here = self._foresight.now(hall, service, protected=visitor.priority)
        if here is not None and self._between is not None and self._between.sends(story, here):
            return
        story.promise = here
        if len(self.stories) % FLOOR_EVERY == 0:
            story.floor = self._foresight.floor(hall, service, protected=visitor.priority)
        hall.issue(story, promise=None if here is None else wait_times.promise_for(here))


def run_day(
    scenario: Scenario, policy: Policy, *, rho: float, seed: int, lessons: LearnedByHall = NOTHING_LEARNED, day: int = 0
) -> list[VisitorRecord]:
    """Return what became of each visitor of a day, after ``day`` others that the halls have learned from."""
    run = CountyDay(scenario, policy, scenario_halls(scenario, policy), lessons=lessons, day=day)
    return run.run(draw_visitors(scenario, rho=rho, seed=seed))


def learn_from_days(scenario: Scenario, policy: Policy, *, rho: float, days: int) -> LearnedByHall:
    """Return what the halls have learned after so many days, none of which is the day of a seed from 1 on."""
    lessons = NOTHING_LEARNED
    for day in range(days):
        promising = day >= days - PROMISING_DAYS
        run = CountyDay(
            scenario,
            policy if promising else replace(policy, offers=None),
            scenario_halls(scenario, policy),
            lessons=lessons,
            day=day,
        )
        run.run(draw_visitors(scenario, rho=rho, seed=-1 - day))
        lessons = run.lessons
    return lessons
