"""The county's plan for a site: fresh states, every travelling visitor counted, no herding."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from plain_county import PlainCounty, county_of

from protocol import journal as j
from protocol.county import PlannedService, PlannedSite
from protocol.vocabulary import Language, Promise, Text, WindowState
from server.domain.county.plan import NEAREST, SiteLocation, SiteState, plan_for, site_forecast
from server.domain.county.travel import Travel
from server.domain.desk import calls
from server.domain.forecast.forecast import Quantiles, run_simulations
from server.domain.forecast.simulation_input import simulation_input
from server.domain.model.catalogue import Catalogue
from server.domain.referrals.best_offer import best_offer

WAYS = Travel({("main-hall", "police"): 6.0, ("main-hall", "tax"): 6.4, ("police", "tax"): 9.0})
LONG = Quantiles(90.0, 110.0, 120.0)
SAMPLES = 20


def moment(seconds: float = 0) -> j.Moment:
    """The county's clock, which is not that of any hub."""
    at = datetime(2026, 3, 2, 1, 0, tzinfo=UTC) + timedelta(seconds=seconds)
    return j.Moment(at=at, boot="county", mono_s=50.0 + seconds)


@pytest.fixture
def county(small_catalogue: Catalogue) -> PlainCounty:
    """Three halls with open windows; nobody waits."""
    county = county_of(small_catalogue, "main-hall", "police", "tax")
    for site in county.halls:
        for window in ("window-1", "window-2", "window-3"):
            county = county.does(site, calls.set_window(county.halls[site], window=window, state=WindowState.OPEN))
    return county


def waiting(county: PlainCounty, site: str, visitors: int) -> PlainCounty:
    for _ in range(visitors):
        county, _ticket = county.issues(site)
    return county


def site_states(county: PlainCounty, at: j.Moment | None = None) -> dict[str, SiteState]:
    """Return each hall as it is now, with its forecast."""
    at = at or moment()

    def site_state(site: str) -> SiteState:
        hall, clock = county.halls[site], county.clocks[site]
        name = Text(zh=site, en=site)
        forecast = run_simulations(simulation_input(hall, at=clock), samples=SAMPLES, seed=0)
        made = site_forecast(hall, forecast, made=at)
        return SiteState(
            place=SiteLocation(name=name, address=name, directions=name),
            hall=hall,
            last_contact=at,
            clock=clock,
            forecasted=made,
        )

    return {site: site_state(site) for site in county.halls}


def with_halls_of(old: dict[str, SiteState], county: PlainCounty) -> dict[str, SiteState]:
    """Return the same forecasts with later halls."""
    return {site: replace(site_state, hall=county.halls[site]) for site, site_state in old.items()}


def service(plan: list[PlannedSite], site: str, name: str = "id-card") -> PlannedService:
    (planned,) = [s for p in plan if p.where.site == site for s in p.services if s.service == name]
    return planned


def test_a_plan_is_of_the_other_sites_the_nearest_first(county: PlainCounty) -> None:
    plan = plan_for("main-hall", site_states(county), WAYS, at=moment())
    assert [(p.where.site, p.where.travel_min, p.open) for p in plan] == [("police", 6, True), ("tax", 7, True)]
    assert {s.service for s in plan[0].services} <= {"id-card", "household", "invoice"}
    assert service(plan, "police").p50_min == 0.0


def test_a_site_without_a_travel_time_is_left_out(county: PlainCounty) -> None:
    ways = Travel({("main-hall", "police"): 6.0})
    assert [p.where.site for p in plan_for("main-hall", site_states(county), ways, at=moment())] == ["police"]


def test_a_plan_names_each_sites_own_zone(county: PlainCounty) -> None:
    described = county.halls["police"].site.catalogue.model_copy(update={"time_zone": "Asia/Urumqi"})
    other = county.does("police", [j.CatalogueChanged(catalogue=described.model_dump(mode="json"))])
    plan = plan_for("main-hall", site_states(other), WAYS, at=moment())
    assert {p.where.site: p.where.time_zone for p in plan} == {"police": "Asia/Urumqi", "tax": "Asia/Shanghai"}


def test_services_that_the_site_does_not_have_are_not_planned(county: PlainCounty) -> None:
    states = site_states(county)
    described = states["main-hall"].hall.site.catalogue
    poorer = county.does(
        "main-hall",
        [
            j.CatalogueChanged(
                catalogue=described.model_copy(
                    update={
                        "services": tuple(s for s in described.services if s.id == "id-card"),
                        "windows": tuple(w for w in described.windows if w.id == "window-2"),
                    }
                ).model_dump(mode="json")
            )
        ],
    )
    plan = plan_for("main-hall", with_halls_of(states, poorer), WAYS, at=moment())
    assert {s.service for p in plan for s in p.services} == {"id-card"}


def test_a_state_ages_with_the_older_of_contact_and_forecast(county: PlainCounty) -> None:
    states = site_states(county)
    plan = plan_for("main-hall", states, WAYS, at=moment(45))
    assert [p.age_s for p in plan] == [45.0, 45.0]
    contacted = {site: replace(site_state, last_contact=moment(40)) for site, site_state in states.items()}
    assert [p.age_s for p in plan_for("main-hall", contacted, WAYS, at=moment(45))] == [45.0, 45.0]


def test_a_hubs_own_clock_goes_on_between_contacts(county: PlainCounty) -> None:
    state = site_states(county)["police"]
    now = state.now(moment(45))
    assert now.since(state.clock) == 45.0
    assert now.boot == "police"
    assert now.at - state.clock.at == timedelta(seconds=45)


