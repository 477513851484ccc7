"""Many days on all cores. What the halls know on a day's morning, they learned on days before it."""

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
"""Ordinary days that the halls have seen before the one that counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One day to run, and what is known on its morning."""

    scenario: Scenario
    policy: Policy
    rho: float
    seed: int
    history: int = HISTORY_DAYS
    lessons: LearnedByHall = field(default_factory=lambda: NOTHING_LEARNED)

    @property
    def school(self) -> Task | None:
        """Return the ordinary days that the halls learn on before this one; the same ones for all seeds."""
        if not self.history or self.policy.offers is None:
            return None
        ordinary = self.scenario.model_copy(update={"disturbances": ()})
        return replace(self, scenario=ordinary, seed=0)


Results = dict[str, list[Mapping[str, Ratio]]]
"""Policy -> its days, by seed."""


def run(groups: Sequence[Sequence[Task]], *, jobs: int, done: Callable[[float], None]) -> list[Results]:
    """Return the days of each group of tasks. ``done`` hears which share of all days is finished.

    The order in which days finish changes nothing. Ctrl-C ends the workers and is raised here.
    """
    with multiprocessing.get_context("spawn").Pool(jobs, initializer=_leave_ctrl_c_to_the_command) as pool:
        return _run(pool, groups, done)


def _run(pool: Pool, groups: Sequence[Sequence[Task]], done: Callable[[float], None]) -> list[Results]:
    schools = _different([s for tasks in groups for task in tasks if (s := task.school) is not None])
    days = [(number, task) for number, tasks in enumerate(groups) for task in tasks]
    total = len(days) + sum(s.history for s in schools)
    finished = 0
    taught: dict[str, LearnedByHall] = {}
    for school, lessons in pool.imap_unordered(_learn, schools):
        taught[_name(school)] = lessons
        finished += school.history
        done(finished / total)
    ready = [(n, replace(t, lessons=taught[_name(s)]) if (s := t.school) else t) for n, t in days]
    parts: dict[tuple[int, str, int], Mapping[str, Ratio]] = {}
    for number, task, told in pool.imap_unordered(_day, sorted(ready, key=_offers_last, reverse=True)):
        parts[number, task.policy.name, task.seed] = told
        finished += 1
        done(finished / total)
    return [_by_policy(number, tasks, parts) for number, tasks in enumerate(groups)]


def _by_policy(
    number: int, tasks: Sequence[Task], parts: Mapping[tuple[int, str, int], Mapping[str, Ratio]]
) -> Results:
    policies = dict.fromkeys(t.policy.name for t in tasks)
    seeds = sorted({t.seed for t in tasks})
    return {policy: [parts[number, policy, seed] for seed in seeds] for policy in policies}


def _different(schools: Sequence[Task]) -> list[Task]:
    return list({_name(s): s for s in schools}.values())


def _name(school: Task) -> str:
    return f"{school.scenario.model_dump_json()} {school.policy} {school.rho} {school.history}"


def _offers_last(ready: tuple[int, Task]) -> bool:
    """Days with forecasts take longest: begun first, they leave no core alone at the end."""
    return ready[1].policy.offers is not None


def _learn(school: Task) -> tuple[Task, LearnedByHall]:
    return school, learn_from_days(school.scenario, school.policy, rho=school.rho, days=school.history)


def _day(ready: tuple[int, Task]) -> tuple[int, Task, Mapping[str, Ratio]]:
    number, task = ready
    halls = scenario_halls(task.scenario, task.policy)
    county = CountyDay(task.scenario, task.policy, halls, lessons=task.lessons, day=task.history)
    stories = county.run(draw_visitors(task.scenario, rho=task.rho, seed=task.seed))
    parts = {**day_metrics(task.scenario, stories), "changes": Ratio(county.changes)}
    return number, replace(task, lessons=NOTHING_LEARNED), parts


def _leave_ctrl_c_to_the_command() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
