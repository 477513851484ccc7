"""A hall as a stage on which changes of windows are tried: the same visitors with a change and without it.

Both times the same chance is drawn (common random numbers, ``course``): those who wait now, and those who come within
two hours at the pace of the last one. What later visitors gain is not counted, for nobody knows how many will come.
Where no window is there to take a service, those who want it are not called at all, and nobody knows when a clerk will
come by herself: their waits count until the site closes, for an hour at least (who is inside then is still called, and
who is not has to come again), for four at most, with a change and without it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from statistics import fmean

from protocol.journal import Moment
from protocol.vocabulary import WindowState
from server.domain.forecast.forecast import quantile
from server.domain.forecast.queue_simulation import QueueSimulation
from server.domain.forecast.simulation_input import SimulatedWindow, SimulationInput, simulation_input
from server.domain.model.hall import Hall, HallWindow

FORESEEN_S = 2 * 3600.0
"""Visitors who come later than this from now are not counted."""
COUNTED_S = 2 * FORESEEN_S
"""For a service that nobody takes, waits count until this much from now, if the site is open so long;"""
COUNTED_AT_LEAST_S = 3600.0
"""and until this much from now, if it is not."""

Waits = Sequence[Sequence[Sequence[float]]]
"""Seconds waited: sample, line, visitor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowChange:
    """What a manager may be asked for: a window helps with services; opens for them; is opened by another's clerk."""

    window: str
    services: tuple[str, ...]
    opens: bool = False
    from_site: str | None = None
    """Where the clerk comes from who opens it; None for one who has to be found."""
    from_window: str | None = None
    travel_min: float | None = None


class WhatIf:
    """One hall, played with and without changes. Closed windows stand ready, so that opening one changes no chance."""

    def __init__(self, hall: Hall, *, at: Moment, seed: int) -> None:
        self._at = at
        self._seed = seed
        self._hall = replace(hall, windows={w: _opened(hall, w) for w in hall.site.windows})
        closed = [w for w in hall.site.windows if hall.window(w).state is WindowState.CLOSED]
        self._places = {w: place for place, w in enumerate(hall.site.windows)}
        begun = simulation_input(self._hall, at=at)
        untaken_s = min(max(begun.flow_ends_s, COUNTED_AT_LEAST_S), COUNTED_S)
        begun = replace(begun, flow_ends_s=min(begun.flow_ends_s, FORESEEN_S))
        self._scene = _emptied(begun, [self._places[w] for w in closed])
        taken = {line for post in self._scene.posts for line, _ in post.lanes}
        self._counted_s = [math.inf if line in taken else untaken_s for line in range(len(begun.lines))]

    def waits(
        self, change: WindowChange | None, samples: int, *, begins_s: float = 0.0, leaves: str | None = None
    ) -> Waits:
        """Return who waits how long. A change takes effect after ``begins_s``; the window ``leaves`` calls no more."""
        played = self._scene if change is None else self._changed(change, begins_s)
        if leaves is not None:
            played = _emptied(played, [self._places[leaves]])
        course = QueueSimulation(played)
        chances = (Random(f"{self._seed}:{sample}") for sample in range(samples))  # noqa: S311 - no secret
        return [course.play_out(chance, counted_s=self._counted_s) for chance in chances]

    def means(self, waits: Waits) -> dict[str, float]:
        """Return the mean wait of each service in minutes, where anybody waits."""
        return {s: fmean(found) / 60 for s in self._scene.services if (found := self._of(waits, (s,)))}

    def p90_min(self, waits: Waits, services: Sequence[str]) -> float:
        """Return how long nine of ten visitors of these services wait at most; zero where nobody waits."""
        found = sorted(self._of(waits, services))
        return quantile(found, 0.9) / 60 if found else 0.0

    def visit_s(self, window: str) -> float:
        """Return the mean length of the visit that is under way at a window; zero where nobody is."""
        post = self._scene.posts[self._places[window]]
        if post.busy is None:
            return 0.0
        mu, sigma = post.times[post.busy.service]
        return math.exp(mu + sigma * sigma / 2)

    def _of(self, waits: Waits, services: Sequence[str]) -> list[float]:
        wanted = {self._scene.services.index(s) for s in services}
        lines = [place for place, (service, _) in enumerate(self._scene.lines) if service in wanted]
        return [wait for sample in waits for line in lines for wait in sample[line]]

    def _changed(self, change: WindowChange, begins_s: float) -> SimulationInput:
        window = self._hall.window(change.window)
        helps = tuple(dict.fromkeys([*window.helps, *change.services]))
        hall = replace(self._hall, windows={**self._hall.windows, change.window: replace(window, helps=helps)})
        place = self._places[change.window]
        post = simulation_input(hall, at=self._at).posts[place]
        if change.from_window is not None:
            post = replace(post, lanes=self._lanes_of(post, change.services))
        if begins_s:
            post = replace(post, breaks=((0.0, begins_s), *post.breaks))
        return replace(self._scene, posts=tuple(post if i == place else old for i, old in enumerate(self._scene.posts)))

    def _lanes_of(self, post: SimulatedWindow, services: Sequence[str]) -> tuple[tuple[int, float], ...]:
        wanted = {self._scene.services.index(s) for s in services}
        return tuple((line, pace) for line, pace in post.lanes if self._scene.lines[line][0] in wanted)


def saved_min(usual: Waits, changed: Waits) -> list[float]:
    """Return, by sample, how many minutes all visitors together wait less; negative when they wait longer."""
    return [(_total_s(u) - _total_s(c)) / 60 for u, c in zip(usual, changed, strict=True)]


def _total_s(sample: Sequence[Sequence[float]]) -> float:
    return sum(map(sum, sample))


def _emptied(played: SimulationInput, places: Sequence[int]) -> SimulationInput:
    """Return the scene with nobody calling at these windows any more."""
    posts: Mapping[int, SimulatedWindow] = {place: replace(played.posts[place], lanes=()) for place in places}
    return replace(played, posts=tuple(posts.get(i, post) for i, post in enumerate(played.posts)))


def _opened(hall: Hall, window: str) -> HallWindow:
    """Return a window as if its clerk were there, when it is closed."""
    now = hall.window(window)
    return replace(now, state=WindowState.OPEN) if now.state is WindowState.CLOSED else now
