"""Keeps a forecast of every site in contact, computed in a process of its own; readers take the newest."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable, Mapping

from protocol.county import PLAN_VALID_S
from protocol.journal import Moment
from protocol.vocabulary import SiteId
from runtime.fault_log import FaultLog
from server.domain.county.plan import SiteForecast, SiteState, site_forecast
from server.domain.forecast.simulation_input import simulation_input
from server.runtime.change_notifier import ChangeNotifier
from server.runtime.clock import Clock
from server.runtime.forecast_process import ForecastProcess

log = logging.getLogger(__name__)

INTERVAL_MIN_S = 2.0
"""Minimum interval between two forecasts of one site, seconds; changes in between are covered by the next."""
INTERVAL_MAX_S = 30.0
"""Maximum age of a site's forecast, seconds: waits shrink even without journal entries."""
UNKNOWN_SEQ = -1
"""Journal number of a failed forecast: no hall has it, so the site is due again soon."""
PUBLISH_INTERVAL_S = 2.0
"""Minimum interval between two publications of new forecasts to the hubs, seconds; each covers all new ones."""
PUBLISH_S_PER_SITE = 0.02
"""Extension of that interval for each site, seconds: in a county of hundreds publishing takes much of the time."""


class CountyForecaster:
    """``forecasts`` holds the newest forecast of each site. One site at a time is forecast, the longest overdue first.

    ``states`` returns the sites to forecast, ``changes`` is notified when a hall has changed, and ``on_forecasts`` is
    called on the loop when there are new forecasts.
    """

    def __init__(
        self,
        states: Callable[[], Mapping[SiteId, SiteState]],
        *,
        clock: Clock,
        changes: ChangeNotifier,
        on_forecasts: Callable[[], None],
    ) -> None:
        self.forecasts: Mapping[SiteId, SiteForecast] = {}
        self._states = states
        self._clock = clock
        self._changes = changes
        self._on_forecasts = on_forecasts
        self._attempts: dict[SiteId, tuple[float, int]] = {}
        """Site -> when its forecast was last attempted, monotonic seconds, and of which journal number."""
        self._has_news = False
        self._process = ForecastProcess()
        self._tasks: tuple[asyncio.Task[None], ...] = ()

    @property
    def pid(self) -> int | None:
        """Id of the forecast process, if it runs."""
        return self._process.pid

    @property
    def fault(self) -> FaultLog:
        """Lasts while no forecast can be computed."""
        return self._process.fault

    def start(self) -> None:
        """Start forecasting on the running loop."""
        self._tasks = (
            asyncio.create_task(self._keep_forecasting(), name="forecast sites"),
            asyncio.create_task(self._keep_publishing(), name="publish forecasts"),
        )

    async def stop(self) -> None:
        """Stop, and end the forecast process."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._process.stop()

    async def _keep_forecasting(self) -> None:
        while True:
            change = self._changes.next_change  # taken before the states are read, so that no change is missed
            states, now = self._states(), self._clock.now()
            site, due_s = self._next_due(states, now)
            if site is not None and due_s <= 0:
                await self._renew(site, states[site], now)
                continue
            try:
                await asyncio.wait_for(change.wait(), timeout=min(due_s, INTERVAL_MAX_S))
            except TimeoutError:
                continue

    def _next_due(self, states: Mapping[SiteId, SiteState], now: Moment) -> tuple[SiteId | None, float]:
        """Return the site whose forecast is due first, and in how many seconds; sites out of contact have none."""
        first: tuple[SiteId | None, float] = (None, math.inf)
        for site, state in states.items():
            if now.since(state.last_contact) > PLAN_VALID_S:
                continue
            attempted_s, seq = self._attempts.get(site, (-math.inf, UNKNOWN_SEQ))
            due_s = attempted_s + (INTERVAL_MIN_S if state.hall.seq != seq else INTERVAL_MAX_S) - now.mono_s
            if due_s < first[1]:
                first = (site, due_s)
        return first

    async def _renew(self, site: SiteId, state: SiteState, now: Moment) -> None:
        """Replace a site's forecast; when that fails, the old one stays until it is too old to plan from."""
        self._attempts[site] = (now.mono_s, state.hall.seq)
        renewed = await self._compute(site, state, now)
        if renewed is None:
            self._attempts[site] = (now.mono_s, UNKNOWN_SEQ)
            old = self.forecasts.get(site)
            if old is None or now.since(old.made) <= PLAN_VALID_S:
                return
        others = {name: forecast for name, forecast in self.forecasts.items() if name != site}
        self.forecasts = others if renewed is None else {**others, site: renewed}
        self._has_news = True

    async def _compute(self, site: SiteId, state: SiteState, now: Moment) -> SiteForecast | None:
        try:
            given = await asyncio.to_thread(simulation_input, state.hall, at=state.now(now))
            forecast = await self._process.forecast(given)
            if forecast is None:
                return None
            return await asyncio.to_thread(site_forecast, state.hall, forecast, made=now)
        except Exception as error:  # noqa: BLE001 - logged with its traceback
            self.fault.began(f"{site}: {error!r}", defect=error)
            return None

    async def _keep_publishing(self) -> None:
        while True:
            await asyncio.sleep(max(PUBLISH_INTERVAL_S, PUBLISH_S_PER_SITE * len(self.forecasts)))
            if self._has_news:
                self._has_news = False
                self._on_forecasts()
