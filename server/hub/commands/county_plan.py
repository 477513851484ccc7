"""The newest plan that this hub has received from the county, and its visitors' visits at other sites."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from protocol.county import PlannedSite, VisitElsewhere
from protocol.journal import Moment
from protocol.vocabulary import TicketId

VISITS_VALID_S = 60.0
"""Age up to which what is known of a visit at another site is shown, seconds; the county is polled every 10 s."""


@dataclass(frozen=True, slots=True)
class CountyPlan:
    """Waits at the other sites and the visits there, with the moment of receipt by this hub's clock."""

    sites: Sequence[PlannedSite] = ()
    received: Moment | None = None
    visits: Sequence[VisitElsewhere] = ()

    def age_s(self, at: Moment) -> float:
        """Return the age of the plan, seconds; infinite before the first one is received."""
        return float("inf") if self.received is None else at.since(self.received)

    def visit(self, place: TicketId, *, at: Moment) -> VisitElsewhere | None:
        """Return the visit of a referred visitor; None before the check-in, and when the county is out of contact."""
        known = (visit for visit in self.visits if visit.ticket == place)
        return next(known, None) if self.age_s(at) <= VISITS_VALID_S else None
