"""Relocation of a clerk: who could open a closed window that is worth opening, from a calm window here or near by.

A window releases its clerk only when it is open, when it is not ``kept``, when every service it takes is taken by
another open window there, and when it is described (own services or skills) for a busy service of the closed window;
only those services count. The clerk must arrive within the horizon of two hours. Both halls are then simulated with the
move and without it: the saving is the gain of the one less the loss of the other, the confidence the share of samples
with a positive saving.

Approximations: the window opens after the visit under way at the window that is left, five minutes to hand over, and
the travel, all at their mean; the clerk works as fast as the clerks of the opened window, and stays until closing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from protocol.journal import Moment
from protocol.vocabulary import SiteId, WindowId, WindowState
from server.domain.county.advice import (
    EVALUATED,
    SAMPLES,
    SCREENED,
    Proposal,
    best_proposals,
    evaluate_change,
    is_settled,
    screening_samples,
)
from server.domain.county.what_if import HORIZON_S, Waits, WhatIf, WindowChange, saved_min
from server.domain.discipline.queue_order import services_of
from server.domain.model.hall import Hall

HAND_OVER_S = 5 * 60.0
"""Time a clerk needs besides the travel, to pack up and to sign on there, seconds."""
NEAREST = 8
"""Number of halls, the nearest first, whose clerks are considered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasingSite:
    """A hall that may release a clerk; the hall in need is one of them."""

    site: SiteId
    hall: Hall
    at: Moment
    travel_min: float
    kept: frozenset[str] = frozenset()
    """Windows that must keep their clerk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Move:
    change: WindowChange
    origin: _SimulatedSite
    window: WindowId
    begins_s: float
    cost_min: float
    """Screening criterion: the longest mean wait of a service that the window takes, plus the travel."""


@dataclass(frozen=True, slots=True)
class _SimulatedSite:
    releasing: ReleasingSite
    what_if: WhatIf
    in_need: bool
    """Whether it is the hall in need itself."""


def propose_relocations(
    hall: Hall,
    found: Sequence[Proposal],
    sites: Sequence[ReleasingSite],
    *,
    at: Moment,
    samples: int = SAMPLES,
    seed: int = 0,
) -> list[Proposal]:
    """Return the best moves of a clerk that open a window which a proposal in ``found`` would open, best first."""
    opened = [p.change for p in found if p.change.opens]
    if not opened:
        return []
    what_if, few = WhatIf(hall, at=at, seed=seed), screening_samples(samples)
    near = sorted(sites, key=lambda s: s.travel_min)[:NEAREST]
    possible = sorted(_possible_moves(opened, near, hall, what_if, few), key=lambda m: m.cost_min)[:SCREENED]
    screening = _Evaluation(what_if, few)
    evaluated = sorted(possible, key=lambda m: -screening.evaluate(m).saving_min)[:EVALUATED]
    evaluation = _Evaluation(what_if, samples)
    return best_proposals(evaluation.evaluate(move) for move in evaluated)


class _Evaluation:
    """Simulates the hall in need and the releasing ones; each hall without any move is simulated only once."""

    def __init__(self, what_if: WhatIf, samples: int) -> None:
        self._what_if = what_if
        self._samples = samples
        self._unchanged = what_if.waits(None, samples)
        self._unchanged_at: dict[str, Waits] = {}

    def evaluate(self, move: _Move) -> Proposal:
        leaves = move.window if move.origin.in_need else None
        changed = self._what_if.waits(move.change, self._samples, begins_s=move.begins_s, leaves=leaves)
        saved = saved_min(self._unchanged, changed)
        if not move.origin.in_need:
            saved = [gain - loss for gain, loss in zip(saved, self._loss_min(move), strict=True)]
        return evaluate_change(self._what_if, move.change, self._unchanged, changed, saved)

    def _loss_min(self, move: _Move) -> list[float]:
        site, what_if = move.origin.releasing.site, move.origin.what_if
        if site not in self._unchanged_at:
            self._unchanged_at[site] = what_if.waits(None, self._samples)
        without = what_if.waits(None, self._samples, leaves=move.window)
        return saved_min(without, self._unchanged_at[site])


def _possible_moves(
    opened: Sequence[WindowChange], sites: Sequence[ReleasingSite], hall: Hall, what_if: WhatIf, few: int
) -> Iterator[_Move]:
    for site in sites:
        free = [w for w in site.hall.site.windows if _may_leave(site, w)] if is_settled(site.hall, at=site.at) else []
        if not free:
            continue
        in_need = site.hall is hall
        there = what_if if in_need else WhatIf(site.hall, at=site.at, seed=site.hall.seq)
        means = there.means(there.waits(None, few))
        for window in free:
            busiest_min = max(means.get(s, 0.0) for s in services_of(site.hall, window).services)
            yield from _moves_from(_SimulatedSite(site, there, in_need), window, opened, busiest_min=busiest_min)


def _moves_from(
    origin: _SimulatedSite, window: WindowId, opened: Sequence[WindowChange], *, busiest_min: float
) -> Iterator[_Move]:
    """Yield the moves of one window's clerk to each window that is worth opening and can be reached in time."""
    releasing = origin.releasing
    catalogue_window = releasing.hall.site.windows[window]
    begins_s = origin.what_if.visit_s(window) + HAND_OVER_S + releasing.travel_min * 60
    for change in opened:
        able = tuple(s for s in change.services if s in (*catalogue_window.services, *catalogue_window.skills))
        if able and begins_s < HORIZON_S:
            moved = replace(
                change, services=able, from_site=releasing.site, from_window=window, travel_min=releasing.travel_min
            )
            cost_min = busiest_min + releasing.travel_min
            yield _Move(change=moved, origin=origin, window=window, begins_s=begins_s, cost_min=cost_min)


def _may_leave(releasing: ReleasingSite, window: WindowId) -> bool:
    """Whether a window is open and not kept, and each of its services keeps another open window."""
    hall = releasing.hall
    others = [w for w in hall.site.windows if w != window and hall.window(w).state is WindowState.OPEN]
    taken = {s for other in others for s in services_of(hall, other).services}
    is_open = hall.window(window).state is WindowState.OPEN
    return is_open and window not in releasing.kept and taken.issuperset(services_of(hall, window).services)
