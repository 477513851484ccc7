"""Whose clerk could open a closed window that is worth opening: somebody at a calm window here, or at a near site.

A window gives its clerk only when it is open, when it is not ``kept``, when every service it takes is taken by another
open window there, and when it is described for a busy service of the closed window (its own services or its skills);
only those services count. She must be there within the two hours that are foreseen. Then both halls are played with the
move and without it: what the one gains less what the other loses is the saving, and the share of samples in which it
gains more is the confidence.

Approximations: the window opens after the visit under way at the window she leaves, five minutes to hand over, and the
travel, all at their mean; she works as fast there as that window's clerks do, and stays until closing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from protocol.journal import Moment
from protocol.vocabulary import WindowState
from server.domain.county.advice import (
    SAMPLES,
    SCREENED,
    TRIED,
    Proposal,
    best_proposals,
    evaluate_change,
    is_settled,
    screening_samples,
)
from server.domain.county.what_if import FORESEEN_S, Waits, WhatIf, WindowChange, saved_min
from server.domain.discipline.queue_order import takes
from server.domain.model.hall import Hall

HAND_OVER_S = 5 * 60.0
"""What a clerk needs beside the way: to put her things away, and to sign in there."""
NEAREST = 8
"""Clerks of so many halls are thought of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasingSite:
    """A hall that may give a clerk, the one in need itself too."""

    site: str
    hall: Hall
    at: Moment
    travel_min: float
    kept: frozenset[str] = frozenset()
    """Windows that are not to be taken away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Move:
    change: WindowChange
    giver: _Played
    window: str
    begins_s: float
    cost_min: float
    """By this they are screened: the longest mean wait of a service that the window takes, and the travel."""


@dataclass(frozen=True, slots=True)
class _Played:
    giver: ReleasingSite
    stage: WhatIf
    here: bool
    """Whether it is the hall in need."""


def propose_relocations(
    hall: Hall,
    found: Sequence[Proposal],
    givers: Sequence[ReleasingSite],
    *,
    at: Moment,
    samples: int = SAMPLES,
    seed: int = 0,
) -> list[Proposal]:
    """Return the best moves that open a window which ``found`` would have opened, best first."""
    opened = [p.change for p in found if p.change.opens]
    if not opened:
        return []
    stage, few = WhatIf(hall, at=at, seed=seed), screening_samples(samples)
    near = sorted(givers, key=lambda g: g.travel_min)[:NEAREST]
    possible = sorted(_possible(opened, near, hall, stage, few), key=lambda m: m.cost_min)[:SCREENED]
    screened = _Judge(stage, few)
    tried = sorted(possible, key=lambda m: -screened.judged(m).saving_min)[:TRIED]
    judge = _Judge(stage, samples)
    return best_proposals(judge.judged(move) for move in tried)


class _Judge:
    """Plays the hall in need and those that give, each without any move only once."""

    def __init__(self, stage: WhatIf, samples: int) -> None:
        self._stage = stage
        self._samples = samples
        self._usual = stage.waits(None, samples)
        self._usual_there: dict[str, Waits] = {}

    def judged(self, move: _Move) -> Proposal:
        """Return a move with what it does."""
        leaves = move.window if move.giver.here else None
        changed = self._stage.waits(move.change, self._samples, begins_s=move.begins_s, leaves=leaves)
        gained = saved_min(self._usual, changed)
        if not move.giver.here:
            gained = [g - lost for g, lost in zip(gained, self._lost(move), strict=True)]
        return evaluate_change(self._stage, move.change, self._usual, changed, gained)

    def _lost(self, move: _Move) -> list[float]:
        site, stage = move.giver.giver.site, move.giver.stage
        if site not in self._usual_there:
            self._usual_there[site] = stage.waits(None, self._samples)
        without = stage.waits(None, self._samples, leaves=move.window)
        return saved_min(without, self._usual_there[site])


def _possible(
    opened: Sequence[WindowChange], givers: Sequence[ReleasingSite], hall: Hall, stage: WhatIf, few: int
) -> Iterator[_Move]:
    for giver in givers:
        here = giver.hall is hall
        free = (
            [w for w in giver.hall.site.windows if _may_leave(giver, w)] if is_settled(giver.hall, at=giver.at) else []
        )
        if not free:
            continue
        there = stage if here else WhatIf(giver.hall, at=giver.at, seed=giver.hall.seq)
        means = there.means(there.waits(None, few))
        played = _Played(giver, there, here)
        for window in free:
            described = giver.hall.site.windows[window]
            busiest = max(means.get(s, 0.0) for s in takes(giver.hall, window).services)
            begins_s = there.visit_s(window) + HAND_OVER_S + giver.travel_min * 60
            for change in opened:
                able = tuple(s for s in change.services if s in (*described.services, *described.skills))
                if able and begins_s < FORESEEN_S:
                    moved = replace(
                        change,
                        services=able,
                        from_site=giver.site,
                        from_window=window,
                        travel_min=giver.travel_min,
                    )
                    cost_min = busiest + giver.travel_min
                    yield _Move(change=moved, giver=played, window=window, begins_s=begins_s, cost_min=cost_min)


def _may_leave(giver: ReleasingSite, window: str) -> bool:
    """Whether a window is open, not kept, and no service is without an open window when its clerk goes."""
    hall = giver.hall
    others = [w for w in hall.site.windows if w != window and hall.window(w).state is WindowState.OPEN]
    taken = {s for other in others for s in takes(hall, other).services}
    is_open = hall.window(window).state is WindowState.OPEN
    return is_open and window not in giver.kept and taken.issuperset(takes(hall, window).services)
