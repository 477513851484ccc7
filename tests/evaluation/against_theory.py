"""The twin, engine and rules, over so many visitors that its mean wait can be held against Erlang C."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from multiprocessing.pool import Pool
from random import Random
from statistics import fmean

from erlang_c import mean_wait
from one_hall import alike, visitors, waits

MEAN_MIN = 8.0
SETTLED = 1000
"""The first visitors of a run find an empty hall and do not count."""
CASES = ((1, 0.5), (2, 0.6), (4, 0.6))


@dataclass(frozen=True, slots=True)
class Held:
    """A mean wait held against the formula at the rates that were drawn."""

    windows: int
    rho: float
    visitors: int
    ours_min: float
    erlang_min: float

    @property
    def off(self) -> float:
        """How far ours is off, as a share of the formula's."""
        return self.ours_min / self.erlang_min - 1


@dataclass(frozen=True, slots=True)
class _Run:
    windows: int
    rho: float
    seed: int
    visitors: int


def held_against_erlang(pool: Pool, *, runs: int, visitors_each: int) -> list[Held]:
    """Return each case over so many runs."""
    tasks = [_Run(windows, rho, seed, visitors_each) for windows, rho in CASES for seed in range(runs)]
    told = dict(zip(tasks, pool.map(_waits, tasks, chunksize=1), strict=True))
    return [_held(windows, rho, [w for t, w in told.items() if t.windows == windows]) for windows, rho in CASES]


def _held(windows: int, rho: float, runs: Sequence[tuple[int, float, float, float]]) -> Held:
    gap, work = fmean(r[2] for r in runs), fmean(r[3] for r in runs)
    drawn = work / (windows * gap)
    return Held(
        windows=windows,
        rho=rho,
        visitors=sum(r[0] for r in runs),
        ours_min=fmean(r[1] for r in runs),
        erlang_min=mean_wait(windows=windows, rho=drawn, mean_min=work),
    )


def _waits(run: _Run) -> tuple[int, float, float, float]:
    """Return how many visitors counted, their mean wait, and the means of the gaps and visits that were drawn."""
    chance = Random(f"{run.windows} {run.seed}")
    gaps = [chance.expovariate(run.rho * run.windows / MEAN_MIN) for _ in range(run.visitors)]
    work = [chance.expovariate(1 / MEAN_MIN) for _ in range(run.visitors)]
    told = waits(alike(run.windows), visitors(list(accumulate(gaps)), work))[SETTLED:]
    return len(told), fmean(told), fmean(gaps), fmean(work)
