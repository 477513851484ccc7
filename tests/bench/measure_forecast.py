"""What a choice and a forecast cost as the queue grows, in one process, without a hub around them."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from random import Random

from plain_hall import PlainHall
from real_hall import COUNTY_HALL
from sizes import Sizes
from tables import Line, Spread, against

from protocol.settings import load_settings
from server.domain.discipline.queue_order import choose_ticket
from server.domain.forecast.forecast import SAMPLES, run_simulations
from server.domain.forecast.queue_simulation import QueueSimulation
from server.domain.forecast.simulation_input import simulation_input
from server.domain.forecast.wait_times import promise_for
from server.domain.model.catalogue import Catalogue

FEW, USUAL = 10, 69
CAME_WITHIN_S = 4500.0
RUNS = 20
CHOICES = 50
READS = 1000


def forecasts(folder: Path, sizes: Sizes) -> list[Line]:  # noqa: ARG001 - nothing is written
    """Measure a choice in a full hall against a quiet one, a forecast, and one simulation run by how many wait."""
    quiet, usual, double, full = (busy_hall(count) for count in (FEW, USUAL, 2 * USUAL, sizes.waiting))
    choices = _by_turns(sizes, lambda: _choices(quiet), lambda: _choices(full))
    runs = _by_turns(sizes, lambda: _runs(usual), lambda: _runs(double))
    one = sorted(seconds for some in runs[0] for seconds in some)
    whole, read = _forecast(usual)
    return [
        *against(f"choice with {sizes.waiting:,} waiting against {FEW}", *map(Spread, choices), aim=20),
        Line(name=f"one simulation run with {USUAL} waiting", ours=one[len(one) // 2] * 1000, unit="ms", aim=1),
        Line(name=f"a whole forecast with {USUAL} waiting", ours=whole * 1000, unit="ms", aim=200),
        Line(name="read one promise of it", ours=read * 1000, unit="ms", aim=1),
        *against(f"one simulation run with {2 * USUAL} waiting against {USUAL}", *map(Spread, runs), aim=3),
    ]


def busy_hall(waiting: int) -> PlainHall:
    """Return the example county's main hall, pooled, with a visitor at every window and this number waiting."""
    catalogue = load_settings(Catalogue, COUNTY_HALL)
    rules = catalogue.rules.model_copy(update={"pooled": True, "call_guard_s": 0})
    services = tuple(s.model_copy(update={"trust_expected": True}) for s in catalogue.services)
    hall = PlainHall(catalogue.model_copy(update={"hours": (), "rules": rules, "services": services}))
    hall.open()
    chance = Random(1)
    windows = [w.id for w in catalogue.windows]
    for window in windows:
        hall.issue(catalogue.windows[windows.index(window)].services[0])
        hall.call_next(window)
        hall.start(window)
    for _ in range(waiting):
        priority = chance.choice([p.id for p in catalogue.priorities]) if chance.random() < 0.08 else None
        hall.issue(chance.choice(chance.choice(catalogue.windows).services), priority=priority)
        hall.wait(CAME_WITHIN_S / waiting)
    return hall


def _choices(hall: PlainHall) -> float:
    windows = list(hall.hall.site.windows)
    began = time.process_time()
    for turn in range(CHOICES):
        choose_ticket(hall.hall, window=windows[turn % len(windows)], at=hall.moment)
    return (time.process_time() - began) / CHOICES


def _runs(hall: PlainHall) -> float:
    simulation = QueueSimulation(simulation_input(hall.hall, at=hall.moment))
    began = time.process_time()
    for sample in range(RUNS):
        simulation.run(Random(sample))
    return (time.process_time() - began) / RUNS


def _forecast(hall: PlainHall) -> tuple[float, float]:
    """Return the seconds of a forecast, and of reading one service's promise from it as the hub does."""
    services = list(hall.hall.site.services)
    began = time.process_time()
    newest = run_simulations(simulation_input(hall.hall, at=hall.moment), samples=SAMPLES, seed=0)
    made = time.process_time()
    for turn in range(READS):
        found = newest.for_new_ticket(services[turn % len(services)], protected=False)
        if found is not None:
            promise_for(found)
    return made - began, (time.process_time() - made) / READS


def _by_turns(
    sizes: Sizes, floor: Callable[[], float], ours: Callable[[], float]
) -> tuple[list[list[float]], list[list[float]]]:
    """Run both sides by turns; the first round only warms up."""
    rounds = [(floor(), ours()) for _ in range(sizes.rounds + 1)][1:]
    return [[a] for a, _ in rounds], [[b] for _, b in rounds]
