"""A scenario of one hall with equal windows, and visitors for it: the models of queueing theory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import time

from server.simulation.engine.simulated_county import CountyDay
from server.simulation.scenario.policies import STATUS_QUO
from server.simulation.scenario.scenario import Demand, Scenario, ScenarioService, ScenarioSite, ScenarioWindow
from server.simulation.scenario.scenario_halls import ScenarioHall, scenario_halls
from server.simulation.scenario.visitors import Visitor

BOUNDLESS = 1000
"""Bound on being passed where the theory has none."""


def alike(windows: int) -> Scenario:
    """Return a hall of windows of speed 1 for one service; nobody is absent, and a visit starts with the call."""
    return Scenario(
        name="one-hall",
        clock_at_zero=time(8, 30),
        close_min=540,
        services=(ScenarioService(id="visit", mean_min=8, cv=1, sla_min=30),),
        sites=(
            ScenarioSite(
                id="H",
                name="hall",
                windows=tuple(ScenarioWindow(id=f"W{n}", dedicated=("visit",), open=(0, 540)) for n in range(windows)),
            ),
        ),
        demand=(Demand(site="H", service="visit", tickets=1),),
        arrival_profile_half_hours=(1.0,) * 18,
    )


def hall_of(scenario: Scenario) -> ScenarioHall:
    """Return the hall with classes called strictly in order, as theories have it."""
    (place,) = scenario_halls(scenario, STATUS_QUO)
    rules = place.catalogue.rules.model_copy(update={"passed_at_most": BOUNDLESS, "longest_wait_min": 600})
    catalogue = place.catalogue.model_copy(update={"rules": rules})
    return ScenarioHall(id=place.id, catalogue=catalogue, windows=place.windows)


def visitors(
    arrivals: Sequence[float], work: Sequence[float], priority: Iterable[bool] | None = None
) -> tuple[Visitor, ...]:
    """Return visitors with these arrivals and serving times in minutes."""
    classes = list(priority) if priority is not None else [False] * len(arrivals)
    return tuple(
        Visitor(
            name=f"v{n}",
            arrives_min=arrives,
            site="H",
            service="visit",
            priority=first,
            work_min=minutes,
            absent=False,
            lost=False,
            willing=0.5,
            travel_factor=1.0,
        )
        for n, (arrives, minutes, first) in enumerate(zip(arrivals, work, classes, strict=True))
    )


def waits(scenario: Scenario, coming: tuple[Visitor, ...]) -> list[float]:
    """Return each visitor's wait, by arrival, through engine and rules."""
    records = CountyDay(scenario, STATUS_QUO, [hall_of(scenario)]).run(coming)
    return [record.wait_min for record in records if record.wait_min is not None]
