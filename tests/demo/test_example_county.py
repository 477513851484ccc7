"""The example county's main hall is a whole, believable hall in two languages."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import time
from pathlib import Path

import pytest

import demo
from protocol.messages import Text
from protocol.settings import load_settings
from server.domain.catalogue import Catalogue

MAIN_HALL = Path(demo.__file__).parent / "county" / "main-hall.toml"
HAN = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def hall() -> Catalogue:
    return load_settings(Catalogue, MAIN_HALL)


def every_text(hall: Catalogue) -> Iterator[Text]:
    yield hall.name
    for named in (*hall.areas, *hall.departments, *hall.services, *hall.windows, *hall.priorities):
        yield named.name
    for service in hall.services:
        yield from service.materials


def test_the_hall_has_13_departments_12_windows_and_30_services(hall: Catalogue) -> None:
    assert (len(hall.departments), len(hall.windows), len(hall.services)) == (13, 12, 30)
    assert hall.name == Text(zh="竹溪县政务服务中心", en="Zhuxi County Government Service Centre")


def test_everything_a_visitor_reads_is_in_chinese_and_in_english(hall: Catalogue) -> None:
    for text in every_text(hall):
        assert HAN.search(text.zh), text
        assert text.en, text
        assert not HAN.search(text.en), text
        assert text.zh == text.zh.strip(), text
        assert text.en == text.en.strip(), text


def test_each_department_offers_something_and_each_service_tells_what_to_bring(hall: Catalogue) -> None:
    assert {s.department for s in hall.services} == {d.id for d in hall.departments}
    assert [s.id for s in hall.services if not 2 <= len(s.materials) <= 6] == []
    assert [s.id for s in hall.services if s.expected_min is None] == []


def test_each_service_is_served_and_the_most_used_at_several_windows(hall: Catalogue) -> None:
    windows = Counter(service for window in hall.windows for service in window.services)
    most_used = {s.id for s in hall.services[:8]}

    assert set(windows) == {s.id for s in hall.services}
    assert {windows[service] for service in most_used} == {2, 3}


def test_a_visitor_waits_in_sight_of_the_windows_that_may_call(hall: Catalogue) -> None:
    areas = {s.id: s.area for s in hall.services}
    elsewhere = [(w.id, s) for w in hall.windows for s in w.services if areas[s] != w.area]

    assert elsewhere == []


def test_no_number_can_be_misread_as_another(hall: Catalogue) -> None:
    assert [s.letter for s in hall.services if set(s.letter) & {"I", "O"}] == []


def test_disabled_infants_the_old_and_servicemen_come_first(hall: Catalogue) -> None:
    assert [p.id for p in hall.priorities] == ["disabled", "infant", "elderly", "serviceman"]


def test_the_hall_keeps_office_hours_with_a_noon_break(hall: Catalogue) -> None:
    assert [(h.days, h.open, h.close) for h in hall.hours] == [
        ((1, 2, 3, 4, 5), time(8, 30), time(12)),
        ((1, 2, 3, 4, 5), time(13, 30), time(17, 30)),
    ]
