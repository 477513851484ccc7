"""Keeps the site's forecast: made anew after changes, beside the hub's work; readers take the newest there is."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from server.domain.forecast.forecast import Forecast
from server.domain.forecast.simulation_input import simulation_input
from server.domain.model.hall import Hall
from server.runtime.clock import Clock
from server.runtime.forecast_process import ForecastProcess

log = logging.getLogger(__name__)

EVERY_S = 1.0
"""Forecasts follow one another no faster, and no faster than a fifth of their process's time allows."""
SHARE = 5
AT_LEAST_S = 30.0
"""Visits go on while nothing is pressed."""


class ForecastRefresher:
    """``forecast`` is the newest one. Changes in between are taken together.

    After a change it is begun a second after the last one at most, as long as one takes 200 ms; else after 30 s.
    """

    def __init__(self, *, clock: Clock, told: Callable[[], None]) -> None:
        self.forecast = Forecast()
        self._clock = clock
        self._told = told
        self._changed = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._forecasting = ForecastProcess()
        self._hall: Callable[[], Hall]
        self._task: asyncio.Task[None]

    @property
    def pid(self) -> int | None:
        """The id of the process that forecasts, if it runs."""
        return self._forecasting.pid

    def start(self, hall: Callable[[], Hall]) -> None:
        """Begin to forecast; ``hall`` returns the newest committed state."""
        self._hall = hall
        self._changed.set()
        self._task = asyncio.create_task(self._keep(), name="predict")

    def changed(self) -> None:
        """Note that there is a newer state; from any thread, and at no cost."""
        self._loop.call_soon_threadsafe(self._changed.set)

    async def stop(self) -> None:
        """End, with the process."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self._forecasting.stop()

    async def _keep(self) -> None:
        while True:
            try:
                await asyncio.wait_for(self._changed.wait(), timeout=AT_LEAST_S)
            except TimeoutError:
                log.debug("nothing happened for a while: forecasting anew")
            self._changed.clear()
            began, process = self._loop.time(), self.pid
            await self._renew()
            took = self._loop.time() - began if self.pid == process else 0.0  # to start a process takes much longer
            await asyncio.sleep(max(EVERY_S - took, (SHARE - 1) * took, 0))

    async def _renew(self) -> None:
        """Make a new forecast; without one nothing is promised any more."""
        try:
            seen = await asyncio.to_thread(simulation_input, self._hall(), at=self._clock.now())
            found = await self._forecasting.forecast(seen)
        except Exception:
            log.exception("no forecast could be made")
            found = None
        self.forecast = found or Forecast()
        self._told()
        if found is None:
            self._changed.set()
