"""Changes by which a manager could save waiting: let a window help with other services, or open a closed one.

A change is evaluated by simulating the hall with it and without it (``what_if``). Its saving is the sum over all
visitors in minutes, net of those who wait longer. Advice holds until closing: advice for half an hour gains little
more and needs so many changes that nobody follows it. ``clerk_relocation`` finds who could open a closed window.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from protocol.journal import Moment
from protocol.vocabulary import WindowState
from server.domain.county.what_if import Waits, WhatIf, WindowChange, saved_min
from server.domain.discipline.queue_order import services_of
from server.domain.model.hall import Hall

SAMPLES = 40
"""Simulation runs of one evaluation."""
SCREENED = 12
"""Number of candidate changes that are screened with few samples."""
EVALUATED = 4
"""Number of screened changes that are evaluated with all samples."""
MIN_SAVING_MIN = 45.0
"""Least saving that is worth a manager's attention, minutes of all visitors together."""
MIN_CONFIDENCE = 0.8
"""Least share of samples in which a change must save."""
OPENING_WEIGHT = 0.6
"""Weight of a saving by opening a window for which a clerk has to be found."""
MOVING_WEIGHT = 0.8
"""Weight of a saving by opening a window with the clerk of another one, who has to pack up and go."""
SETTLED_S = 20 * 60.0
"""Age of a business day below which its arrival rate is not estimated, seconds: the opening crowd distorts it."""
BUSY_MIN = 8.0
"""Mean wait below which a service needs no help, minutes."""
BUSY_RATIO = 1.5
"""Ratio of a service's mean wait to that of the window's own services above which the window may help it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A change with its expected effect, in minutes.

    The P90 are over all samples and all visitors of the helped services: those who wait now, counted from their issue,
    and those who arrive within two hours.
    """

    change: WindowChange
    before_p90_min: float
    after_p90_min: float
    saving_min: float
    confidence: float
    """Share of the samples in which the change saves."""


def propose_changes(hall: Hall, *, at: Moment, samples: int = SAMPLES, seed: int = 0) -> list[Proposal]:
    """Return the best changes, best first; none where all windows are about equally busy."""
    if not is_settled(hall, at=at):
        return []
    few = screening_samples(samples)
    what_if = WhatIf(hall, at=at, seed=seed)
    unchanged = what_if.waits(None, few)
    screened = _screened(hall, what_if.means(unchanged))
    if not screened:
        return []
    evaluated = sorted(screened, key=lambda c: -weighted_saving(c, fmean(saved_min(unchanged, what_if.waits(c, few)))))[
        :EVALUATED
    ]
    unchanged = what_if.waits(None, samples)
    simulated = ((change, what_if.waits(change, samples)) for change in evaluated)
    return best_proposals(
        evaluate_change(what_if, change, unchanged, waits, saved_min(unchanged, waits)) for change, waits in simulated
    )


def is_settled(hall: Hall, *, at: Moment) -> bool:
    """Whether a business day is old enough for its arrival rate to be estimated."""
    return hall.began is not None and at.since(hall.began) >= SETTLED_S


def screening_samples(samples: int) -> int:
    """Return the number of samples for screening, given that of an evaluation."""
    return max(4, samples // 5)


def evaluate_change(
    what_if: WhatIf, change: WindowChange, unchanged: Waits, changed: Waits, saved: Sequence[float]
) -> Proposal:
    """Return a change with its effect; ``saved`` are the minutes by sample."""
    return Proposal(
        change=change,
        before_p90_min=what_if.p90_min(unchanged, change.services),
        after_p90_min=what_if.p90_min(changed, change.services),
        saving_min=fmean(saved),
        confidence=sum(s > 0 for s in saved) / len(saved),
    )


def best_proposals(found: Iterable[Proposal]) -> list[Proposal]:
    """Return the proposals that are worth a manager's attention, best first."""
    worthy = (p for p in found if p.saving_min >= MIN_SAVING_MIN and p.confidence >= MIN_CONFIDENCE)
    return sorted(worthy, key=lambda p: -weighted_saving(p.change, p.saving_min))


def weighted_saving(change: WindowChange, saving_min: float) -> float:
    """Return a saving weighted by the effort: the more a manager has to do, the less it counts."""
    if not change.opens:
        return saving_min
    return saving_min * (OPENING_WEIGHT if change.from_window is None else MOVING_WEIGHT)


def _screened(hall: Hall, means: Mapping[str, float]) -> list[WindowChange]:
    """Return the most promising changes by mean waits: the longest waits against those of the window's own services."""
    changes = sorted(_possible(hall, means), key=lambda pair: -pair[0])
    return [change for _, change in changes[:SCREENED]]


def _possible(hall: Hall, means: Mapping[str, float]) -> Iterator[tuple[float, WindowChange]]:
    for window in hall.site.catalogue.windows:
        now, taken = hall.window(window.id), services_of(hall, window.id)
        if now.state is WindowState.CLOSED:
            busy = [s for s in window.services if means.get(s, 0.0) >= BUSY_MIN]
            if busy and all(a.done for a in now.agreed if a.opens):
                yield max(means[s] for s in busy), WindowChange(window=window.id, services=tuple(busy), opens=True)
            continue
        own = max((means.get(s, 0.0) for s in taken.own), default=0.0)
        able = [s for s in window.skills if s not in taken.services]
        slow = [s for s in able if means.get(s, 0.0) >= max(BUSY_MIN, BUSY_RATIO * own)]
        if slow:
            slowest = max(slow, key=lambda s: means[s])
            yield means[slowest] - own, WindowChange(window=window.id, services=(slowest,))
        if len(slow) > 1:
            yield fmean(means[s] for s in slow) - own, WindowChange(window=window.id, services=tuple(slow))
