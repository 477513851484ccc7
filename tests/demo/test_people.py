"""The demo's people are the same for the same number, come for what is most used, and keep the hall alive."""

from __future__ import annotations

import random
import tomllib
from collections import Counter
from statistics import fmean

import pytest
from real_hall import COUNTY_HALL

from demo.people.rhythm import BUSY, CALM, CROWD_GAP_S, FEW, FIRST_S, FULL, SHORTEST_S, HallLoad, Rhythm, VisitPlan
from demo.setup.site_setup import always_open
from protocol.settings import load_settings, parse_settings
from protocol.vocabulary import Language
from server.domain.model.catalogue import Catalogue


@pytest.fixture(scope="module")
def hall() -> Catalogue:
    return load_settings(Catalogue, COUNTY_HALL)


def rhythm(hall: Catalogue, *, hall_load: HallLoad = BUSY, speed: float = 1.0, seed: int = 1) -> Rhythm:
    return Rhythm(hall, windows=hall.windows, hall_load=hall_load, speed=speed, seed=seed)


def test_the_same_number_brings_the_same_people_and_another_brings_others(hall: Catalogue) -> None:
    def first_ten(seed: int, name: str) -> list[object]:
        people = rhythm(hall, seed=seed)
        chance = people.random_source(name)
        return [people.visit_plan(chance) for _ in range(10)]

    assert first_ten(1, "visitors") == first_ten(1, "visitors")
    assert first_ten(1, "visitors") != first_ten(2, "visitors")
    assert first_ten(1, "visitors") != first_ten(1, "kiosk-1")


def test_the_most_used_service_is_wanted_most_and_a_few_speak_english_or_come_first(hall: Catalogue) -> None:
    people, chance = rhythm(hall), random.Random(1)
    plans = [people.visit_plan(chance) for _ in range(5000)]

    assert Counter(plan.service for plan in plans).most_common(1)[0][0] == hall.services[0].id
    assert {plan.service for plan in plans} == {service.id for service in hall.services}
    assert 0.10 < fmean(plan.language is Language.EN for plan in plans) < 0.20
    assert 0.05 < fmean(plan.priority is not None for plan in plans) < 0.11


@pytest.mark.parametrize("speed", [1.0, 10.0])
@pytest.mark.parametrize("hall_load", [BUSY, CALM])
def test_visitors_bring_a_little_less_than_the_nominal_load(hall: Catalogue, hall_load: HallLoad, speed: float) -> None:
    people, chance = rhythm(hall, hall_load=hall_load, speed=speed), random.Random(1)
    gaps_s = [people.next_visitor_s(chance, came=hall_load.crowd) for _ in range(5000)]
    wanted = [people.visit_plan(chance).service for _ in range(5000)]
    letters = {service.id: service.letter for service in hall.services}
    visits_s = [people.serving_s(chance, f"{letters[name]}001") + people.walking_s(chance) for name in wanted]

    brought = fmean(visits_s) / fmean(gaps_s) / len(hall.windows)

    assert 0.75 * hall_load.load < brought < 1.05 * hall_load.load


def test_only_a_few_wait_for_what_only_the_persons_window_does_and_the_hall_is_not_full_for_the_others(
    hall: Catalogue,
) -> None:
    people = Rhythm(hall, windows=hall.windows[:-1], hall_load=BUSY, speed=1, seed=1)
    persons = VisitPlan(service="road-vehicle", language=Language.ZH, priority=None)
    clerks = VisitPlan(service="shop-registration", language=Language.ZH, priority=None)  # both windows do it
    few = {"road-vehicle": FEW - 1, "freight-permit": 1}

    assert people.stays(persons, waiting={"road-vehicle": FEW - 1, "shop-registration": FULL})
    assert not people.stays(persons, waiting=few)
    assert people.stays(clerks, waiting=few)
    assert not people.stays(clerks, waiting=few | {"id-card": FULL - FEW})


def test_who_shall_be_called_by_a_simulated_clerk_comes_for_what_one_does(hall: Catalogue) -> None:
    people, chance = Rhythm(hall, windows=hall.windows[:-1], hall_load=BUSY, speed=1, seed=1), random.Random(1)

    everything = {service.id for service in hall.services}
    wanted = {people.served_plan(chance, among=everything).service for _ in range(5000)}

    assert wanted == {service for window in hall.windows[:-1] for service in window.services}
    assert people.served_plan(chance, among={"passport"}).service == "passport"


@pytest.mark.parametrize("hall_load", [BUSY, CALM])
def test_the_day_begins_with_a_crowd(hall: Catalogue, hall_load: HallLoad) -> None:
    people, chance = rhythm(hall, hall_load=hall_load), random.Random(1)

    gaps_s = [people.next_visitor_s(chance, came=came) for came in range(hall_load.crowd + 1)]

    assert gaps_s[:-1] == [FIRST_S, *[CROWD_GAP_S] * (hall_load.crowd - 1)]
    assert gaps_s[-1] != CROWD_GAP_S


def test_however_fast_a_visit_takes_as_long_as_two_presses(hall: Catalogue) -> None:
    people, chance = rhythm(hall, speed=100), random.Random(1)

    assert min(people.serving_s(chance, "A001") for _ in range(1000)) == SHORTEST_S


def test_the_demos_hall_is_open_at_night_and_otherwise_the_same(hall: Catalogue) -> None:
    opened = parse_settings(Catalogue, tomllib.loads(always_open(COUNTY_HALL.read_text(encoding="utf-8"))), source="x")

    assert hall.hours
    assert opened == hall.model_copy(update={"hours": ()})
