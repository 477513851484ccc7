"""``make evaluate``: what pooling, urgency and offers do to a county's waits, written to docs/evaluation.md."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from multiprocessing import get_context
from pathlib import Path

from against_theory import held_against_erlang
from days import TWINS, WEEKDAY, far_branches, other_days
from evaluation_page import RHO, page
from targets import RHOS

from server.simulation import campaign
from server.simulation.progress_bar import ProgressBar
from server.simulation.results.comparison import compare
from server.simulation.scenario.policies import BALANCED, COMPARED, DEDICATED_OFFERS, Policy
from server.simulation.scenario.scenario import Scenario

KEPT = Path(__file__).parents[2] / "docs" / "evaluation.md"
TINY = 0.1
"""A county with so little to do is soon served."""

Group = tuple[Scenario, float, Sequence[Policy], int]
"""Scenario, rho, policies, days of history."""


def main() -> int:
    """Run everything and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=30, help="days of each figure (30)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many at once (one a core)")
    parser.add_argument("--out", type=Path, default=KEPT, help="the page to write (docs/evaluation.md)")
    parser.add_argument("--tiny", action="store_true", help="only see that everything can be evaluated")
    asked = parser.parse_args()
    few, history = max(1, asked.seeds // 3), 1 if asked.tiny else campaign.HISTORY_DAYS
    busy = TINY if asked.tiny else 1.0
    weekdays: list[Group] = [(WEEKDAY, rho * busy, (*COMPARED, DEDICATED_OFFERS), history) for rho in RHOS]
    first_days: list[Group] = [(WEEKDAY, rho * busy, (BALANCED,), 0) for rho in RHOS]
    named = {"twins that tempt everybody": TWINS, "branches far away": far_branches(), **other_days()}
    others: list[Group] = [(scenario, RHO * busy, COMPARED, history) for scenario in named.values()]
    tasks = [*(_tasks(g, asked.seeds) for g in weekdays + others), *(_tasks(g, few) for g in first_days)]
    with ProgressBar() as bar:
        results = [compare(days) for days in campaign.run_campaign(tasks, jobs=asked.jobs, done=bar.show)]
    with get_context("spawn").Pool(asked.jobs) as pool:
        held = held_against_erlang(
            pool, runs=8, visitors_each=1100 if asked.tiny else max(4000, 50_000 * asked.seeds // 30)
        )
    by_rho, beside = results[: len(RHOS)], results[len(RHOS) : len(RHOS) + len(named)]
    written = page(
        command=f"make evaluate{_arguments(asked)}",
        seeds=asked.seeds,
        by_rho=dict(zip(RHOS, by_rho, strict=True)),
        day_one=dict(zip(RHOS, results[-len(RHOS) :], strict=True)),
        beside=dict(zip(named, beside, strict=True)),
        held=held,
    )
    asked.out.write_text(written, encoding="utf-8")
    sys.stdout.write(written)
    return 0


def _tasks(group: Group, seeds: int) -> list[campaign.Task]:
    scenario, rho, policies, history = group
    return [
        campaign.Task(scenario=scenario, policy=policy, rho=rho, seed=seed, history=history)
        for seed in range(1, seeds + 1)
        for policy in policies
    ]


def _arguments(asked: argparse.Namespace) -> str:
    return "" if asked.seeds == 30 else f' ARGS="--seeds {asked.seeds}"'


if __name__ == "__main__":
    sys.exit(main())
