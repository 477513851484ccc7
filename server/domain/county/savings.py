"""The account of what balancing saved: every offer with its prediction, its decision and its outcome.

A referred visitor's wait is compared with the quote for staying: its P50, counted from the moment the other site held
the place. The outcome is the time from that moment to the first call there, the walk included, by the other site's own
clock. The quote is a prediction: how long the visitor would really have waited here is unknown (no counterfactual).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from statistics import fmean

from protocol.vocabulary import Promise, ServiceId, SiteId, WindowId
from server.domain.model.learned import LATE_MIN


class VisitEnd(StrEnum):
    """How the visit of a ticket ended, as far as the account goes."""

    CALLED = "called"
    WAITING = "waiting"
    NOT_ARRIVED = "not_arrived"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferredVisit:
    """One visitor who was referred to another site. Minutes count from the moment the place there was held."""

    at: datetime
    from_site: SiteId
    to_site: SiteId
    service: ServiceId
    number: str
    priority: str | None
    travel_min: float
    here: Promise
    there: Promise
    end: VisitEnd
    waited_min: float | None
    """Minutes to the first call there, walk included; None without a call."""

    @property
    def saved_min(self) -> float | None:
        """Minutes saved against the quote for staying; negative for a visitor who lost by it."""
        return None if self.waited_min is None else median_quote(self.here) - self.waited_min

    @property
    def worse_off(self) -> bool:
        """Whether the visitor was called later than the quote for staying."""
        return self.saved_min is not None and self.saved_min < 0

    @property
    def missed(self) -> bool:
        """Whether the call came more than ten minutes after the end of the promised range."""
        return self.waited_min is not None and self.waited_min > self.there.high_min + LATE_MIN


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclinedOffer:
    """One visitor who was offered another site and stayed; with the first offer."""

    at: datetime
    site: SiteId
    to_site: SiteId
    service: ServiceId
    number: str
    here: Promise
    there: Promise
    end: VisitEnd
    waited_min: float | None
    """Minutes from the offer, or from the issue after it, to the first call since then; None without a call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedProposal:
    """One proposal that a manager accepted; minutes are P90 waits of the helped services.

    ``before`` and ``expected`` cover the visitors who waited then and were expected within two hours, ``measured``
    those who were called after the acceptance.
    """

    at: datetime
    site: SiteId
    window: WindowId
    services: tuple[ServiceId, ...]
    opens: bool
    before_p90_min: float
    expected_p90_min: float
    from_site: SiteId | None = None
    """Site of the clerk who opened the window."""
    from_window: WindowId | None = None
    served: int | None = None
    """Number of visitors the measurement covers."""
    measured_p90_min: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Savings:
    """The account of a stretch of days, rows in the order of time."""

    offers: int
    """Number of visitors who were offered another site, however often."""
    referred: tuple[ReferredVisit, ...]
    declined: tuple[DeclinedOffer, ...]
    failed: Mapping[str, int]
    """Number of accepted offers for which no place was held, by reason."""
    unresolved: int
    """Number of visitors without an outcome: the offer came too late, they chose anew, or they went away."""
    proposals: Mapping[str, int]
    """Number of proposals that were ``made``, ``accepted``, ``declined`` and ``expired``."""
    accepted: tuple[AcceptedProposal, ...]

    @property
    def called(self) -> tuple[ReferredVisit, ...]:
        """Referred visits with a call: those whose saving is known."""
        return tuple(s for s in self.referred if s.saved_min is not None)

    @property
    def saved_min(self) -> float:
        """Minutes saved by all referred visitors who were called, net of those lost."""
        return sum(s.saved_min or 0.0 for s in self.called)

    @property
    def worse_off(self) -> tuple[ReferredVisit, ...]:
        """Referred visits whose call came later than the quote for staying."""
        return tuple(s for s in self.referred if s.worse_off)

    @property
    def missed(self) -> tuple[ReferredVisit, ...]:
        """Referred visits whose promise was missed by more than ten minutes."""
        return tuple(s for s in self.referred if s.missed)

    @property
    def declined_waited_min(self) -> float | None:
        """Mean wait of the visitors who stayed, minutes; None when none was called."""
        waits = [d.waited_min for d in self.declined if d.waited_min is not None]
        return fmean(waits) if waits else None


def median_quote(promise: Promise) -> float:
    """Return the median of a promise in minutes; for an old one without quantiles, the middle of its range."""
    return (promise.low_min + promise.high_min) / 2 if promise.p50_min is None else promise.p50_min
