"""What-if simulation of a hall: the waits of the same visitors with a change of its windows and without it.

Both runs draw the same random numbers (common random numbers, ``queue_simulation``) for the visitors who wait now and
for those who arrive within two hours at the rate of the last one. What later visitors gain is not counted, because
their number is unknown. Where no window takes a service, its visitors are never called, and when a clerk would come
without the change is unknown. Their waits are cut off when the site closes, after one hour at the earliest (visitors
who are inside then are still called, the others have to come again) and after four at the latest, in both runs.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from statistics import fmean

from protocol.journal import Moment
from protocol.vocabulary import ServiceId, SiteId, WindowId, WindowState
from server.domain.forecast.forecast import quantile
from server.domain.forecast.queue_simulation import QueueSimulation
from server.domain.forecast.simulation_input import SimulatedWindow, SimulationInput, simulation_input
from server.domain.model.hall import Hall, HallWindow

HORIZON_S = 2 * 3600.0
"""Horizon of the comparison, seconds: visitors who arrive later are not counted."""
CUT_OFF_MAX_S = 2 * HORIZON_S
"""Latest cut-off of the waits for a service that no window takes, seconds from now."""
CUT_OFF_MIN_S = 3600.0
"""Earliest cut-off of the waits for a service that no window takes, seconds from now, however soon the site closes."""

Waits = Sequence[Sequence[Sequence[float]]]
"""Seconds waited, by sample, queue and visitor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowChange:
    """A change a manager can make: a window helps with services, opens for them, or is opened by another's clerk."""

    window: WindowId
    services: tuple[ServiceId, ...]
    opens: bool = False
    from_site: SiteId | None = None
    """Site of the clerk who opens the window; None when a clerk has to be found."""
    from_window: WindowId | None = None
    travel_min: float | None = None


class WhatIf:
    """One hall, simulated with and without changes.

    Closed windows take part as windows that call from no queue, so that opening one shifts no random numbers.
    """

    def __init__(self, hall: Hall, *, at: Moment, seed: int) -> None:
        self._at = at
        self._seed = seed
        self._hall = hall._replace(windows={w: _as_open(hall, w) for w in hall.site.windows})
        closed = [w for w in hall.site.windows if hall.window(w).state is WindowState.CLOSED]
        self._window_index = {w: i for i, w in enumerate(hall.site.windows)}
        start = simulation_input(self._hall, at=at)
        cut_off_s = min(max(start.arrivals_end_s, CUT_OFF_MIN_S), CUT_OFF_MAX_S)
        start = replace(start, arrivals_end_s=min(start.arrivals_end_s, HORIZON_S))
        self._unchanged = _without_queues(start, [self._window_index[w] for w in closed])
        taken = {q for window in self._unchanged.windows for q, _ in window.queues}
        self._cut_off_by_queue = [math.inf if q in taken else cut_off_s for q in range(len(start.queues))]

    def waits(
        self, change: WindowChange | None, samples: int, *, begins_s: float = 0.0, leaves: WindowId | None = None
    ) -> Waits:
        """Return everybody's wait, with a change that takes effect after ``begins_s`` or with None.

        The window ``leaves`` calls nobody any more.
        """
        given = self._unchanged if change is None else self._changed(change, begins_s)
        if leaves is not None:
            given = _without_queues(given, [self._window_index[leaves]])
        simulation = QueueSimulation(given)
        rngs = (Random(f"{self._seed}:{sample}") for sample in range(samples))  # noqa: S311 - no secret
        return [simulation.run_to_end(rng, cut_off_s=self._cut_off_by_queue) for rng in rngs]

    def means(self, waits: Waits) -> dict[str, float]:
        """Return the mean wait of each service in minutes, where anybody waits."""
        return {s: fmean(found) / 60 for s in self._unchanged.services if (found := self._of(waits, (s,)))}

    def p90_min(self, waits: Waits, services: Sequence[ServiceId]) -> float:
        """Return the P90 of the waits for these services in minutes; zero where nobody waits."""
        found = sorted(self._of(waits, services))
        return quantile(found, 0.9) / 60 if found else 0.0

    def visit_s(self, window: WindowId) -> float:
        """Return the mean length of the visit that is under way at a window, seconds; zero where there is none."""
        simulated = self._unchanged.windows[self._window_index[window]]
        if simulated.visit is None:
            return 0.0
        mu, sigma = simulated.times[simulated.visit.service]
        return math.exp(mu + sigma * sigma / 2)

    def _of(self, waits: Waits, services: Sequence[ServiceId]) -> list[float]:
        """Return the waits for these services, of all samples together."""
        wanted = {self._unchanged.services.index(s) for s in services}
        queues = [q for q, (service, _) in enumerate(self._unchanged.queues) if service in wanted]
        return [wait for sample in waits for q in queues for wait in sample[q]]

    def _changed(self, change: WindowChange, begins_s: float) -> SimulationInput:
        window = self._hall.window(change.window)
        helps = tuple(dict.fromkeys([*window.helps, *change.services]))
        hall = self._hall._replace(windows={**self._hall.windows, change.window: replace(window, helps=helps)})
        place = self._window_index[change.window]
        changed = simulation_input(hall, at=self._at).windows[place]
        if change.from_window is not None:
            changed = replace(changed, queues=self._queues_of(changed, change.services))
        if begins_s:
            changed = replace(changed, breaks=((0.0, begins_s), *changed.breaks))
        windows = tuple(changed if i == place else old for i, old in enumerate(self._unchanged.windows))
        return replace(self._unchanged, windows=windows)

    def _queues_of(self, window: SimulatedWindow, services: Sequence[ServiceId]) -> tuple[tuple[int, float], ...]:
        wanted = {self._unchanged.services.index(s) for s in services}
        return tuple((q, pace) for q, pace in window.queues if self._unchanged.queues[q][0] in wanted)


def saved_min(unchanged: Waits, changed: Waits) -> list[float]:
    """Return, by sample, how many minutes all visitors together wait less; negative when they wait longer."""
    return [(_total_s(u) - _total_s(c)) / 60 for u, c in zip(unchanged, changed, strict=True)]


def _total_s(sample: Sequence[Sequence[float]]) -> float:
    return sum(map(sum, sample))


def _without_queues(given: SimulationInput, places: Sequence[int]) -> SimulationInput:
    """Return the input with nobody calling at these windows any more."""
    idle: Mapping[int, SimulatedWindow] = {place: replace(given.windows[place], queues=()) for place in places}
    return replace(given, windows=tuple(idle.get(i, window) for i, window in enumerate(given.windows)))


def _as_open(hall: Hall, window: WindowId) -> HallWindow:
    """Return a window with its clerk present, whether it is open or closed now."""
    now = hall.window(window)
    return replace(now, state=WindowState.OPEN) if now.state is WindowState.CLOSED else now
