"""Many days on all cores: each seed's day under each policy."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from server.simulation.county_run import run_day
from server.simulation.figures import Part
from server.simulation.metrics import day_parts
from server.simulation.policies import Policy
from server.simulation.scenario import Scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One day to run."""

    scenario: Scenario
    policy: Policy
    rho: float
    seed: int


def run(tasks: Sequence[Task], *, jobs: int, done: Callable[[int], None]) -> dict[str, list[Mapping[str, Part]]]:
    """Return each policy's days, by seed. ``done`` hears how many are finished.

    The order in which days finish changes nothing. Ctrl-C ends the workers and is raised here.
    """
    results: dict[tuple[str, int], Mapping[str, Part]] = {}
    with multiprocessing.get_context("spawn").Pool(jobs, initializer=_leave_ctrl_c_to_the_command) as pool:
        for policy, seed, parts in pool.imap_unordered(_day, tasks):
            results[policy, seed] = parts
            done(len(results))
    policies = dict.fromkeys(t.policy.name for t in tasks)
    return {policy: [results[key] for key in sorted(results) if key[0] == policy] for policy in policies}


def _day(task: Task) -> tuple[str, int, Mapping[str, Part]]:
    stories = run_day(task.scenario, task.policy, rho=task.rho, seed=task.seed)
    return task.policy.name, task.seed, day_parts(task.scenario, stories)


def _leave_ctrl_c_to_the_command() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
