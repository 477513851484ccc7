"""Keeps a forecast of every site that is heard, made beside the county's work; readers take the newest there is."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable, Mapping

from protocol.county import PLAN_VALID_S
from protocol.journal import Moment
from protocol.vocabulary import SiteId
from server.domain.county.plan import SiteForecast, SiteState, site_forecast
from server.domain.forecast.simulation_input import simulation_input
from server.runtime.clock import Clock
from server.runtime.forecast_process import ForecastProcess

log = logging.getLogger(__name__)

EVERY_S = 2.0
"""A site whose hall changed is forecast again no sooner: what happened in between is taken together."""
AT_LEAST_S = 30.0
"""Visits go on while nothing is pressed."""
UNKNOWN = -1
"""No journal number: a site whose forecast failed is tried again soon."""
TOLD_EVERY_S = 2.0
"""Hubs are told of new forecasts together, no faster."""
TELLING_S = 0.02
"""Per site, so that a county of hundreds spends a part of its time on telling."""


class CountyForecaster:
    """``made`` holds the newest forecast of each site. One site at a time is forecast, the longest overdue first."""

    def __init__(
        self, pictures: Callable[[], Mapping[SiteId, SiteState]], *, clock: Clock, told: Callable[[], None]
    ) -> None:
        self.made: Mapping[SiteId, SiteForecast] = {}
        self._pictures = pictures
        self._clock = clock
        self._told = told
        self._tried: dict[SiteId, tuple[float, int]] = {}
        self._changed = asyncio.Event()
        self._fresh = False
        self._loop = asyncio.get_running_loop()
        self._forecasting = ForecastProcess()
        self._tasks: tuple[asyncio.Task[None], ...] = ()

    @property
    def pid(self) -> int | None:
        """The id of the process that forecasts, if it runs."""
        return self._forecasting.pid

    def start(self) -> None:
        """Begin to forecast."""
        self._tasks = (
            asyncio.create_task(self._keep(), name="plan"),
            asyncio.create_task(self._tell(), name="tell plans"),
        )

    def changed(self) -> None:
        """Note that a hall has changed; from any thread, and at no cost."""
        self._loop.call_soon_threadsafe(self._changed.set)

    async def stop(self) -> None:
        """End, with the process that forecasts."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._forecasting.stop()

    async def _keep(self) -> None:
        while True:
            self._changed.clear()
            pictures, now = self._pictures(), self._clock.now()
            site, due_s = self._next(pictures, now)
            if site is not None and due_s <= 0:
                await self._renew(site, pictures[site], now)
                continue
            try:
                await asyncio.wait_for(self._changed.wait(), timeout=min(due_s, AT_LEAST_S))
            except TimeoutError:
                continue

    def _next(self, pictures: Mapping[SiteId, SiteState], now: Moment) -> tuple[SiteId | None, float]:
        """Return whose forecast is due first, and in how many seconds; a site that is away has none to make."""
        found: tuple[SiteId | None, float] = (None, math.inf)
        for site, picture in pictures.items():
            if now.since(picture.last_contact) > PLAN_VALID_S:
                continue
            tried_s, seq = self._tried.get(site, (-math.inf, UNKNOWN))
            due_s = tried_s + (EVERY_S if picture.hall.seq != seq else AT_LEAST_S) - now.mono_s
            if due_s < found[1]:
                found = (site, due_s)
        return found

    async def _renew(self, site: SiteId, picture: SiteState, now: Moment) -> None:
        """Make a new forecast; without one the old stays until nothing may be planned from it any more."""
        self._tried[site] = (now.mono_s, picture.hall.seq)
        try:
            seen = await asyncio.to_thread(simulation_input, picture.hall, at=picture.now(now))
            found = await self._forecasting.forecast(seen)
            made = None if found is None else await asyncio.to_thread(site_forecast, picture.hall, found, made=now)
        except Exception:
            log.exception("no forecast of %s could be made", site)
            made = None
        if made is None:
            self._tried[site] = (now.mono_s, UNKNOWN)
            old = self.made.get(site)
            if old is None or now.since(old.made) <= PLAN_VALID_S:
                return
        rest = {name: old for name, old in self.made.items() if name != site}
        self.made = rest if made is None else {**rest, site: made}
        self._fresh = True

    async def _tell(self) -> None:
        while True:
            await asyncio.sleep(max(TOLD_EVERY_S, TELLING_S * len(self.made)))
            if self._fresh:
                self._fresh = False
                self._told()
