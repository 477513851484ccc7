"""Sites join by data: three hundred townships and villages, each with hours of its own, and the ways between them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time
from itertools import combinations
from pathlib import Path

from plain_hub import PlainHub
from real_county import RealCounty
from real_hall import until

from protocol.county import PlannedSite
from server.domain.county.plan import NEAREST
from server.domain.model.catalogue import Catalogue, Hours

VILLAGES = [f"village-{number}" for number in range(300)]
ACROSS, STEP_MIN = 20, 6
"""The villages lie in rows of so many; from one to the next beside or below it takes so many minutes."""
BEFORE_NOON = datetime(2026, 3, 2, 3, 45, tzinfo=UTC)
"""A Monday, 11:45 in Shanghai."""


def way_min(one: int, other: int) -> int:
    """Return the minutes between two villages."""
    return STEP_MIN * (abs(one % ACROSS - other % ACROSS) + abs(one // ACROSS - other // ACROSS))


def close(number: int) -> time:
    """Every third village is open in the morning alone."""
    return time(12) if number % 3 == 0 else time(17)


def village(described: Catalogue, number: int) -> PlainHub:
    """Return a village's journal of the day: its description, and its windows open."""
    hours = (Hours(open=time(8), close=close(number)),)
    hub = PlainHub(described.model_copy(update={"hours": hours}), VILLAGES[number], at=BEFORE_NOON)
    hub.open()
    return hub


def test_three_hundred_sites_join_and_each_receives_a_plan_of_those_near_it(
    small_catalogue: Catalogue, tmp_path: Path
) -> None:
    numbers = range(len(VILLAGES))
    ways = [f"{VILLAGES[one]},{VILLAGES[other]},{way_min(one, other)}" for one, other in combinations(numbers, 2)]
    hubs = [village(small_catalogue, number) for number in numbers]
    with RealCounty(tmp_path, VILLAGES, travel="\n".join(["from,to,minutes", *ways])) as county:
        with ThreadPoolExecutor(4) as pushing:
            taken = list(pushing.map(lambda hub: county.client(hub.site).push(hub.push()), hubs))
        assert [answer.seq for answer in taken] == [hub.hall.seq for hub in hubs]

        nearest = sorted(way_min(0, other) for other in numbers if other)[:NEAREST]
        plan: list[PlannedSite] = []

        def has_the_nearest() -> bool:
            """Until each village has its first forecast, one farther away is in the plan instead."""
            plan[:] = county.view(VILLAGES[0]).plan
            return [site.where.travel_min for site in plan] == nearest

        until(has_the_nearest, within_s=60, what="a village's plan covers the villages near it, the nearest first")

    assert all(site.services for site in plan)
    for site in plan:
        number = VILLAGES.index(site.where.site)
        arrives = 11 * 60 + 45 + way_min(0, number)
        assert site.open == (arrives < 60 * close(number).hour), site.where.site
