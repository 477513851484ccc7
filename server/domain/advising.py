"""What a manager could change to save waiting: let a window help with other services, or open a closed one.

A change is judged by playing the hall on, with it and without it, and with the same visitors both times (common random
numbers, ``course``): those who wait now, and those who come within two hours at the pace of the last one. What later
visitors gain is not counted, for nobody knows how many will come. The saving is in minutes of waiting of everybody,
those who wait longer for it taken off. Advice holds until closing: advice for half an hour gains little more, and needs
so many changes that nobody follows it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from statistics import fmean

from protocol.journal import Moment
from protocol.messages import WindowState
from server.domain.course import Course
from server.domain.discipline import takes
from server.domain.forecast import quantile
from server.domain.hall import Hall, Window
from server.domain.scene import Post, Scene, scene

SAMPLES = 40
SCREENED = 12
"""So many changes are tried, with few samples; the best ones with all."""
TRIED = 4
MIN_SAVING_MIN = 45.0
"""Less is not worth a manager's attention."""
MIN_CONFIDENCE = 0.8
OPENING = 0.6
"""What a minute counts that is saved by opening a window: a clerk has to be found for it."""
FORESEEN_S = 2 * 3600.0
"""Visitors who come later than this from now are not counted."""
SETTLED_S = 20 * 60.0
"""Before this, a day's pace is not known: a crowd was waiting at the door."""
BUSY_MIN = 8.0
"""A service whose visitors wait less on average needs no help."""
MORE_BUSY = 1.5
"""A window helps a service that waits so many times longer than its own."""

Waits = Sequence[Sequence[Sequence[float]]]
"""Seconds waited: sample, line, visitor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a manager may be asked for."""

    window: str
    services: tuple[str, ...]
    opens: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A change with what it is expected to do. Minutes; P90 is of the helped services' visitors."""

    change: Change
    before_p90_min: float
    after_p90_min: float
    saving_min: float
    confidence: float
    """Share of the samples in which it saves."""


