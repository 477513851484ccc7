from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.answers import OtherSite
from protocol.county import PLAN_VALID_S, PlannedService, PlannedSite
from protocol.vocabulary import Promise, Text
from server.domain.forecast.forecast import Quantiles
from server.domain.referrals.best_offer import RULE, BestOffer, best_offer

NAME = Text(zh="分中心", en="branch")


def wait(p50: float) -> Quantiles:
    """A wait whose levels lie a little apart."""
    return Quantiles(p50, p50 * 1.2, p50 * 1.5)


def elsewhere(
    site: str = "police",
    *,
    there: Quantiles,
    travel_min: int = 6,
    age_s: float = 0,
    is_open: bool = True,
    each_min: float = 0,
    service: str = "id-card",
) -> PlannedSite:
    p50, p80, p90 = there
    planned = PlannedService(service=service, p50_min=p50, p80_min=p80, p90_min=p90, each_min=each_min)
    where = OtherSite(site=site, name=NAME, address=NAME, travel_min=travel_min)
    return PlannedSite(where=where, open=is_open, age_s=age_s, services=[planned])


def offer(here: Quantiles, *plan: PlannedSite, plan_age_s: float = 0, priority: bool = False) -> BestOffer | None:
    return best_offer(here, plan, service="id-card", priority=priority, plan_age_s=plan_age_s)


def test_the_wait_there_and_the_travel_run_side_by_side() -> None:
    best = offer(wait(30), elsewhere(there=wait(10), travel_min=6))
    assert best is not None
    assert best.saving_min == 30 - 12
    assert best.there == Promise(low_min=10, high_min=15, p50_min=10, p80_min=12, p90_min=15)
    assert best.here == Promise(low_min=30, high_min=40, p50_min=30, p80_min=36, p90_min=45)


def test_no_offer_promises_a_call_before_the_arrival() -> None:
    best = offer(wait(40), elsewhere(there=wait(2), travel_min=20))
    assert best is not None
    assert best.saving_min == 20
    assert best.there == Promise(low_min=20, high_min=25, p50_min=20, p80_min=20, p90_min=20)


@pytest.mark.parametrize(
    ("there", "travel_min", "promised"),
    [(wait(2), 6, (6, 11)), (wait(2), 9, (9, 14)), (wait(7), 6, (6, 11)), (wait(11), 6, (10, 15))],
)
def test_the_promised_range_never_begins_below_the_travel_it_includes(
    there: Quantiles, travel_min: int, promised: tuple[int, int]
) -> None:
    best = offer(wait(40), elsewhere(there=there, travel_min=travel_min))
    assert best is not None
    assert (best.there.low_min, best.there.high_min) == promised


def test_protected_visitors_are_referred_less_eagerly() -> None:
    near = elsewhere(there=wait(10))
    assert offer(wait(24), near) is not None
    assert offer(wait(24), near, priority=True) is None
    assert offer(wait(27), near, priority=True) is not None


def test_visitors_referred_since_the_plan_was_made_count() -> None:
    near = elsewhere(there=wait(10), each_min=4)
    here = wait(22)
    request = {"service": "id-card", "priority": False, "plan_age_s": 0.0}
    assert best_offer(here, [near], **request) is not None  # type: ignore[arg-type]
    assert best_offer(here, [near], referred={"police": 1}, **request) is None  # type: ignore[arg-type]
    assert best_offer(here, [near], referred={"tax": 9}, **request) is not None  # type: ignore[arg-type]


def test_a_site_without_the_service_is_no_offer() -> None:
    assert offer(wait(60), elsewhere(there=wait(5), service="invoice")) is None


MINUTES = st.floats(0, 240)
WAITS = st.lists(MINUTES, min_size=3, max_size=3).map(lambda levels: Quantiles(*sorted(levels)))
SITES = st.builds(
    elsewhere,
    st.sampled_from(["police", "tax", "health", "township"]),
    there=WAITS,
    travel_min=st.integers(0, 120),
    age_s=st.floats(0, 120),
    is_open=st.booleans(),
)
PLANS = st.lists(SITES, max_size=8, unique_by=lambda site: site.where.site)


def saving(here: Quantiles, site: PlannedSite) -> float:
    return here.p50_min - max(site.where.travel_min, site.services[0].p80_min)


@given(WAITS, PLANS, st.floats(0, 120), st.booleans())
def test_what_is_offered_is_fresh_open_worth_it_and_the_best(
    here: Quantiles,
    plan: list[PlannedSite],
    plan_age_s: float,
    priority: bool,  # noqa: FBT001 - drawn
) -> None:
    best = offer(here, *plan, plan_age_s=plan_age_s, priority=priority)
    least = RULE.priority_min_saving_min if priority else RULE.min_saving_min
    good = [s for s in plan if s.open and s.age_s + plan_age_s <= PLAN_VALID_S and saving(here, s) >= least]
    if best is None:
        assert good == []
        return
    assert best.where in [s.where for s in good]
    assert best.saving_min == max(saving(here, s) for s in good) >= 8
    assert best.where.travel_min <= best.there.low_min <= best.there.high_min - 5
    for promise in (best.here, best.there):
        levels = [promise.p50_min, promise.p80_min, promise.p90_min]
        assert all(low is not None and high is not None and low <= high for low, high in pairwise(levels))


@given(WAITS, PLANS)
def test_an_old_plan_offers_nothing(here: Quantiles, plan: list[PlannedSite]) -> None:
    assert offer(here, *plan, plan_age_s=PLAN_VALID_S + 0.1) is None
