"""The few figures of a hall that both its own managers and the county's see."""

from __future__ import annotations

from dataclasses import dataclass

from protocol.journal import Moment
from protocol.vocabulary import WindowState
from server.domain.model.hall import Hall


@dataclass(frozen=True, slots=True, kw_only=True)
class HallFigures:
    """Who waits, the longest wait, and how many windows are open."""

    waiting: int
    longest_min: int | None
    """The longest wait of those who wait now, whole minutes; None while nobody waits."""
    longest_number: str | None
    longest_over_limit: bool
    """Whether the longest wait exceeds the limit of its service."""
    open_windows: int
    windows: int


def hall_figures(hall: Hall, *, at: Moment) -> HallFigures:
    """Return the figures of a hall at a moment of its own clock."""
    waiting = [ticket for queue in hall.queues.values() for ticket in queue]
    longest = max(waiting, key=lambda ticket: at.since(ticket.issued), default=None)
    longest_s = at.since(longest.issued) if longest else 0.0
    limit_s = hall.site.services[longest.service].limit_min * 60 if longest else 0.0
    return HallFigures(
        waiting=len(waiting),
        longest_min=int(longest_s // 60) if longest else None,
        longest_number=longest.number if longest else None,
        longest_over_limit=longest_s > limit_s,
        open_windows=sum(hall.window(window).state is WindowState.OPEN for window in hall.site.windows),
        windows=len(hall.site.windows),
    )
