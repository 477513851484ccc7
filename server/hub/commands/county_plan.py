"""The newest plan that this hub has received from the county."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from protocol.county import PlannedSite
from protocol.journal import Moment


@dataclass(frozen=True, slots=True)
class CountyPlan:
    """Waits at the other sites, with the moment of receipt by this hub's clock."""

    sites: Sequence[PlannedSite] = ()
    received: Moment | None = None

    def age_s(self, at: Moment) -> float:
        """Return the age of the plan, seconds; infinite before the first one is received."""
        return float("inf") if self.received is None else at.since(self.received)
