"""Runs forecasts in a process of their own, so that no command ever waits for one."""

from __future__ import annotations

import asyncio
import logging
import pickle
import sys
from asyncio.subprocess import PIPE, Process

from protocol.vocabulary import Text
from runtime.backoff import Backoff
from runtime.fault_log import FaultLog
from server.domain.forecast.forecast import SAMPLES, Forecast
from server.domain.forecast.simulation_input import SimulationInput
from server.runtime.forecast_worker import HEAD, READY, packed

log = logging.getLogger(__name__)

FORECAST_LIMIT_S = 10.0
"""Time limit of one forecast, seconds; a process that exceeds it is killed and replaced."""
START_LIMIT_S = 120.0
"""Time limit of the process's start, seconds; on a slow or busy machine it takes long."""
PAUSE_MIN_S, PAUSE_MAX_S = 0.5, 60.0
"""Backoff before a failed process is replaced, seconds: doubled each time, reset by an answer."""


class ForecastProcess:
    """Client of the forecast process: one request at a time. Starts the process on first use and whenever it died."""

    def __init__(self, *, limit_s: float = FORECAST_LIMIT_S) -> None:
        self._process: Process | None = None
        self._limit_s = limit_s
        self.fault = FaultLog(log, Text(zh="没有预测，预测进程会重启", en="no forecast; the process restarts"))
        """Lasts while no forecast can be computed."""
        self._backoff = Backoff(first_s=PAUSE_MIN_S, longest_s=PAUSE_MAX_S)
        self._not_before_s = 0.0

    @property
    def pid(self) -> int | None:
        """The process's id, if it runs."""
        return self._process.pid if self._process and self._process.returncode is None else None

    async def forecast(self, given: SimulationInput, *, samples: int = SAMPLES, seed: int = 0) -> Forecast | None:
        """Return a forecast; None when the process died or exceeded its time limit (both are logged).

        None also during the backoff before another process is started.
        """
        loop = asyncio.get_running_loop()
        if self._process is None and loop.time() < self._not_before_s:
            return None
        try:
            process = await self._ready_process()
            async with asyncio.timeout(self._limit_s):
                answer = await _request(process, packed((given, samples, seed)))
        except (OSError, EOFError, TimeoutError, pickle.UnpicklingError) as error:
            pause_s = self._backoff.grow()
            self.fault.began(repr(error))
            await self.stop()
            self._not_before_s = loop.time() + pause_s
            return None
        self._backoff.reset()
        self.fault.ended()
        return answer

    async def stop(self) -> None:
        """End the process."""
        process = self._process
        if process is not None and process.returncode is None:
            process.kill()
            await process.wait()  # of two that stop it at once, both wait
        self._process = None

    async def _ready_process(self) -> Process:
        """Return the process, started if there is none, once it is ready."""
        process = self._process
        if process is not None and process.returncode is not None:
            self.fault.began("the process has ended")
            process = None
        if process is None:
            process = self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "server.runtime.forecast_worker", stdin=PIPE, stdout=PIPE
            )
            assert process.stdout is not None  # noqa: S101 - it is a pipe
            async with asyncio.timeout(START_LIMIT_S):
                await process.stdout.readexactly(len(READY))
        return process


async def _request(process: Process, request: bytes) -> Forecast:
    assert process.stdin is not None  # noqa: S101 - both are pipes
    assert process.stdout is not None  # noqa: S101
    process.stdin.write(request)
    await process.stdin.drain()
    (length,) = HEAD.unpack(await process.stdout.readexactly(HEAD.size))
    answer: Forecast = pickle.loads(await process.stdout.readexactly(length))  # noqa: S301 - our own process
    return answer
