"""The process that forecasts, on a machine where it starts slowly or not at all."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest
from plain_hall import PlainHall

from server.domain.forecast.forecast import Forecast
from server.domain.forecast.simulation_input import simulation_input
from server.domain.model.catalogue import Catalogue
from server.runtime.forecast_process import ForecastProcess


@pytest.fixture
def hall(small_catalogue: Catalogue) -> PlainHall:
    """One visitor waits for an open window."""
    hall = PlainHall(small_catalogue)
    hall.open("window-1")
    hall.issue()
    return hall


def forecasts_of(hall: PlainHall, *, times: int = 1, limit_s: float = 10.0) -> list[Forecast | None]:
    async def make() -> list[Forecast | None]:
        forecasting = ForecastProcess(limit_s=limit_s)
        input_ = simulation_input(hall.hall, at=hall.moment)
        try:
            return [await forecasting.forecast(input_, samples=2) for _ in range(times)]
        finally:
            await forecasting.stop()

    return asyncio.run(make())


def at_the_start(folder: Path, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every new process run this code first."""
    (folder / "sitecustomize.py").write_text(code, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(folder))


def test_a_process_that_starts_slowly_is_not_started_again(
    hall: PlainHall, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    at_the_start(tmp_path, "import time; time.sleep(5)", monkeypatch)
    with caplog.at_level(logging.WARNING):
        (found,) = forecasts_of(hall, limit_s=4.0)
    assert found is not None
    assert caplog.messages == []


def test_a_process_that_cannot_start_is_started_again_only_after_a_pause(
    hall: PlainHall, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = tmp_path / "started"
    code = f"import os; open({str(started)!r}, 'a').write('x'); os._exit(1)"
    at_the_start(tmp_path, code, monkeypatch)
    assert forecasts_of(hall, times=20) == [None] * 20
    assert started.read_text(encoding="utf-8") == "x"
