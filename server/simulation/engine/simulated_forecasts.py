"""The forecasts that the product would make at a moment, by ``server.domain``, for one service at a time."""

from __future__ import annotations

from dataclasses import replace

from protocol.vocabulary import ServiceId
from server.domain.county.plan import SiteForecast, site_forecast
from server.domain.forecast.calibration import UNCORRECTED
from server.domain.forecast.forecast import Forecast, Quantiles, run_simulations
from server.domain.forecast.simulation_input import SimulationInput, simulation_input
from server.simulation.engine.simulated_hall import SimulatedHall
from server.simulation.scenario.scenario import Scenario
from server.simulation.scenario.visit_model import true_service_times

SAMPLES = 40
"""Simulation runs of one forecast; fewer than the product's, since a day needs thousands of forecasts."""
COUNTY_FORECAST_MIN = 0.25
"""Interval at which the county renews a hall's forecast, minutes."""


class SimulatedForecasts:
    """Makes forecasts of one service at one hall at a time."""

    def __init__(self, scenario: Scenario, *, samples: int = SAMPLES) -> None:
        self._scenario = scenario
        self._samples = samples
        self._county: dict[tuple[str, ServiceId], SiteForecast] = {}

    def promise(self, hall: SimulatedHall, service: ServiceId, *, protected: bool) -> Quantiles | None:
        """Return the wait of a ticket issued now, as the hub would promise it."""
        given = simulation_input(hall.hall, at=hall.moment)
        return self._forecast(given, hall, service).for_new_ticket(service, protected=protected)

    def floor(self, hall: SimulatedHall, service: ServiceId, *, protected: bool) -> Quantiles | None:
        """Return the wait of a ticket issued now, from the scenario's true parameters and without calibration."""
        given = simulation_input(
            hall.hall, at=hall.moment, times=true_service_times(self._scenario, hall.scenario_hall)
        )
        true = replace(given, no_show_share=self._scenario.no_show_share, correction=UNCORRECTED)
        return self._forecast(true, hall, service).for_new_ticket(service, protected=protected)

    def county_forecast(self, hall: SimulatedHall, service: ServiceId) -> SiteForecast:
        """Return the county's forecast of a hall, which may be up to ``COUNTY_FORECAST_MIN`` old."""
        made = self._county.get((hall.scenario_hall.id, service))
        if made is None or hall.moment.since(made.made) > COUNTY_FORECAST_MIN * 60:
            given = simulation_input(hall.hall, at=hall.moment)
            made = site_forecast(hall.hall, self._forecast(given, hall, service), made=hall.moment)
            self._county[hall.scenario_hall.id, service] = made
        return made

    def _forecast(self, given: SimulationInput, hall: SimulatedHall, service: ServiceId) -> Forecast:
        return run_simulations(given, samples=self._samples, seed=hall.hall.seq, only=service)
