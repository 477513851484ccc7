"""What a manager could change to save waiting: let a window help with other services, or open a closed one.

A change is judged by playing the hall on, with it and without it (``stage``). The saving is in minutes of waiting of
everybody, those who wait longer for it taken off. Advice holds until closing: advice for half an hour gains little
more, and needs so many changes that nobody follows it. Who could open a closed window is for ``moving_windows``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from protocol.journal import Moment
from protocol.vocabulary import WindowState
from server.domain.county.what_if import Waits, WhatIf, WindowChange, saved_min
from server.domain.discipline.queue_order import takes
from server.domain.model.hall import Hall

SAMPLES = 40
SCREENED = 12
"""So many changes are tried, with few samples; the best ones with all."""
TRIED = 4
MIN_SAVING_MIN = 45.0
"""Less is not worth a manager's attention."""
MIN_CONFIDENCE = 0.8
OPENING = 0.6
"""What a minute counts that is saved by opening a window: a clerk has to be found for it."""
MOVING = 0.8
"""What it counts when the clerk of another window opens it: she has to pack up and go."""
SETTLED_S = 20 * 60.0
"""Before this, a day's pace is not known: a crowd was waiting at the door."""
BUSY_MIN = 8.0
"""A service whose visitors wait less on average needs no help."""
MORE_BUSY = 1.5
"""A window helps a service that waits so many times longer than its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A change with what it is expected to do, in minutes.

    The P90 are of all the helped services' visitors in all courses: those who wait now, from when they came, and those
    who come within two hours.
    """

    change: WindowChange
    before_p90_min: float
    after_p90_min: float
    saving_min: float
    confidence: float
    """Share of the samples in which it saves."""


def propose_changes(hall: Hall, *, at: Moment, samples: int = SAMPLES, seed: int = 0) -> list[Proposal]:
    """Return the best changes, best first; none where all windows are about equally busy."""
    if not is_settled(hall, at=at):
        return []
    few = screening_samples(samples)
    stage = WhatIf(hall, at=at, seed=seed)
    usual = stage.waits(None, few)
    screened = _screened(hall, stage.means(usual))
    if not screened:
        return []
    tried = sorted(screened, key=lambda c: -weighted_saving(c, fmean(saved_min(usual, stage.waits(c, few)))))[:TRIED]
    usual = stage.waits(None, samples)
    played = ((change, stage.waits(change, samples)) for change in tried)
    return best_proposals(
        evaluate_change(stage, change, usual, waits, saved_min(usual, waits)) for change, waits in played
    )


def is_settled(hall: Hall, *, at: Moment) -> bool:
    """Whether a day is old enough for its pace to be known."""
    return hall.began is not None and at.since(hall.began) >= SETTLED_S


def screening_samples(samples: int) -> int:
    """Return with how many samples changes are screened."""
    return max(4, samples // 5)


def evaluate_change(
    stage: WhatIf, change: WindowChange, usual: Waits, changed: Waits, saved: Sequence[float]
) -> Proposal:
    """Return a change with what it does; ``saved`` are the minutes of each sample."""
    return Proposal(
        change=change,
        before_p90_min=stage.p90_min(usual, change.services),
        after_p90_min=stage.p90_min(changed, change.services),
        saving_min=fmean(saved),
        confidence=sum(s > 0 for s in saved) / len(saved),
    )


def best_proposals(found: Iterable[Proposal]) -> list[Proposal]:
    """Return those worth a manager's attention, best first."""
    worthy = (p for p in found if p.saving_min >= MIN_SAVING_MIN and p.confidence >= MIN_CONFIDENCE)
    return sorted(worthy, key=lambda p: -weighted_saving(p.change, p.saving_min))


def weighted_saving(change: WindowChange, saving_min: float) -> float:
    """Return what a saving counts beside others: the less, the more has to be done for it."""
    if not change.opens:
        return saving_min
    return saving_min * (OPENING if change.from_window is None else MOVING)


def _screened(hall: Hall, means: Mapping[str, float]) -> list[WindowChange]:
    """Return the changes worth trying, by the mean waits of services: the longest waits against the window's own."""
    changes = sorted(_possible(hall, means), key=lambda pair: -pair[0])
    return [change for _, change in changes[:SCREENED]]


def _possible(hall: Hall, means: Mapping[str, float]) -> Iterator[tuple[float, WindowChange]]:
    for described in hall.site.catalogue.windows:
        now, taken = hall.window(described.id), takes(hall, described.id)
        if now.state is WindowState.CLOSED:
            busy = [s for s in described.services if means.get(s, 0.0) >= BUSY_MIN]
            if busy and all(a.done for a in now.agreed if a.opens):
                yield max(means[s] for s in busy), WindowChange(window=described.id, services=tuple(busy), opens=True)
            continue
        own = max((means.get(s, 0.0) for s in taken.own), default=0.0)
        able = [s for s in described.skills if s not in taken.services]
        slow = [s for s in able if means.get(s, 0.0) >= max(BUSY_MIN, MORE_BUSY * own)]
        if slow:
            slowest = max(slow, key=lambda s: means[s])
            yield means[slowest] - own, WindowChange(window=described.id, services=(slowest,))
        if len(slow) > 1:
            yield fmean(means[s] for s in slow) - own, WindowChange(window=described.id, services=tuple(slow))
