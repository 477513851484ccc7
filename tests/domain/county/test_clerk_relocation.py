"""Relocation of a clerk to a closed window, in a county of two halls that are lopsided by construction."""

from __future__ import annotations

from dataclasses import replace

import pytest
from plain_hall import MORNING, PlainHall

from protocol.vocabulary import WindowState
from server.domain.county import advice
from server.domain.county.advice import MIN_CONFIDENCE, MIN_SAVING_MIN, Proposal
from server.domain.county.clerk_relocation import ReleasingSite, propose_relocations
from server.domain.county.what_if import WindowChange
from server.domain.desk import calls
from server.domain.model.catalogue import Catalogue

NAME = {"zh": "厅", "en": "hall"}
SERVICES = ("busy", "calm", "other")


def described(site: str, *windows: tuple[list[str], list[str]]) -> Catalogue:
    """A hall with three services of ten minutes; each window as (its own services, its skills)."""
    services = [
        {"id": s, "letter": s[0].upper(), "name": NAME, "department": "d", "area": "a", "expected_min": 10}
        for s in SERVICES
    ]
    return Catalogue.model_validate(
        {
            "site": site,
            "name": NAME,
            "hours": [{"days": [1, 2, 3, 4, 5, 6, 7], "open": "08:30", "close": "17:00"}],
            "areas": [{"id": "a", "name": NAME}],
            "departments": [{"id": "d", "name": NAME}],
            "services": [{**s, "trust_expected": True} for s in services],
            "windows": [
                {"id": f"window-{n}", "label": str(n), "name": NAME, "area": "a", "services": own, "skills": skills}
                for n, (own, skills) in enumerate(windows, start=1)
            ],
        }
    )


def hall(catalogue: Catalogue, *closed: str, **waiting: int) -> PlainHall:
    """Return a hall an hour after its day began, with this number waiting for each service."""
    made = PlainHall(catalogue, at=MORNING)
    made.wait(3600)
    made.open()
    for window in closed:
        made.do(calls.set_window(made.hall, window=window, state=WindowState.CLOSED))
    for service, count in waiting.items():
        for _ in range(count):
            made.issue(service)
    return made


IN_NEED = described("need", (["busy"], []), (["busy", "other"], []), (["calm"], []))
CALM = described("calm", (["calm"], ["busy"]), (["calm"], []))


@pytest.fixture
def need() -> PlainHall:
    """Thirty wait for one window, and the second one that could take them is closed."""
    return hall(IN_NEED, "window-2", busy=30)


def relocations(need: PlainHall, *others: ReleasingSite, here: float | None = None) -> list[Proposal]:
    """Return the moves for the hall in need; it may release clerks itself when ``here`` is a travel time."""
    found = advice.propose_changes(need.hall, at=need.moment, samples=20)
    assert [p.change.opens for p in found] == [True]
    own = [] if here is None else [releasing(need, site="need", travel_min=here)]
    return propose_relocations(need.hall, found, [*own, *others], at=need.moment, samples=20)


def releasing(there: PlainHall, *, site: str = "calm", travel_min: float = 10.0) -> ReleasingSite:
    return ReleasingSite(site=site, hall=there.hall, at=there.moment, travel_min=travel_min)


def test_the_clerk_of_a_calm_window_at_a_near_site_is_to_open_the_closed_one(need: PlainHall) -> None:
    found = advice.propose_changes(need.hall, at=need.moment, samples=20)
    (first,) = propose_relocations(need.hall, found, [releasing(hall(CALM))], at=need.moment, samples=20)
    assert first.change == WindowChange(
        window="window-2",
        services=("busy",),
        opens=True,
        from_site="calm",
        from_window="window-1",
        travel_min=10.0,
    )
    assert first.saving_min >= MIN_SAVING_MIN
    assert first.confidence >= MIN_CONFIDENCE
    assert first.after_p90_min < first.before_p90_min
    assert advice.best_proposals([*found, first])[0] == first, "nobody has to be found for it"


