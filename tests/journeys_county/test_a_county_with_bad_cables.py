"""Whatever happens to its cable, a branch goes on, and afterwards the county has all that it wrote, line by line."""

from __future__ import annotations

import statistics
import time

import pytest
from cabled_county import CabledCounty
from county_net import Condition
from real_county import standing, until_standing
from real_hall import until

from protocol import messages as m
from protocol import topics

pytestmark = pytest.mark.timeout(300)  # seven hubs start first

SLOW = Condition(delay_s=0.4, loss=0.05, bits_per_s=128_000)
SLOWER_AT_MOST = 2.0
"""A command that waited for the county would take hundreds of times longer; a busy machine makes none twice as slow."""


def median_s(county: CabledCounty, site: str, service: str, *, count: int = 60) -> float:
    """Let visitors take numbers; return the median of the seconds that one takes."""
    seconds = []
    for _ in range(count):
        began = time.perf_counter()
        county.take_numbers(site, service)
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds)


def test_what_seven_hubs_write_is_at_the_county_line_by_line(county: CabledCounty) -> None:
    for site, hall in county.halls.items():
        for service in hall.catalogue.services:
            county.take_numbers(site, service.id)

    county.wait_until_equal()
    for site in county.sites:
        until_standing(county.halls[site], lambda now: now.tables_equal, what=f"{site} hears that its copy is equal")


def test_a_branch_without_its_cable_goes_on_at_the_same_speed_says_since_when_and_is_caught_up_with(
    county: CabledCounty,
) -> None:
    hall = county.halls["tax"]
    ear = hall.listen(topics.board("tax"))
    joined_s = median_s(county, "tax", "invoice")
    county.wait_until_equal("tax")

    county.cable("tax").cut()
    alone_s = median_s(county, "tax", "invoice")
    told = ear.wait_for(topics.board("tax"), m.Board, lambda board: board.county_away_since, within_s=40)

    assert alone_s < SLOWER_AT_MOST * joined_s
    assert county.differs("tax") == "journal"
    assert standing(hall).away_since == told.county_away_since
    county.cable("tax").heal()
    county.wait_until_equal("tax")
    ear.wait_for(topics.board("tax"), m.Board, lambda board: board.county_away_since is None, within_s=40)


def test_a_plug_pulled_again_and_again_loses_and_doubles_nothing(county: CabledCounty) -> None:
    cable = county.cable("police")
    for turn in range(8):
        cable.unplug() if turn % 2 else cable.cut()
        county.take_numbers("police", "id-card", count=10)
        cable.plug() if turn % 2 else cable.heal()
        county.take_numbers("police", "id-card", count=10)

    county.wait_until_equal("police")


def test_a_slow_and_lossy_cable_delays_the_copy_and_no_visitor(county: CabledCounty) -> None:
    usual_s = median_s(county, "social-security", "social-card")
    county.cable("social-security").be(SLOW)

    slow_s = median_s(county, "social-security", "social-card")

    assert slow_s < SLOWER_AT_MOST * usual_s
    county.wait_until_equal("social-security")


def test_a_county_that_is_killed_and_comes_back_has_lost_nothing_and_the_sites_went_on(county: CabledCounty) -> None:
    process = county.county.processes[0]
    county.take_numbers("main-hall", "id-card", count=20)
    until(lambda: county.county.has("main-hall", 1), what="the county hears the main hall")
    process.kill()
    for site, service in (("main-hall", "invoice"), ("township", "invoice"), ("health", "birth-registration")):
        county.take_numbers(site, service, count=20)

    county.county.start(process)

    county.wait_until_equal()
