"""Offers and referrals between simulated halls."""

from __future__ import annotations

from dataclasses import replace
from datetime import time
from math import inf

import pytest

from server.domain.referrals.best_offer import RULE
from server.simulation.engine.simulated_county import CountyDay, learn_from_days
from server.simulation.engine.visitor_records import VisitorRecord
from server.simulation.scenario.policies import Policy
from server.simulation.scenario.scenario import Demand, Divert, Scenario, ScenarioService, ScenarioSite, ScenarioWindow
from server.simulation.scenario.scenario_halls import scenario_halls
from server.simulation.scenario.visitors import Visitor

OFFERS = Policy(name="offers", offers=RULE)
QUEUE = 8
EVERYBODY = Divert(
    max_accept=1,
    half_saving_min=-1000,
    saving_scale_min=1,
    priority_accept_factor=1,
    min_offer_saving_min=0,
    extra_no_show=0,
)


def county(divert: Divert | None = EVERYBODY, *, travel_min: float = 6) -> Scenario:
    """Two halls of one window, and visitors who all come to the first."""
    return Scenario(
        name="two-halls",
        clock_at_zero=time(8, 30),
        close_min=540,
        services=(ScenarioService(id="visit", mean_min=8, cv=0.5, sla_min=30),),
        sites=tuple(
            ScenarioSite(
                id=name, name=name, windows=(ScenarioWindow(id=f"{name}1", dedicated=("visit",), open=(0, 540)),)
            )
            for name in "AB"
        ),
        demand=(Demand(site="A", service="visit", tickets=1),),
        arrival_profile_half_hours=(1.0,) * 18,
        travel_min={"AB": travel_min},
        divert=divert,
    )


def queue(**changes: object) -> list[Visitor]:
    """Visitors of eight minutes, all at minute 30; ``changes`` are about the last."""
    drawn: dict[str, object] = {
        "arrives_min": 30.0,
        "site": "A",
        "service": "visit",
        "priority": False,
        "work_min": 8.0,
        "absent": False,
        "lost": False,
        "willing": 0.5,
        "travel_factor": 1.0,
    }
    return [Visitor(name=f"v{n}", **(drawn | (changes if n == QUEUE - 1 else {}))) for n in range(QUEUE)]  # type: ignore[arg-type]


def day(scenario: Scenario, visitors: list[Visitor]) -> list[VisitorRecord]:
    return CountyDay(scenario, OFFERS, scenario_halls(scenario, OFFERS)).run(visitors)


def sites(records: list[VisitorRecord]) -> str:
    return "".join(s.site for s in records)


def test_visitors_who_go_where_it_is_quicker_share_both_halls_and_are_called_on_arrival() -> None:
    records = day(county(), queue())
    assert {s.served for s in records} == {1}
    first = next(s for s in records if s.referral is not None)
    assert sites(records).index("B") >= 2
    assert (first.site, first.window, first.wait_min) == ("B", "b1", pytest.approx(6))
    assert 2 <= sites(records).count("B") <= 4
    assert max(s.wait_min or 0 for s in records) < 5 * 8


def test_a_held_place_counts_at_once_so_nobody_is_referred_into_a_queue_of_referred_visitors() -> None:
    for record in day(county(), queue()):
        if record.referral is not None:
            assert record.wait_min is not None
            assert record.wait_min <= record.referral.here_min


def test_nobody_is_offered_a_hall_that_is_too_far_or_goes_against_their_will() -> None:
    assert set(sites(day(county(travel_min=60), queue()))) == {"A"}
    assert set(sites(day(county(divert=None), queue()))) == {"A"}
    never = EVERYBODY.model_copy(update={"half_saving_min": 1000.0})
    assert set(sites(day(county(never), queue()))) == {"A"}


def test_a_referred_visitor_who_never_arrives_holds_nobody_up() -> None:
    records = day(county(), [replace(v, lost=True) for v in queue()])
    lost = [s for s in records if s.referral is not None]
    assert lost
    assert {(s.wait_min, s.served) for s in lost} == {(None, 0)}
    assert {s.served for s in records if s.referral is None} == {1}


def test_protected_visitors_are_called_soon_and_referred_nowhere() -> None:
    records = day(county(), queue(priority=True))
    assert (records[-1].site, records[-1].referral) == ("A", None)
    assert (records[-1].wait_min or inf) <= 8.5


def test_promises_and_the_floor_are_of_who_stays() -> None:
    records = day(county(), queue())
    assert all((s.promise is None) is (s.referral is not None) for s in records)
    assert records[0].promise is not None
    assert records[0].promise.p90_min == 0


def test_the_same_day_has_the_same_digits_and_halls_know_more_every_evening() -> None:
    scenario = county()
    assert day(scenario, queue()) == day(scenario, queue())
    learned_by_hall = learn_from_days(scenario, OFFERS, rho=0.9, days=3)
    assert learned_by_hall == learn_from_days(scenario, OFFERS, rho=0.9, days=3)
    assert len(learned_by_hall["A"].durations["visit"]) > 100
    assert len(learned_by_hall["A"].outcomes) > 50
    assert {d.day.day for d in learned_by_hall["A"].durations["visit"]} == {2, 3, 4}