def test_the_same_halls_and_seed_give_the_same_advice(need: PlainHall) -> None:
    assert relocations(need, releasing(hall(CALM))) == relocations(need, releasing(hall(CALM)))


def test_a_longer_way_saves_less_and_at_last_nobody_goes(need: PlainHall) -> None:
    savings = [relocations(need, releasing(hall(CALM), travel_min=minutes)) for minutes in (0, 30, 60)]
    near, far, farther = (found[0].saving_min for found in savings)
    assert near > far + 60 > farther + 120
    assert relocations(need, releasing(hall(CALM), travel_min=120)) == []


def test_a_clerk_with_a_long_queue_of_her_own_stays(need: PlainHall) -> None:
    assert relocations(need, releasing(hall(CALM, calm=60))) == []


def test_what_the_calm_hall_loses_is_taken_off(need: PlainHall) -> None:
    (idle,) = relocations(need, releasing(hall(CALM)))
    (some,) = relocations(need, releasing(hall(CALM, calm=8)))
    assert MIN_SAVING_MIN <= some.saving_min < idle.saving_min - 30


def test_the_only_open_window_of_a_service_is_never_left(need: PlainHall) -> None:
    sole = described("calm", (["calm"], ["busy"]), (["other"], []))
    assert relocations(need, releasing(hall(sole))) == []
    assert relocations(need, releasing(hall(CALM, "window-2"))) == [], "the other window of the service is closed"


def test_a_clerk_goes_only_for_services_that_her_own_window_is_described_for(need: PlainHall) -> None:
    unskilled = described("calm", (["calm"], ["other"]), (["calm"], []))
    assert relocations(need, releasing(hall(unskilled))) == []


def test_only_the_services_she_is_described_for_count() -> None:
    need = hall(described("need", (["busy"], []), (["calm"], []), (["busy", "calm"], [])), "window-3", busy=30, calm=20)
    (opened,) = advice.propose_changes(need.hall, at=need.moment, samples=20)
    assert opened.change.services == ("busy", "calm")
    there = hall(described("calm", (["other"], ["busy"]), (["other"], [])))
    (first,) = propose_relocations(need.hall, [opened], [releasing(there)], at=need.moment, samples=20)
    assert first.change.services == ("busy",)


def test_a_window_that_is_kept_and_a_hall_that_has_just_opened_release_nobody(need: PlainHall) -> None:
    assert relocations(need, replace(releasing(hall(CALM)), kept=frozenset({"window-1"}))) == []
    young = PlainHall(CALM, at=MORNING)
    young.open()
    assert relocations(need, releasing(young)) == []


def test_a_window_of_the_same_hall_gives_its_clerk_when_a_second_one_is_calm_too() -> None:
    """What she did falls to her neighbour; nobody needs to travel."""
    catalogue = described("need", (["busy"], []), (["busy"], []), (["calm"], ["busy"]), (["calm"], []))
    need = hall(catalogue, "window-2", busy=30)
    found = [p for p in advice.propose_changes(need.hall, at=need.moment, samples=20) if p.change.opens]
    (first,) = propose_relocations(
        need.hall, found, [releasing(need, site="need", travel_min=0.0)], at=need.moment, samples=20
    )
    assert (first.change.from_site, first.change.from_window, first.change.window) == ("need", "window-3", "window-2")


def test_the_expected_saving_is_what_a_second_window_brings_after_the_way() -> None:
    """Thirty visitors, none to come after closing: the second window begins 35 minutes later than at once."""
    need = hall(IN_NEED, "window-2")
    need.wait(7 * 3600 - 60)
    for _ in range(30):
        need.issue("busy")
    there = hall(CALM)
    there.wait(7 * 3600)
    (first,) = relocations(need, releasing(there, travel_min=30.0))
    visit_min = 10.5 * 0.95
    alone = sum(n * visit_min for n in range(30))
    free = [0.0, 35.0]
    together = 0.0
    for _ in range(30):
        at = min(free)
        together += at
        free[free.index(at)] += visit_min
    assert first.saving_min == pytest.approx(alone - together, rel=0.2)
