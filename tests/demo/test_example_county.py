"""The example county's seven sites are whole, believable halls in two languages, and belong together."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import time
from itertools import combinations
from pathlib import Path

import pytest

import demo
from protocol.settings import load_settings
from protocol.vocabulary import Text
from server.domain.county import travel
from server.domain.model.catalogue import Catalogue

COUNTY = Path(demo.__file__).parent / "county"
SITES = ("main-hall", "tax", "police", "social-security", "real-estate", "health", "township")
HAN = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def halls() -> Mapping[str, Catalogue]:
    return {site: load_settings(Catalogue, COUNTY / f"{site}.toml") for site in SITES}


@pytest.fixture(scope="module", params=SITES)
def hall(request: pytest.FixtureRequest, halls: Mapping[str, Catalogue]) -> Catalogue:
    return halls[request.param]


@pytest.fixture(scope="module")
def main_hall(halls: Mapping[str, Catalogue]) -> Catalogue:
    return halls["main-hall"]


def every_text(hall: Catalogue) -> Iterator[Text]:
    yield hall.name
    for named in (*hall.areas, *hall.departments, *hall.services, *hall.windows, *hall.priorities):
        yield named.name
    for service in hall.services:
        yield from service.materials


def in_both_languages(text: Text) -> bool:
    """Whether a text is Chinese on the one side and has no Chinese on the other, with no space around."""
    whole = text.zh == text.zh.strip() and text.en == text.en.strip() != ""
    return whole and bool(HAN.search(text.zh)) and not HAN.search(text.en)


def test_the_main_hall_has_13_departments_12_windows_and_30_services(main_hall: Catalogue) -> None:
    assert (len(main_hall.departments), len(main_hall.windows), len(main_hall.services)) == (13, 12, 30)
    assert main_hall.name == Text(zh="竹溪县政务服务中心", en="Zhuxi County Government Service Centre")


def test_every_file_describes_the_site_it_is_named_after(halls: Mapping[str, Catalogue]) -> None:
    assert {name: hall.site for name, hall in halls.items()} == {site: site for site in SITES}


def test_everything_a_visitor_reads_is_in_chinese_and_in_english(hall: Catalogue) -> None:
    assert [text for text in every_text(hall) if not in_both_languages(text)] == []


def test_each_department_offers_something_and_each_service_lists_what_to_bring(hall: Catalogue) -> None:
    assert {s.department for s in hall.services} == {d.id for d in hall.departments}
    assert [s.id for s in hall.services if not 2 <= len(s.materials) <= 6] == []
    assert [s.id for s in hall.services if s.expected_min is None] == []


def test_each_service_has_a_window_of_its_own(hall: Catalogue) -> None:
    assert {name for window in hall.windows for name in window.services} == {s.id for s in hall.services}


def test_the_most_used_services_of_the_main_hall_are_served_at_several_windows(main_hall: Catalogue) -> None:
    windows = Counter(service for window in main_hall.windows for service in window.services)

    assert {windows[service.id] for service in main_hall.services[:8]} == {2, 3}


def test_a_visitor_waits_in_sight_of_the_windows_that_may_call(hall: Catalogue) -> None:
    areas = {s.id: s.area for s in hall.services}

    assert [(w.id, s) for w in hall.windows for s in w.services if areas[s] != w.area] == []


def test_a_window_that_helps_is_on_the_visitors_floor(hall: Catalogue) -> None:
    floors = {a.id: re.findall(r"\d\w\w floor", a.name.en) for a in hall.areas}
    areas = {s.id: s.area for s in hall.services}

    assert [(w.id, s) for w in hall.windows for s in w.skills if floors[areas[s]] != floors[w.area]] == []


def test_most_windows_can_help_their_neighbours(hall: Catalogue) -> None:
    assert sum(bool(window.skills) for window in hall.windows) >= 2 / 3 * len(hall.windows)


def test_no_number_can_be_misread_as_another(hall: Catalogue) -> None:
    assert [s.letter for s in hall.services if set(s.letter) & {"I", "O"}] == []


def test_no_number_is_called_in_two_places_of_the_county(halls: Mapping[str, Catalogue]) -> None:
    letters = Counter(service.letter for hall in halls.values() for service in hall.services)

    assert [letter for letter, count in letters.items() if count > 1] == []


def test_a_service_of_several_sites_is_described_the_same_everywhere(halls: Mapping[str, Catalogue]) -> None:
    described: dict[str, set[object]] = {}
    for hall in halls.values():
        departments = {d.id: d.name for d in hall.departments}
        for s in hall.services:
            described.setdefault(s.id, set()).add((s.name, departments[s.department], s.materials, s.limit_min))

    assert {service: what for service, what in described.items() if len(what) > 1} == {}


def test_each_branch_shares_something_with_the_main_hall_and_does_something_it_does_not(
    halls: Mapping[str, Catalogue],
) -> None:
    offers = {site: {service.id for service in hall.services} for site, hall in halls.items()}
    main = offers.pop("main-hall")

    assert [site for site, offer in offers.items() if len(offer & main) < 2] == []
    assert [site for site, offer in offers.items() if not offer - main] == []


def test_disabled_infants_the_old_and_servicemen_come_first(hall: Catalogue) -> None:
    assert [p.id for p in hall.priorities] == ["disabled", "infant", "elderly", "serviceman"]


def test_the_main_hall_keeps_office_hours_with_a_noon_break(main_hall: Catalogue) -> None:
    assert [(h.days, h.open, h.close) for h in main_hall.hours] == [
        ((1, 2, 3, 4, 5), time(8, 30), time(12)),
        ((1, 2, 3, 4, 5), time(13, 30), time(17, 30)),
    ]


def test_every_site_has_hours(hall: Catalogue) -> None:
    assert hall.hours


def test_the_county_knows_each_site_by_the_name_it_has_itself(halls: Mapping[str, Catalogue]) -> None:
    county = tomllib.loads((COUNTY / "county.toml").read_text(encoding="utf-8"))
    named = {site["id"]: Text.model_validate(site["name"]) for site in county["sites"]}

    assert named == {site: hall.name for site, hall in halls.items()}
    for site in county["sites"]:
        for what in ("address", "directions"):
            assert in_both_languages(Text.model_validate(site[what])), (site["id"], what)


def test_the_way_between_any_two_sites_is_written_down() -> None:
    with (COUNTY / "travel.csv").open(encoding="utf-8") as table:
        ways = travel.read_travel(table)

    assert [pair for pair in combinations(SITES, 2) if not 5 <= (ways.between(*pair) or 0) <= 30] == []
