"""``make evaluate``: the effect of pooling, urgency and offers on a county's waits, written to docs/evaluation.md."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from multiprocessing import get_context
from pathlib import Path

from against_theory import compare_with_erlang
from days import TWINS, WEEKDAY, far_branches, other_days
from evaluation_page import RHO, page
from targets import RHOS

from server.simulation import campaign
from server.simulation.progress_bar import ProgressBar
from server.simulation.results.comparison import compare
from server.simulation.scenario.policies import BALANCED, COMPARED, DEDICATED_OFFERS, Policy
from server.simulation.scenario.scenario import Scenario

PAGE = Path(__file__).parents[2] / "docs" / "evaluation.md"
TINY = 0.1
"""Factor on the utilisation of a tiny evaluation: a quiet county is simulated fast."""

Group = tuple[Scenario, float, Sequence[Policy], int]
"""Scenario, rho, policies, days of history."""


def main() -> int:
    """Run all simulations and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=30, help="days of each figure (30)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many at once (one a core)")
    parser.add_argument("--out", type=Path, default=PAGE, help="the page to write (docs/evaluation.md)")
    parser.add_argument("--tiny", action="store_true", help="a fast run of everything, without meaningful figures")
    options = parser.parse_args()
    few, history = max(1, options.seeds // 3), 1 if options.tiny else campaign.HISTORY_DAYS
    busy = TINY if options.tiny else 1.0
    weekdays: list[Group] = [(WEEKDAY, rho * busy, (*COMPARED, DEDICATED_OFFERS), history) for rho in RHOS]
    first_days: list[Group] = [(WEEKDAY, rho * busy, (BALANCED,), 0) for rho in RHOS]
    named = {"twins that tempt everybody": TWINS, "branches far away": far_branches(), **other_days()}
    others: list[Group] = [(scenario, RHO * busy, COMPARED, history) for scenario in named.values()]
    tasks = [*(_tasks(g, options.seeds) for g in weekdays + others), *(_tasks(g, few) for g in first_days)]
    with ProgressBar() as bar:
        results = [compare(days) for days in campaign.run_campaign(tasks, jobs=options.jobs, done=bar.show)]
    with get_context("spawn").Pool(options.jobs) as pool:
        theory = compare_with_erlang(
            pool, runs=8, visitors_each=1100 if options.tiny else max(4000, 50_000 * options.seeds // 30)
        )
    by_rho, other_results = results[: len(RHOS)], results[len(RHOS) : len(RHOS) + len(named)]
    text = page(
        command=f"make evaluate{_arguments(options)}",
        seeds=options.seeds,
        by_rho=dict(zip(RHOS, by_rho, strict=True)),
        day_one=dict(zip(RHOS, results[-len(RHOS) :], strict=True)),
        other_days=dict(zip(named, other_results, strict=True)),
        theory=theory,
    )
    options.out.write_text(text, encoding="utf-8")
    sys.stdout.write(text)
    return 0


def _tasks(group: Group, seeds: int) -> list[campaign.Task]:
    scenario, rho, policies, history = group
    return [
        campaign.Task(scenario=scenario, policy=policy, rho=rho, seed=seed, history=history)
        for seed in range(1, seeds + 1)
        for policy in policies
    ]


def _arguments(options: argparse.Namespace) -> str:
    return "" if options.seeds == 30 else f' ARGS="--seeds {options.seeds}"'


if __name__ == "__main__":
    sys.exit(main())
