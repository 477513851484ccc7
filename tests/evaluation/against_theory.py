"""The twin, engine and rules, over so many visitors that its mean wait can be held against Erlang C."""

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
SETTLED = 1000
"""The first visitors of a run find an empty hall and do not count."""
CASES = ((1, 0.5, 1), (2, 0.6, 2), (4, 0.6, 4))
"""Windows, rho, and how many times the runs: with more windows few visitors wait at all, and a mean takes longer."""


@dataclass(frozen=True, slots=True)
class Held:
    """Mean waits held against the formula."""

    windows: int
    rho: float
    visitors: int
    ours_min: float
    erlang_min: float
    ratio: Figure
    """Ours over the formula's at the rates that each run has drawn."""


@dataclass(frozen=True, slots=True)
class _Run:
    windows: int
    rho: float
    seed: int
    visitors: int


@dataclass(frozen=True, slots=True)
class _Told:
    visitors: int
    mean_min: float
    erlang_min: float


def held_against_erlang(pool: Pool, *, runs: int, visitors_each: int) -> list[Held]:
    """Return each case over so many runs, or as many times more as it needs."""
    tasks = {
        (windows, rho): [_Run(windows, rho, seed, visitors_each) for seed in range(runs * times)]
        for windows, rho, times in CASES
    }
    told = iter(pool.map(_run, [run for case in tasks.values() for run in case], chunksize=1))
    return [_held(windows, rho, list(islice(told, len(case)))) for (windows, rho), case in tasks.items()]


def _held(windows: int, rho: float, runs: Sequence[_Told]) -> Held:
    return Held(
        windows=windows,
        rho=rho,
        visitors=sum(r.visitors for r in runs),
        ours_min=fmean(r.mean_min for r in runs),
        erlang_min=fmean(r.erlang_min for r in runs),
        ratio=estimate_ratio([Ratio(r.mean_min, r.erlang_min) for r in runs]),
    )


def _run(run: _Run) -> _Told:
    chance = Random(f"{run.windows} {run.seed}")
    gaps = [chance.expovariate(run.rho * run.windows / MEAN_MIN) for _ in range(run.visitors)]
    work = [chance.expovariate(1 / MEAN_MIN) for _ in range(run.visitors)]
    told = waits(alike(run.windows), visitors(list(accumulate(gaps)), work))[SETTLED:]
    drawn = fmean(work) / (run.windows * fmean(gaps))
    return _Told(len(told), fmean(told), mean_wait(windows=run.windows, rho=drawn, mean_min=fmean(work)))
