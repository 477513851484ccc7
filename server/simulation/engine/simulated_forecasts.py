"""What the product would promise in this very moment: the sampled forecast of ``server.domain``, asked only for what
somebody wants to know.
"""

from __future__ import annotations

from dataclasses import replace

from server.domain.county.plan import SiteForecast, site_forecast
from server.domain.forecast.calibration import UNCORRECTED
from server.domain.forecast.forecast import Quantiles, run_simulations
from server.domain.forecast.simulation_input import simulation_input
from server.simulation.engine.simulated_hall import SimulatedHall
from server.simulation.scenario.scenario import Scenario
from server.simulation.scenario.true_times import true_times

SAMPLES = 40
PICTURE_MIN = 0.25
"""The county makes a forecast of a hall anew after so many minutes."""


class SimulatedForecasts:
    """Forecasts of one service at one hall at a time."""

    def __init__(self, scenario: Scenario, *, samples: int = SAMPLES) -> None:
        self._scenario = scenario
        self._samples = samples
        self._pictures: dict[tuple[str, str], SiteForecast] = {}

    def now(self, hall: SimulatedHall, service: str, *, protected: bool) -> Quantiles | None:
        """Return the wait of a number taken now."""
        seen = simulation_input(hall.hall, at=hall.moment)
        told = run_simulations(seen, samples=self._samples, seed=hall.hall.seq, only=service)
        return told.for_new_ticket(service, protected=protected)

    def floor(self, hall: SimulatedHall, service: str, *, protected: bool) -> Quantiles | None:
        """Return what the same predictor says when it is told the truth, so that nothing is to be corrected."""
        seen = simulation_input(hall.hall, at=hall.moment, times=true_times(self._scenario, hall.place))
        true = replace(seen, absent=self._scenario.no_show_share, factors=UNCORRECTED)
        return run_simulations(true, samples=self._samples, seed=hall.hall.seq, only=service).for_new_ticket(
            service, protected=protected
        )

    def lately(self, hall: SimulatedHall, service: str) -> SiteForecast:
        """Return the county's forecast of a hall, which may be a little old."""
        made = self._pictures.get((hall.place.id, service))
        if made is None or hall.moment.since(made.made) > PICTURE_MIN * 60:
            seen = simulation_input(hall.hall, at=hall.moment)
            told = run_simulations(seen, samples=self._samples, seed=hall.hall.seq, only=service)
            made = site_forecast(hall.hall, told, made=hall.moment)
            self._pictures[hall.place.id, service] = made
        return made
