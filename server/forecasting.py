"""Forecasts in a process of their own, so that no press ever waits for one."""

from __future__ import annotations

import asyncio
import logging
import pickle
import sys
from asyncio.subprocess import PIPE, Process

from server.domain.forecast import SAMPLES, Forecast
from server.domain.scene import Scene
from server.forecast_process import HEAD, packed

log = logging.getLogger(__name__)

PATIENCE_S = 10.0
"""A process that has not answered for so long is ended and replaced."""


class Forecasting:
    """Asks one question at a time; the process is started with the first, and again whenever it has died."""

    def __init__(self) -> None:
        self._process: Process | None = None

    @property
    def pid(self) -> int | None:
        """The process's id, if it runs."""
        return self._process.pid if self._process and self._process.returncode is None else None

    async def forecast(self, scene: Scene, *, samples: int = SAMPLES, seed: int = 0) -> Forecast | None:
        """Return the forecast of a scene; None when the process died over it, or took too long (both are logged)."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await self._asked(packed((scene, samples, seed)))
        except (OSError, EOFError, TimeoutError, pickle.UnpicklingError) as error:
            log.warning("预测进程已重启 / the forecasting process is started again: %r", error)
            await self.stop()
            return None

    async def stop(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            process.kill()
            await process.wait()

    async def _asked(self, question: bytes) -> Forecast:
        process = await self._running()
        assert process.stdin is not None  # noqa: S101 - both are pipes
        assert process.stdout is not None  # noqa: S101
        process.stdin.write(question)
        await process.stdin.drain()
        (length,) = HEAD.unpack(await process.stdout.readexactly(HEAD.size))
        answer: Forecast = pickle.loads(await process.stdout.readexactly(length))  # noqa: S301 - our own process
        return answer

    async def _running(self) -> Process:
        """Return the process, started if there is none."""
        process = self._process
        if process is not None and process.returncode is not None:
            log.warning("预测进程已重启 / the forecasting process is started again: it had ended")
            process = None
        if process is None:
            process = self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "server.forecast_process", stdin=PIPE, stdout=PIPE
            )
        return process