def proposals(hall: Hall, *, at: Moment, samples: int = SAMPLES, seed: int = 0) -> list[Proposal]:
    """Return the best changes, best first; none where all windows are about equally busy."""
    if hall.began is None or at.since(hall.began) < SETTLED_S:
        return []
    few = max(4, samples // 5)
    stage = _Stage(hall, at=at, seed=seed)
    usual = stage.waits(None, few)
    screened = _screened(hall, stage.means(usual))
    if not screened:
        return []
    tried = sorted(screened, key=lambda c: -_worth(c, _saving_min(usual, stage.waits(c, few))))[:TRIED]
    usual = stage.waits(None, samples)
    judged = [stage.judged(change, usual, stage.waits(change, samples)) for change in tried]
    worthy = [p for p in judged if p.saving_min >= MIN_SAVING_MIN and p.confidence >= MIN_CONFIDENCE]
    return sorted(worthy, key=lambda p: -_worth(p.change, p.saving_min))


class _Stage:
    """One hall, played with and without changes. Closed windows stand ready, so that opening one changes no chance."""

    def __init__(self, hall: Hall, *, at: Moment, seed: int) -> None:
        self._at = at
        self._seed = seed
        self._hall = replace(hall, windows={w: _opened(hall, w) for w in hall.offer.windows})
        self._closed = {w for w in hall.offer.windows if hall.window(w).state is WindowState.CLOSED}
        begun = scene(self._hall, at=at)
        begun = replace(begun, flow_ends_s=min(begun.flow_ends_s, FORESEEN_S))
        self._scene = self._empty_where_closed(begun)

    def waits(self, change: Change | None, samples: int) -> Waits:
        """Return who waits how long."""
        course = Course(self._scene if change is None else self._changed(change))
        return [course.play_out(Random(f"{self._seed}:{sample}")) for sample in range(samples)]  # noqa: S311

    def means(self, waits: Waits) -> dict[str, float]:
        """Return the mean wait of each service in minutes, where anybody waits."""
        return {s: fmean(found) / 60 for s in self._scene.services if (found := self._of(waits, (s,)))}

    def judged(self, change: Change, usual: Waits, changed: Waits) -> Proposal:
        """Return a change with what it does."""
        before, after = sorted(self._of(usual, change.services)), sorted(self._of(changed, change.services))
        saved = [_total_s(u) - _total_s(c) for u, c in zip(usual, changed, strict=True)]
        return Proposal(
            change=change,
            before_p90_min=quantile(before, 0.9) / 60 if before else 0.0,
            after_p90_min=quantile(after, 0.9) / 60 if after else 0.0,
            saving_min=fmean(saved) / 60,
            confidence=sum(s > 0 for s in saved) / len(saved),
        )

    def _of(self, waits: Waits, services: Sequence[str]) -> list[float]:
        wanted = {self._scene.services.index(s) for s in services}
        lines = [place for place, (service, _) in enumerate(self._scene.lines) if service in wanted]
        return [wait for sample in waits for line in lines for wait in sample[line]]

    def _changed(self, change: Change) -> Scene:
        window = self._hall.window(change.window)
        helps = tuple(dict.fromkeys([*window.helps, *change.services]))
        hall = replace(self._hall, windows={**self._hall.windows, change.window: replace(window, helps=helps)})
        place = list(self._hall.offer.windows).index(change.window)
        post = scene(hall, at=self._at).posts[place]
        posts = [post if i == place else old for i, old in enumerate(self._scene.posts)]
        return replace(self._scene, posts=tuple(posts))

    def _empty_where_closed(self, opened: Scene) -> Scene:
        """Return the scene with nobody calling at the windows that are closed."""

        def post(window: str, found: Post) -> Post:
            return replace(found, lanes=()) if window in self._closed else found

        return replace(opened, posts=tuple(map(post, self._hall.offer.windows, opened.posts)))


def _screened(hall: Hall, means: Mapping[str, float]) -> list[Change]:
    """Return the changes worth trying, by the mean waits of services: the longest waits against the window's own."""
    changes = sorted(_possible(hall, means), key=lambda pair: -pair[0])
    return [change for _, change in changes[:SCREENED]]


def _possible(hall: Hall, means: Mapping[str, float]) -> Iterator[tuple[float, Change]]:
    for described in hall.offer.catalogue.windows:
        now, taken = hall.window(described.id), takes(hall, described.id)
        if now.state is WindowState.CLOSED:
            busy = [s for s in described.services if means.get(s, 0.0) >= BUSY_MIN]
            if busy:
                yield max(means[s] for s in busy), Change(window=described.id, services=tuple(busy), opens=True)
            continue
        own = max((means.get(s, 0.0) for s in taken.own), default=0.0)
        able = [s for s in described.skills if s not in taken.services]
        slow = [s for s in able if means.get(s, 0.0) >= max(BUSY_MIN, MORE_BUSY * own)]
        if slow:
            slowest = max(slow, key=lambda s: means[s])
            yield means[slowest] - own, Change(window=described.id, services=(slowest,))
        if len(slow) > 1:
            yield fmean(means[s] for s in slow) - own, Change(window=described.id, services=tuple(slow))


def _worth(change: Change, saving_min: float) -> float:
    return saving_min * OPENING if change.opens else saving_min


def _saving_min(usual: Waits, changed: Waits) -> float:
    return fmean(_total_s(u) - _total_s(c) for u, c in zip(usual, changed, strict=True)) / 60


def _total_s(sample: Sequence[Sequence[float]]) -> float:
    return sum(map(sum, sample))


def _opened(hall: Hall, window: str) -> Window:
    """Return a window as if its clerk were there, when it is closed."""
    now = hall.window(window)
    return replace(now, state=WindowState.OPEN) if now.state is WindowState.CLOSED else now
