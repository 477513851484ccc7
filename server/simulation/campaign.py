"""Many simulated days on all cores. Before each day the halls learn from a history of days."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from multiprocessing.pool import Pool

from server.simulation.engine.simulated_county import NOTHING_LEARNED, CountyDay, LearnedByHall, learn_from_days
from server.simulation.results.day_metrics import day_metrics
from server.simulation.results.ratio_estimates import Ratio
from server.simulation.scenario.policies import Policy
from server.simulation.scenario.scenario import Scenario
from server.simulation.scenario.scenario_halls import scenario_halls
from server.simulation.scenario.visitors import draw_visitors

HISTORY_DAYS = 10
"""Number of ordinary days of history that the halls learn from before the evaluated day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One day to simulate, and the history learned before it."""

    scenario: Scenario
    policy: Policy
    rho: float
    seed: int
    history: int = HISTORY_DAYS
    learned: LearnedByHall = field(default_factory=lambda: NOTHING_LEARNED)

    @property
    def history_task(self) -> Task | None:
        """The ordinary days to learn from, the same ones for all seeds; None when nothing is learned."""
        if not self.history or self.policy.offers is None:
            return None
        ordinary = self.scenario.model_copy(update={"disturbances": ()})
        return replace(self, scenario=ordinary, seed=0)


Results = dict[str, list[Mapping[str, Ratio]]]
"""Policy -> metrics of its days, by seed."""


def run_campaign(groups: Sequence[Sequence[Task]], *, jobs: int, done: Callable[[float], None]) -> list[Results]:
    """Return the days of each group of tasks. ``done`` receives the share of all days that is finished, 0 to 1.

    The result does not depend on the order in which days finish. Ctrl-C ends the workers and is raised here.
    """
    with multiprocessing.get_context("spawn").Pool(jobs, initializer=_ignore_ctrl_c) as pool:
        return _run(pool, groups, done)


def _run(pool: Pool, groups: Sequence[Sequence[Task]], done: Callable[[float], None]) -> list[Results]:
    histories = _distinct([h for tasks in groups for task in tasks if (h := task.history_task) is not None])
    days = [(number, task) for number, tasks in enumerate(groups) for task in tasks]
    total = len(days) + sum(h.history for h in histories)
    finished = 0
    learned: dict[str, LearnedByHall] = {}
    for history, learned_then in pool.imap_unordered(_learn, histories):
        learned[_key(history)] = learned_then
        finished += history.history
        done(finished / total)
    ready = [(n, replace(t, learned=learned[_key(h)]) if (h := t.history_task) else t) for n, t in days]
    metrics: dict[tuple[int, str, int], Mapping[str, Ratio]] = {}
    for number, task, of_day in pool.imap_unordered(_simulate_day, sorted(ready, key=_has_offers, reverse=True)):
        metrics[number, task.policy.name, task.seed] = of_day
        finished += 1
        done(finished / total)
    return [_by_policy(number, tasks, metrics) for number, tasks in enumerate(groups)]


def _by_policy(
    number: int, tasks: Sequence[Task], metrics: Mapping[tuple[int, str, int], Mapping[str, Ratio]]
) -> Results:
    policies = dict.fromkeys(t.policy.name for t in tasks)
    seeds = sorted({t.seed for t in tasks})
    return {policy: [metrics[number, policy, seed] for seed in seeds] for policy in policies}


def _distinct(histories: Sequence[Task]) -> list[Task]:
    return list({_key(h): h for h in histories}.values())


def _key(history: Task) -> str:
    return f"{history.scenario.model_dump_json()} {history.policy} {history.rho} {history.history}"


def _has_offers(ready: tuple[int, Task]) -> bool:
    """Whether a day needs forecasts: such days take longest, so they start first and no core is idle at the end."""
    return ready[1].policy.offers is not None


def _learn(history: Task) -> tuple[Task, LearnedByHall]:
    return history, learn_from_days(history.scenario, history.policy, rho=history.rho, days=history.history)


def _simulate_day(ready: tuple[int, Task]) -> tuple[int, Task, Mapping[str, Ratio]]:
    number, task = ready
    halls = scenario_halls(task.scenario, task.policy)
    county = CountyDay(task.scenario, task.policy, halls, learned=task.learned, day=task.history)
    records = county.run(draw_visitors(task.scenario, rho=task.rho, seed=task.seed))
    metrics = {**day_metrics(task.scenario, records), "changes": Ratio(county.changes)}
    return number, replace(task, learned=NOTHING_LEARNED), metrics  # learned values need not be sent back


def _ignore_ctrl_c() -> None:
    """Leave Ctrl-C to the parent process, which ends the workers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
