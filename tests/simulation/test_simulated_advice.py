"""The simulated manager who accepts the county's proposals."""

from __future__ import annotations

from one_hall import alike
from one_hall import visitors as some

from server.simulation.engine.simulated_county import CountyDay
from server.simulation.scenario.policies import Policy
from server.simulation.scenario.scenario import Scenario, ScenarioService, ScenarioWindow
from server.simulation.scenario.scenario_halls import scenario_halls

ADVISED = Policy(name="advised", urgent=True, advised=True)
CROWD = some([50.0 + n for n in range(20)], [8.0] * 20)


def hall(*more: ScenarioWindow) -> Scenario:
    """The second window closes after half an hour, long before the crowd comes."""
    scenario = alike(1)
    (site,) = scenario.sites
    windows = (*site.windows, ScenarioWindow(id="EARLY", dedicated=("visit",), open=(0, 30)), *more)
    calm = ScenarioService(id="calm", mean_min=8, cv=1, sla_min=30)
    return scenario.model_copy(
        update={
            "services": (*scenario.services, calm),
            "sites": (site.model_copy(update={"windows": windows}),),
        }
    )


def advised(scenario: Scenario) -> tuple[int, set[str | None]]:
    """Return how often a manager accepted something, and which windows called somebody."""
    run = CountyDay(scenario, ADVISED, scenario_halls(scenario, ADVISED))
    records = run.run(CROWD)
    return run.changes, {s.window for s in records}


def test_a_window_that_would_have_to_open_is_not_taken_for_one_that_helps() -> None:
    assert advised(hall()) == (0, {"w0"})


def test_a_window_that_is_there_helps() -> None:
    calm = ScenarioWindow(id="CALM", dedicated=("calm",), skills=("visit",), open=(0, 540))
    assert advised(hall(calm)) == (1, {"w0", "calm"})