def test_a_site_that_closes_before_a_visitor_can_be_there_is_closed(county: PlainCounty) -> None:
    hours = {"days": [1, 2, 3, 4, 5], "open": "08:30", "close": "09:05"}
    described = county.halls["police"].site.catalogue.model_dump(mode="json") | {"hours": [hours]}
    county = county.does("police", [j.CatalogueChanged(catalogue=described)])
    plan = plan_for("main-hall", site_states(county), WAYS, at=moment())
    assert {p.where.site: p.open for p in plan} == {"police": False, "tax": True}, "six minutes of travel, five left"


def test_who_joins_between_two_forecasts_is_counted(county: PlainCounty) -> None:
    county = waiting(county, "police", 6)
    states = site_states(county)
    before = service(plan_for("main-hall", states, WAYS, at=moment()), "police")
    after = service(
        plan_for("main-hall", with_halls_of(states, waiting(county, "police", 2)), WAYS, at=moment()), "police"
    )
    assert after.p50_min == pytest.approx(before.p50_min + 2 * before.each_min, abs=0.03)
    assert after.p90_min == pytest.approx(before.p90_min + 2 * before.each_min, abs=0.03)
    assert 2 < before.each_min < 10, "half a visit of eight minutes: two windows take it"


def test_a_requested_place_counts_at_once_and_a_held_one_once(county: PlainCounty) -> None:
    states = site_states(county)
    before = service(plan_for("main-hall", states, WAYS, at=moment()), "police")
    requested, _ = county.accepts("main-hall", "police", ticket=None)
    first = service(plan_for("main-hall", with_halls_of(states, requested), WAYS, at=moment()), "police")
    assert first.p50_min == pytest.approx(before.p50_min + before.each_min, abs=0.03)
    held = requested.syncs("police")
    assert len(held.halls["police"].places) == 1
    second = service(plan_for("main-hall", with_halls_of(states, held), WAYS, at=moment()), "police")
    assert second.p50_min == pytest.approx(first.p50_min, abs=0.03)


def test_a_visit_of_a_service_at_other_windows_adds_nothing(county: PlainCounty) -> None:
    states = site_states(county)
    before = service(plan_for("main-hall", states, WAYS, at=moment()), "police")
    busy = county
    for _ in range(3):
        busy, _ticket = busy.issues("police", "invoice")
    assert service(plan_for("main-hall", with_halls_of(states, busy), WAYS, at=moment()), "police") == before


def refer_in_one_second(county: PlainCounty, visitors: int) -> Counter[str]:
    """Let visitors of the same second accept every offer, with forecasts made before they came."""
    states, referred = site_states(county), Counter[str]()
    for _ in range(visitors):
        plan = plan_for("main-hall", with_halls_of(states, county), WAYS, at=moment())
        best = best_offer(LONG, plan, service="id-card", priority=False, plan_age_s=0.0)
        if best is None:
            referred["nowhere"] += 1
            continue
        county, _ = county.accepts("main-hall", best.where.site, ticket=None)
        county = county.syncs(best.where.site).syncs("main-hall")
        referred[best.where.site] += 1
    return referred


def test_visitors_of_one_second_are_not_all_referred_to_the_same_site(county: PlainCounty) -> None:
    referred = refer_in_one_second(county, 20)
    assert referred["police"] + referred["tax"] == 20
    assert abs(referred["police"] - referred["tax"]) <= 2, "two equal sites share what comes at once"


def test_the_shorter_queue_is_filled_up_to_the_longer_one_not_past_it(county: PlainCounty) -> None:
    referred = refer_in_one_second(waiting(county, "tax", 8), 6)
    assert referred == {"police": 6}
    referred = refer_in_one_second(waiting(county, "tax", 4), 12)
    assert 0 < referred["tax"] < referred["police"]


def test_a_plan_has_the_nearest_of_three_hundred_sites(county: PlainCounty) -> None:
    one = site_states(county)["police"]
    names = [f"village-{n}" for n in range(300)]
    states = {"main-hall": site_states(county)["main-hall"], **dict.fromkeys(names, one)}
    ways = Travel({("main-hall", name): 5.0 + n for n, name in enumerate(names)})
    plan = plan_for("main-hall", states, ways, at=moment())
    assert [p.where.site for p in plan] == names[:NEAREST]


def test_a_service_that_a_site_offered_elsewhere_is_not_offered_back_to_it_for_half_an_hour(
    county: PlainCounty,
) -> None:
    """Visitors would be sent to and fro between two halls that take turns at being full."""
    where = plan_for("police", site_states(county), WAYS, at=moment())[0].where
    promise = Promise(low_min=0, high_min=5)
    offer = j.OfferMade(
        offer="o1",
        service="id-card",
        language=Language.ZH,
        priority=None,
        ticket=None,
        to_site="main-hall",
        where=where.model_copy(update={"site": "main-hall"}),
        here=promise,
        there=promise,
        travel_min=6,
        saving_min=10,
    )
    after = county.does("police", [offer])
    states = site_states(after)
    back = {
        s.service
        for p in plan_for("main-hall", states, WAYS, at=moment())
        if p.where.site == "police"
        for s in p.services
    }
    assert "id-card" not in back
    assert "invoice" in back
    other = plan_for("tax", states, WAYS, at=moment())
    assert service(other, "police").service == "id-card", "a third hall is not concerned"
    later = plan_for("main-hall", states, WAYS, at=moment(31 * 60))
    assert service(later, "police").service == "id-card"
