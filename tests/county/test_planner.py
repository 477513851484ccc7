"""Forecasts of the county's sites, made in a process of their own."""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
import termios
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from plain_hall import MORNING, PlainHall
from standstill import freeze

from protocol.county import PLAN_VALID_S
from protocol.vocabulary import Text
from server.county.planning.county_forecaster import CountyForecaster
from server.domain.county.plan import SiteLocation, SiteState
from server.domain.model.catalogue import Catalogue
from server.runtime.clock import Clock

NAME = Text(zh="厅", en="hall")
PLACE = SiteLocation(name=NAME, address=NAME, directions=NAME)


class Sites:
    """The pictures that a planner looks at."""

    def __init__(self, described: Catalogue, *names: str) -> None:
        self.clock = Clock()
        self.told = 0
        self.halls = {name: PlainHall(described) for name in names}
        self.silent_s = dict.fromkeys(names, 0.0)
        for hall in self.halls.values():
            hall.open()

    def pictures(self) -> dict[str, SiteState]:
        now = self.clock.now()
        return {
            name: SiteState(
                place=PLACE,
                hall=hall.hall,
                last_contact=now.model_copy(update={"mono_s": now.mono_s - self.silent_s[name]}),
                clock=hall.moment,
            )
            for name, hall in self.halls.items()
        }

    def tell(self) -> None:
        self.told += 1

    def run(self, story: Callable[[CountyForecaster], Awaitable[None]]) -> None:
        """Let a planner work while the story goes on."""

        async def play() -> None:
            planner = CountyForecaster(self.pictures, clock=self.clock, told=self.tell)
            planner.start()
            try:
                await story(planner)
            finally:
                await planner.stop()

        asyncio.run(play())


async def until(true: Callable[[], object], *, what: str) -> None:
    for _ in range(1500):
        if true():
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"not within 30 s: {what}")


@pytest.fixture
def sites(small_catalogue: Catalogue) -> Sites:
    return Sites(small_catalogue, "main-hall", "police", "tax")


def test_every_site_is_forecast_and_hubs_are_told_of_it_together(sites: Sites) -> None:
    async def story(planner: CountyForecaster) -> None:
        await until(lambda: len(planner.made) == 3, what="three forecasts")
        await until(lambda: sites.told, what="the hubs are told")
        assert {made.seq for made in planner.made.values()} == {sites.halls["tax"].hall.seq}
        assert sites.told == 1

    sites.run(story)


def test_a_hall_that_changed_is_forecast_again_and_the_others_are_left_alone(sites: Sites) -> None:
    async def story(planner: CountyForecaster) -> None:
        await until(lambda: len(planner.made) == 3, what="three forecasts")
        before = dict(planner.made)
        for _ in range(8):
            sites.halls["tax"].issue("id-card")
        planner.changed()
        newest = sites.halls["tax"].hall.seq
        await until(lambda: planner.made["tax"].seq == newest, what="the crowd is forecast")
        waits, earlier = planner.made["tax"].forecast.services["id-card"], before["tax"].forecast.services["id-card"]
        assert waits is not None
        assert earlier is not None
        assert waits.p50_min > earlier.p50_min + 10
        assert planner.made["police"] is before["police"]

    sites.run(story)


def test_a_site_that_is_away_costs_nothing_and_has_no_forecast(sites: Sites) -> None:
    sites.silent_s["tax"] = 61.0

    async def story(planner: CountyForecaster) -> None:
        await until(lambda: len(planner.made) == 2, what="two forecasts")
        assert set(planner.made) == {"main-hall", "police"}

    sites.run(story)


def test_a_forecasting_process_that_is_killed_is_started_again(sites: Sites) -> None:
    async def story(planner: CountyForecaster) -> None:
        await until(lambda: len(planner.made) == 3, what="three forecasts")
        killed = planner.pid
        assert killed is not None
        os.kill(killed, signal.SIGKILL)
        sites.halls["tax"].issue("id-card")
        planner.changed()
        newest = sites.halls["tax"].hall.seq
        await until(lambda: "tax" in planner.made and planner.made["tax"].seq == newest, what="a new forecast")
        assert planner.pid not in (None, killed)

    sites.run(story)


def asked(pid: int) -> bool:
    """Whether a process has a question that it has not read."""
    with Path(f"/proc/{pid}/fd/0").open("rb") as questions:
        waiting = fcntl.ioctl(questions, termios.FIONREAD, b"\0" * 4)
    return any(waiting)


def test_one_forecast_that_fails_takes_no_sites_plan_away(sites: Sites) -> None:
    async def story(planner: CountyForecaster) -> None:
        await until(lambda: len(planner.made) == 3, what="three forecasts")
        pid = planner.pid
        assert pid is not None
        freeze(pid)
        for hall in sites.halls.values():
            hall.issue("id-card")
        planner.changed()
        await until(lambda: asked(pid), what="the next forecast is asked for")
        os.kill(pid, signal.SIGKILL)

        def renewed() -> bool:
            assert len(planner.made) == 3
            return all(planner.made[name].seq == hall.hall.seq for name, hall in sites.halls.items())

        await until(renewed, what="three new forecasts")

    sites.run(story)


def test_a_plan_that_cannot_be_renewed_ends_when_it_is_too_old(sites: Sites) -> None:
    later_s = 0.0
    sites.clock = Clock(wall=lambda: MORNING, mono=lambda: time.monotonic() + later_s)

    async def story(planner: CountyForecaster) -> None:
        nonlocal later_s
        await until(lambda: len(planner.made) == 3, what="three forecasts")
        pid = planner.pid
        assert pid is not None
        later_s = PLAN_VALID_S + 1
        freeze(pid)
        planner.changed()
        await until(lambda: asked(pid), what="the next forecast is asked for")
        os.kill(pid, signal.SIGKILL)
        await until(lambda: len(planner.made) < 3, what="the plan ends")

    sites.run(story)


def test_a_picture_that_only_grows_older_is_forecast_no_sooner_than_it_must_be(sites: Sites) -> None:
    async def story(planner: CountyForecaster) -> None:
        await until(lambda: len(planner.made) == 3, what="three forecasts")
        before = dict(planner.made)
        planner.changed()
        await until(lambda: sites.told, what="the hubs are told")
        assert all(planner.made[name] is made for name, made in before.items())

    sites.run(story)
