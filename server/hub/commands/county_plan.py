"""The county's newest plan, as this hub has it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from protocol.county import PlannedSite
from protocol.journal import Moment


@dataclass(frozen=True, slots=True)
class CountyPlan:
    """The other sites with their waits, and when they were received by this hub's clock."""

    sites: Sequence[PlannedSite] = ()
    received: Moment | None = None

    def age_s(self, at: Moment) -> float:
        """Return how long ago it was received, seconds; infinite before the first."""
        return float("inf") if self.received is None else at.since(self.received)
