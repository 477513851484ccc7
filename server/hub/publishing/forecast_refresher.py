"""Keeps the site's forecast current: recomputed after changes, concurrently with commands; readers take the newest."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from runtime.fault_log import FaultLog
from server.domain.forecast.forecast import Forecast
from server.domain.forecast.simulation_input import simulation_input
from server.domain.model.hall import Hall
from server.runtime.clock import Clock
from server.runtime.forecast_process import ForecastProcess

log = logging.getLogger(__name__)

INTERVAL_MIN_S = 1.0
"""Minimum interval between the starts of two forecasts, seconds."""
PROCESSOR_SHARE = 5
"""Divisor of one processor's time that forecasts may take: at most a fifth."""
INTERVAL_MAX_S = 30.0
"""Maximum interval between two forecasts, seconds: waits shrink even without journal entries."""


class ForecastRefresher:
    """``forecast`` is the newest one. Changes during a computation are covered together by the next.

    The next one starts within ``INTERVAL_MIN_S`` of a change, if one takes 200 ms at most. Runs on the event loop.
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
        """Id of the forecast process, if it runs."""
        return self._process.pid

    @property
    def fault(self) -> FaultLog:
        """Lasts while no forecast can be computed."""
        return self._process.fault

    def add_listener(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` on the event loop after every new forecast."""
        self._listeners.append(listener)

    def start(self) -> None:
        """Start with a forecast of the current hall."""
        self._changed.set()
        self._task = asyncio.create_task(self._keep(), name="forecast")

    def on_commit(self, hall: Hall) -> None:  # noqa: ARG002 - the refresh reads the newest one
        """Mark the forecast as outdated."""
        self._changed.set()

    async def stop(self) -> None:
        """Stop, and end the forecast process."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._process.stop()

    async def _keep(self) -> None:
        while True:
            try:
                await asyncio.wait_for(self._changed.wait(), timeout=INTERVAL_MAX_S)
            except TimeoutError:
                log.debug("no change for %g s: the forecast is refreshed", INTERVAL_MAX_S)
            self._changed.clear()
            began, process = self._loop.time(), self.pid
            await self._refresh()
            took = self._loop.time() - began if self.pid == process else 0.0  # starting a process takes much longer
            await asyncio.sleep(max(INTERVAL_MIN_S - took, (PROCESSOR_SHARE - 1) * took, 0))

    async def _refresh(self) -> None:
        """Replace the forecast; by an empty one, which promises nothing, when it cannot be computed."""
        try:
            hall, at, trusted = self._hall(), self._clock.now(), self._clock.trusted()
            taken = await asyncio.to_thread(simulation_input, hall, at=at, hours_apply=trusted)
            found = await self._process.forecast(taken)
        except Exception as error:  # noqa: BLE001 - logged with its traceback
            self.fault.began(repr(error), defect=error)
            found = None
        self.forecast = found or Forecast()
        for listener in self._listeners:
            listener()
        if found is None:
            self._changed.set()
