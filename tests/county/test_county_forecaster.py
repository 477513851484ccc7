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
from child_processes import freeze
from plain_hall import MORNING, PlainHall

from protocol.county import PLAN_VALID_S
from protocol.vocabulary import Text
from server.county.planning.county_forecaster import CountyForecaster
from server.domain.county.plan import SiteLocation, SiteState
from server.domain.model.catalogue import Catalogue
from server.runtime.change_notifier import ChangeNotifier
from server.runtime.clock import Clock

NAME = Text(zh="厅", en="hall")
PLACE = SiteLocation(name=NAME, address=NAME, directions=NAME)


class Sites:
    """The states of the sites to forecast."""

    def __init__(self, described: Catalogue, *names: str) -> None:
        self.clock = Clock()
        self.published = 0
        self.halls = {name: PlainHall(described) for name in names}
        self.silent_s = dict.fromkeys(names, 0.0)
        for hall in self.halls.values():
            hall.open()

    def states(self) -> dict[str, SiteState]:
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

    def publish(self) -> None:
        self.published += 1

    def run(self, scenario: Callable[[CountyForecaster], Awaitable[None]]) -> None:
        """Run a scenario beside a working forecaster."""

        async def run_both() -> None:
            self.changes = ChangeNotifier()
            forecaster = CountyForecaster(
                self.states, clock=self.clock, changes=self.changes, on_forecasts=self.publish
            )
            forecaster.start()
            try:
                await scenario(forecaster)
            finally:
                await forecaster.stop()

        asyncio.run(run_both())


async def until(condition: Callable[[], object], *, what: str) -> None:
    for _ in range(1500):
        if condition():
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"not within 30 s: {what}")


@pytest.fixture
def sites(small_catalogue: Catalogue) -> Sites:
    return Sites(small_catalogue, "main-hall", "police", "tax")


def test_every_site_is_forecast_and_hubs_are_notified_of_all_together(sites: Sites) -> None:
    async def scenario(forecaster: CountyForecaster) -> None:
        await until(lambda: len(forecaster.forecasts) == 3, what="three forecasts")
        await until(lambda: sites.published, what="the hubs are notified")
        assert {made.seq for made in forecaster.forecasts.values()} == {sites.halls["tax"].hall.seq}
        assert sites.published == 1

    sites.run(scenario)


def test_a_hall_that_changed_is_forecast_again_and_the_others_are_left_alone(sites: Sites) -> None:
    async def scenario(forecaster: CountyForecaster) -> None:
        await until(lambda: len(forecaster.forecasts) == 3, what="three forecasts")
        before = dict(forecaster.forecasts)
        for _ in range(8):
            sites.halls["tax"].issue("id-card")
        sites.changes.notify()
        newest = sites.halls["tax"].hall.seq
        await until(lambda: forecaster.forecasts["tax"].seq == newest, what="the crowd is forecast")
        waits, earlier = (
            forecaster.forecasts["tax"].forecast.services["id-card"],
            before["tax"].forecast.services["id-card"],
        )
        assert waits is not None
        assert earlier is not None
        assert waits.p50_min > earlier.p50_min + 10
        assert forecaster.forecasts["police"] is before["police"]

    sites.run(scenario)


def test_a_site_that_is_away_costs_nothing_and_has_no_forecast(sites: Sites) -> None:
    sites.silent_s["tax"] = 61.0

    async def scenario(forecaster: CountyForecaster) -> None:
        await until(lambda: len(forecaster.forecasts) == 2, what="two forecasts")
        assert set(forecaster.forecasts) == {"main-hall", "police"}

    sites.run(scenario)


def test_a_forecasting_process_that_is_killed_is_started_again(sites: Sites) -> None:
    async def scenario(forecaster: CountyForecaster) -> None:
        await until(lambda: len(forecaster.forecasts) == 3, what="three forecasts")
        killed = forecaster.pid
        assert killed is not None
        os.kill(killed, signal.SIGKILL)
        sites.halls["tax"].issue("id-card")
        sites.changes.notify()
        newest = sites.halls["tax"].hall.seq
        await until(
            lambda: "tax" in forecaster.forecasts and forecaster.forecasts["tax"].seq == newest, what="a new forecast"
        )
        assert forecaster.pid not in (None, killed)

    sites.run(scenario)


def has_request(pid: int) -> bool:
    """Whether a process has a request on its standard input that it has not read."""
    with Path(f"/proc/{pid}/fd/0").open("rb") as requests:
        waiting = fcntl.ioctl(requests, termios.FIONREAD, b"\0" * 4)
    return any(waiting)


def test_one_forecast_that_fails_takes_no_sites_plan_away(sites: Sites) -> None:
    async def scenario(forecaster: CountyForecaster) -> None:
        await until(lambda: len(forecaster.forecasts) == 3, what="three forecasts")
        pid = forecaster.pid
        assert pid is not None
        freeze(pid)
        for hall in sites.halls.values():
            hall.issue("id-card")
        sites.changes.notify()
        await until(lambda: has_request(pid), what="the next forecast is requested")
        os.kill(pid, signal.SIGKILL)

        def renewed() -> bool:
            assert len(forecaster.forecasts) == 3
            return all(forecaster.forecasts[name].seq == hall.hall.seq for name, hall in sites.halls.items())

        await until(renewed, what="three new forecasts")

    sites.run(scenario)


def test_a_plan_that_cannot_be_renewed_ends_when_it_is_too_old(sites: Sites) -> None:
    later_s = 0.0
    sites.clock = Clock(wall=lambda: MORNING, mono=lambda: time.monotonic() + later_s)

    async def scenario(forecaster: CountyForecaster) -> None:
        nonlocal later_s
        await until(lambda: len(forecaster.forecasts) == 3, what="three forecasts")
        pid = forecaster.pid
        assert pid is not None
        later_s = PLAN_VALID_S + 1
        freeze(pid)
        sites.changes.notify()
        await until(lambda: has_request(pid), what="the next forecast is requested")
        os.kill(pid, signal.SIGKILL)
        await until(lambda: len(forecaster.forecasts) < 3, what="the plan ends")

    sites.run(scenario)


def test_an_unchanged_site_state_is_forecast_no_sooner_than_it_must_be(sites: Sites) -> None:
    async def scenario(forecaster: CountyForecaster) -> None:
        await until(lambda: len(forecaster.forecasts) == 3, what="three forecasts")
        before = dict(forecaster.forecasts)
        sites.changes.notify()
        await until(lambda: sites.published, what="the hubs are notified")
        assert all(forecaster.forecasts[name] is made for name, made in before.items())

    sites.run(scenario)
