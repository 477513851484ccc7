"""The twin, engine and rules, over enough visitors to compare its mean wait with Erlang C."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, islice
from multiprocessing.pool import Pool
from random import Random
from statistics import fmean

from erlang_c import mean_wait
from one_hall import alike, visitors, waits

from server.simulation.results.ratio_estimates import Figure, Ratio, estimate_ratio

MEAN_MIN = 8.0
WARM_UP = 1000
"""Number of first visitors of a run that do not count (warm-up): they find an empty hall."""
CASES = ((1, 0.5, 1), (2, 0.6, 2), (4, 0.6, 4))
"""Windows, utilisation, factor on the number of runs: with more windows fewer visitors wait, and means vary more."""


@dataclass(frozen=True, slots=True)
class ErlangComparison:
    """Mean waits of the twin and of the formula."""

    windows: int
    rho: float
    visitors: int
    ours_min: float
    erlang_min: float
    ratio: Figure
    """Ratio of the twin's mean to the formula's at the rates that each run has drawn."""


@dataclass(frozen=True, slots=True)
class _Run:
    windows: int
    rho: float
    seed: int
    visitors: int


@dataclass(frozen=True, slots=True)
class _RunResult:
    visitors: int
    mean_min: float
    erlang_min: float


def compare_with_erlang(pool: Pool, *, runs: int, visitors_each: int) -> list[ErlangComparison]:
    """Return the comparison of each case over ``runs`` runs, times the factor of the case."""
    tasks = {
        (windows, rho): [_Run(windows, rho, seed, visitors_each) for seed in range(runs * times)]
        for windows, rho, times in CASES
    }
    results = iter(pool.map(_run, [run for case in tasks.values() for run in case], chunksize=1))
    return [_comparison(windows, rho, list(islice(results, len(case)))) for (windows, rho), case in tasks.items()]


def _comparison(windows: int, rho: float, runs: Sequence[_RunResult]) -> ErlangComparison:
    return ErlangComparison(
        windows=windows,
        rho=rho,
        visitors=sum(r.visitors for r in runs),
        ours_min=fmean(r.mean_min for r in runs),
        erlang_min=fmean(r.erlang_min for r in runs),
        ratio=estimate_ratio([Ratio(r.mean_min, r.erlang_min) for r in runs]),
    )


def _run(run: _Run) -> _RunResult:
    chance = Random(f"{run.windows} {run.seed}")
    gaps = [chance.expovariate(run.rho * run.windows / MEAN_MIN) for _ in range(run.visitors)]
    work = [chance.expovariate(1 / MEAN_MIN) for _ in range(run.visitors)]
    waited = waits(alike(run.windows), visitors(list(accumulate(gaps)), work))[WARM_UP:]
    drawn = fmean(work) / (run.windows * fmean(gaps))
    return _RunResult(len(waited), fmean(waited), mean_wait(windows=run.windows, rho=drawn, mean_min=fmean(work)))
