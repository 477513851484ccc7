"""A county's day: each visitor is served once, at a window of the policy, and windows close as described."""

from __future__ import annotations

from pathlib import Path
from statistics import fmean

import pytest
from one_hall import alike, waits
from one_hall import visitors as some

from server.simulation.engine.simulated_county import CountyDay
from server.simulation.engine.visitor_records import VisitorRecord
from server.simulation.results.day_metrics import day_metrics
from server.simulation.scenario.policies import BOUND, POOLED, STATUS_QUO, Policy
from server.simulation.scenario.scenario import Disturbance, Scenario, load_scenario
from server.simulation.scenario.scenario_halls import scenario_halls
from server.simulation.scenario.visitors import draw_visitors

SCENARIOS = Path(__file__).parents[2] / "demo" / "scenarios"
WEEKDAY = load_scenario(SCENARIOS / "county_weekday.json")
RHO = 0.6


def day(policy: Policy, *, seed: int = 5) -> list[VisitorRecord]:
    county = CountyDay(WEEKDAY, policy, scenario_halls(WEEKDAY, policy))
    return county.run(draw_visitors(WEEKDAY, rho=RHO, seed=seed))


def mean_wait(records: list[VisitorRecord]) -> float:
    return fmean(s.wait_min for s in records if s.wait_min is not None)


@pytest.mark.parametrize("policy", [STATUS_QUO, POOLED, BOUND], ids=lambda p: p.name)
def test_every_visitor_is_served_once_and_the_same_seed_gives_the_same_digits(policy: Policy) -> None:
    records = day(policy)
    assert [s.visitor for s in records] == list(draw_visitors(WEEKDAY, rho=RHO, seed=5))
    assert {s.served for s in records} == {1}
    assert records == day(policy)
    assert day_metrics(WEEKDAY, records) == day_metrics(WEEKDAY, day(policy))


def test_what_is_pooled_waits_less() -> None:
    assert mean_wait(day(BOUND)) < mean_wait(day(POOLED)) < mean_wait(day(STATUS_QUO))


def test_windows_serve_what_they_may() -> None:
    windows = {w.id.lower(): w for site in WEEKDAY.sites for w in site.windows}
    for record in day(STATUS_QUO):
        assert record.visitor.service in windows[record.window or ""].dedicated
    for record in day(POOLED):
        assert record.visitor.service in windows[record.window or ""].skills


def test_at_lunch_the_running_visit_is_finished_and_nobody_is_called() -> None:
    for record in day(STATUS_QUO):
        lunch = next(w.lunch for s in WEEKDAY.sites for w in s.windows if w.id.lower() == record.window)
        assert lunch is not None
        assert record.called_min is not None
        assert not lunch[0] < record.called_min < lunch[1]


def disturbed(**what: object) -> Scenario:
    return alike(1).model_copy(update={"disturbances": (Disturbance.model_validate(what),)})


def test_a_closed_window_calls_nobody_and_a_slow_system_serves_slowly() -> None:
    two = some([0, 1], [10, 10])
    assert waits(alike(1), two) == [0, 9]
    assert waits(disturbed(kind="window_closed", window="W0", **{"from": 5, "to": 30}), two) == [0, 29]
    assert waits(disturbed(kind="slowdown", site="*", factor=2, **{"from": 0, "to": 5}), two) == [0, 19]


def test_an_absent_visitor_costs_the_window_a_minute() -> None:
    scenario = alike(1).model_copy(update={"no_show_cost_min": 1.0, "call_overhead_min": 0.5})
    first, second = some([0, 0], [10, 10])
    assert waits(scenario, (first, second)) == [0, 10.5]
    absent = type(first)(**{name: getattr(first, name) for name in first.__slots__} | {"absent": True})
    assert waits(scenario, (absent, second)) == [0, 1]
