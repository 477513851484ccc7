"""Keeps the site's forecast: recomputed after changes, concurrently with the hub's work; readers take the newest."""

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

INTERVAL_MIN_S = 1.0
"""Shortest interval between the starts of two forecasts, seconds."""
PROCESSOR_SHARE = 5
"""Inverse share of one processor that the forecasting process may take: at most a fifth."""
INTERVAL_MAX_S = 30.0
"""Longest interval between two forecasts, seconds: visits go on while nothing is pressed."""


class ForecastRefresher:
    """``forecast`` is the newest one. Changes that come while one is made are taken together.

    After a change the next is begun within ``INTERVAL_MIN_S``, where one takes 200 ms at most. Lives on the event loop.
    """

    def __init__(self, *, clock: Clock, hall: Callable[[], Hall]) -> None:
        """``hall`` returns the newest committed state."""
        self.forecast = Forecast()
        self._clock = clock
        self._hall = hall
        self._listeners: list[Callable[[], None]] = []
        self._changed = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._process = ForecastProcess()
        self._task: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """Id of the process that forecasts, if it runs."""
        return self._process.pid

    def add_listener(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` on the event loop after every new forecast."""
        self._listeners.append(listener)

    def start(self) -> None:
        """Begin with a forecast of the hall as it is."""
        self._changed.set()
        self._task = asyncio.create_task(self._keep(), name="forecast")

    def on_commit(self, hall: Hall) -> None:  # noqa: ARG002 - the newest one is taken when the time has come
        """Note that there is a newer state."""
        self._changed.set()

    async def stop(self) -> None:
        """End, with the process."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._process.stop()

    async def _keep(self) -> None:
        while True:
            try:
                await asyncio.wait_for(self._changed.wait(), timeout=INTERVAL_MAX_S)
            except TimeoutError:
                log.debug("nothing changed for a while: forecasting again")
            self._changed.clear()
            began, process = self._loop.time(), self.pid
            await self._refresh()
            took = self._loop.time() - began if self.pid == process else 0.0  # to start a process takes much longer
            await asyncio.sleep(max(INTERVAL_MIN_S - took, (PROCESSOR_SHARE - 1) * took, 0))

    async def _refresh(self) -> None:
        """Make a new forecast; without one nothing is promised any more."""
        try:
            taken = await asyncio.to_thread(simulation_input, self._hall(), at=self._clock.now())
            found = await self._process.forecast(taken)
        except Exception:
            log.exception("no forecast could be made")
            found = None
        self.forecast = found or Forecast()
        for listener in self._listeners:
            listener()
        if found is None:
            self._changed.set()
