"""One simulated day of the county under one policy, and the history of days that its halls learn from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from protocol.county import Help
from server.domain.county import advice
from server.domain.discipline import window_help
from server.domain.events.apply import empty_hall
from server.domain.forecast import wait_times
from server.domain.model.learned import Learned
from server.simulation.engine.event_queue import EventQueue
from server.simulation.engine.simulated_forecasts import SimulatedForecasts
from server.simulation.engine.simulated_hall import SimulatedHall
from server.simulation.engine.simulated_referrals import SimulatedReferrals
from server.simulation.engine.visitor_records import VisitorRecord
from server.simulation.scenario.policies import Policy
from server.simulation.scenario.scenario import Scenario
from server.simulation.scenario.scenario_halls import ScenarioHall, scenario_halls, service_id
from server.simulation.scenario.visitors import Visitor, draw_visitors

FIRST_DAY = date(2026, 3, 2)
"""A Monday."""
ZONE = ZoneInfo("Asia/Shanghai")
FLOOR_EVERY = 5
"""Interval, in visitors, at which the forecast with the true serving times is made as well."""
ADVICE_EVERY_MIN = 20.0
"""Interval at which a manager accepts the best proposal, minutes; one change at a time."""

LearnedByHall = Mapping[str, Learned]
"""Hall -> what it has learned until the evening."""
NOTHING_LEARNED: LearnedByHall = {}
PROMISING_DAYS = 4
"""Number of last days of a history on which promises are made too: only their outcomes are kept."""


class CountyDay:
    """The halls, their common event queue, and the records of all visitors."""

    def __init__(
        self,
        scenario: Scenario,
        policy: Policy,
        halls: Sequence[ScenarioHall],
        *,
        learned: LearnedByHall = NOTHING_LEARNED,
        day: int = 0,
    ) -> None:
        self.records: list[VisitorRecord] = []
        self._events = EventQueue()
        opening = datetime.combine(FIRST_DAY + timedelta(days=day), scenario.clock_at_zero, ZONE).astimezone(UTC)
        self._halls = {
            scenario_hall.id: SimulatedHall(
                scenario_hall,
                scenario,
                self._events,
                hall=empty_hall(scenario_hall.catalogue, learned=learned.get(scenario_hall.id, Learned())),
                opening=opening,
            )
            for scenario_hall in halls
        }
        self._home = {site: hall for hall in self._halls.values() for site in hall.scenario_hall.sites}
        self._forecasts = SimulatedForecasts(scenario) if policy.offers else None
        self._referrals = (
            SimulatedReferrals(scenario, self._halls, self._forecasts, self._events, rule=policy.offers)
            if policy.offers and self._forecasts
            else None
        )
        if policy.advised:
            _schedule_advice(self._halls.values(), scenario, self._events)

    def run(self, visitors: Sequence[Visitor]) -> list[VisitorRecord]:
        """Let the visitors arrive and run until the last one has been served; return their records by arrival."""
        for visitor in visitors:
            self._events.schedule_at(visitor.arrives_min, partial(self._arrive, visitor))
        self._events.run()
        return self.records

    @property
    def changes(self) -> int:
        """Number of times managers let a window help."""
        return sum(hall.changes for hall in self._halls.values())

    @property
    def learned(self) -> LearnedByHall:
        """What the halls have learned so far."""
        return {name: hall.hall.learned for name, hall in self._halls.items()}

    def _arrive(self, visitor: Visitor) -> None:
        record = VisitorRecord(visitor=visitor, issued_min=self._events.now_min)
        hall, service = self._home[visitor.site], service_id(visitor.service)
        self.records.append(record)
        if self._forecasts is None:
            hall.issue(record, promise=None)
            return
        here = self._forecasts.promise(hall, service, protected=visitor.priority)
        if here is not None and self._referrals is not None and self._referrals.refer(record, here):
            return
        record.promise = here
        if len(self.records) % FLOOR_EVERY == 0:
            record.floor = self._forecasts.floor(hall, service, protected=visitor.priority)
        hall.issue(record, promise=None if here is None else wait_times.promise_for(here))


def learn_from_days(scenario: Scenario, policy: Policy, *, rho: float, days: int) -> LearnedByHall:
    """Return what the halls have learned after so many days, none of which is the day of a seed from 1 on."""
    learned = NOTHING_LEARNED
    halls = scenario_halls(scenario, policy)
    for day in range(days):
        promising = day >= days - PROMISING_DAYS
        history_policy = policy if promising else replace(policy, offers=None)
        run = CountyDay(scenario, history_policy, halls, learned=learned, day=day)
        run.run(draw_visitors(scenario, rho=rho, seed=-1 - day))
        learned = run.learned
    return learned


def _schedule_advice(halls: Iterable[SimulatedHall], scenario: Scenario, events: EventQueue) -> None:
    """Schedule the managers who accept their hall's best proposal again and again until closing."""
    rounds = int(scenario.close_min // ADVICE_EVERY_MIN)
    for hall in halls:
        for number in range(1, rounds):
            events.schedule_at(number * ADVICE_EVERY_MIN, partial(_accept_best, hall))


def _accept_best(hall: SimulatedHall) -> None:
    """Accept the best proposal of help; one that opens a window is skipped, since the scenario rules when they open."""
    found = advice.propose_changes(hall.hall, at=hall.moment, seed=hall.hall.seq)
    change = next((p.change for p in found if not p.change.opens), None)
    today = hall.hall.day
    if change is not None and today is not None:
        best = Help(proposal=str(hall.hall.seq), day=today, window=change.window, services=change.services)
        hall.help(window_help.accept_help(hall.hall, [best]))
