"""The visitors of a day, drawn from a scenario."""

from __future__ import annotations

from pathlib import Path
from statistics import fmean, pstdev

import pytest

from server.simulation.scenario.scenario import Disturbance, Scenario, load_scenario
from server.simulation.scenario.visitors import Visitor, draw_visitors, expected_tickets

SCENARIOS = Path(__file__).parents[2] / "demo" / "scenarios"
WEEKDAY = load_scenario(SCENARIOS / "county_weekday.json")


def with_disturbance(**what: object) -> Scenario:
    return WEEKDAY.model_copy(update={"disturbances": (Disturbance.model_validate(what),)})


def test_the_same_seed_brings_the_same_visitors_and_another_seed_others() -> None:
    assert draw_visitors(WEEKDAY, rho=0.85, seed=3) == draw_visitors(WEEKDAY, rho=0.85, seed=3)
    assert draw_visitors(WEEKDAY, rho=0.85, seed=3) != draw_visitors(WEEKDAY, rho=0.85, seed=4)


def test_visitors_are_as_the_scenario_describes_them() -> None:
    visitors = [v for seed in range(15) for v in draw_visitors(WEEKDAY, rho=0.85, seed=seed)]
    expected = 15 * sum(expected_tickets(WEEKDAY, rho=0.85).values())
    assert len(visitors) == pytest.approx(expected, rel=0.05)
    assert fmean(v.priority for v in visitors) == pytest.approx(0.08, abs=0.01)
    assert fmean(v.absent for v in visitors) == pytest.approx(0.06, abs=0.01)
    assert fmean(v.lost for v in visitors) == pytest.approx(0.03, abs=0.01)
    assert fmean(v.travel_factor for v in visitors) == pytest.approx(1, abs=0.01)
    assert fmean(v.arrives_min == 0 for v in visitors) == pytest.approx(0.03, abs=0.01)
    invoices = [v.work_min for v in visitors if v.service == "invoice"]
    assert fmean(invoices) == pytest.approx(6, rel=0.05)
    assert pstdev(invoices) / fmean(invoices) == pytest.approx(0.6, rel=0.08)


def test_visitors_come_in_order_and_by_the_profile() -> None:
    visitors = [v for seed in range(15) for v in draw_visitors(WEEKDAY, rho=0.85, seed=seed) if v.arrives_min > 0]
    for day in (draw_visitors(WEEKDAY, rho=0.85, seed=1),):
        assert [v.arrives_min for v in day] == sorted(v.arrives_min for v in day)
    profile = WEEKDAY.arrival_profile_half_hours
    for step, weight in enumerate(profile):
        share = fmean(30 * step <= v.arrives_min < 30 * (step + 1) for v in visitors)
        assert share == pytest.approx(weight / sum(profile), rel=0.12)


def test_a_surge_adds_visitors_of_its_services_and_times_and_changes_nobody_elses_number() -> None:
    surge = with_disturbance(kind="surge", site="T", services=["invoice"], factor=3, **{"from": 60, "to": 120})

    def of(scenario: Scenario, *, surging: bool) -> int:
        return sum(_surges(v) is surging for seed in range(15) for v in draw_visitors(scenario, rho=0.85, seed=seed))

    assert of(surge, surging=True) == pytest.approx(3 * of(WEEKDAY, surging=True), rel=0.15)
    assert of(surge, surging=False) == pytest.approx(of(WEEKDAY, surging=False), rel=0.05)


def _surges(visitor: Visitor) -> bool:
    return visitor.site == "T" and visitor.service == "invoice" and 60 <= visitor.arrives_min < 120
