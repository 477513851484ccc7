"""What balancing saved: every offer with what was predicted, what was decided and what came true.

A visitor who was sent is compared with the quote for staying: its middle (P50), from the moment the other site held the
place. What came true is the time from that moment to the first call there, the walk included, by the other site's own
clock. The quote is a prediction: nobody knows how long the visitor would really have waited here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from statistics import fmean

from protocol.vocabulary import Promise
from server.domain.model.learned import LATE_MIN


class VisitEnd(StrEnum):
    """What became of a visitor's number."""

    CALLED = "called"
    WAITING = "waiting"
    NOT_ARRIVED = "not_arrived"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferredVisit:
    """One visitor who went to another site. All minutes count from the moment the place there was held."""

    at: datetime
    from_site: str
    to_site: str
    service: str
    number: str
    priority: str | None
    travel_min: float
    here: Promise
    there: Promise
    end: VisitEnd
    waited_min: float | None
    """To the first call there, walk included; None when there was none."""

    @property
    def saved_min(self) -> float | None:
        """Return the minutes saved against the quote for staying; negative for who was hurt."""
        return None if self.waited_min is None else median_quote(self.here) - self.waited_min

    @property
    def worse_off(self) -> bool:
        """Whether the visitor was called later than the quote for staying."""
        return self.saved_min is not None and self.saved_min < 0

    @property
    def missed(self) -> bool:
        """Whether the call came more than ten minutes after the end of the told range."""
        return self.waited_min is not None and self.waited_min > self.there.high_min + LATE_MIN


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclinedOffer:
    """One visitor who was offered another site and stayed, with the first offer."""

    at: datetime
    site: str
    to_site: str
    service: str
    number: str
    here: Promise
    there: Promise
    end: VisitEnd
    waited_min: float | None
    """From the offer, or the number taken after it, to the first call since then; None when there was none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedProposal:
    """One proposal that a manager accepted; minutes are P90 waits of the helped services.

    Before and expected are of those who waited then and were expected within two hours; measured is of those who were
    called after the acceptance.
    """

    at: datetime
    site: str
    window: str
    services: tuple[str, ...]
    opens: bool
    before_p90_min: float
    expected_p90_min: float
    expected_saving_min: float
    from_site: str | None = None
    """Where the clerk came from who opened the window."""
    from_window: str | None = None
    served: int | None = None
    measured_p90_min: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Savings:
    """The account of a stretch of days, rows in the order things happened."""

    offers: int
    """Visitors who were offered another site, however often."""
    referred: tuple[ReferredVisit, ...]
    declined: tuple[DeclinedOffer, ...]
    failed: Mapping[str, int]
    """Accepted offers for which no place was got, by the reason."""
    unresolved: int
    """Those of whom nothing more is known: they saw no offer in time, chose anew or went away."""
    proposals: Mapping[str, int]
    """How many proposals were ``made``, ``accepted``, ``declined`` and ``expired``."""
    accepted: tuple[AcceptedProposal, ...]

    @property
    def called(self) -> tuple[ReferredVisit, ...]:
        """Those sent who have been called."""
        return tuple(s for s in self.referred if s.saved_min is not None)

    @property
    def saved_min(self) -> float:
        """Return the minutes saved by all who were sent and called, less those lost by the ones it hurt."""
        return sum(s.saved_min or 0.0 for s in self.called)

    @property
    def worse_off(self) -> tuple[ReferredVisit, ...]:
        """Those sent who were called later than their quote for staying."""
        return tuple(s for s in self.referred if s.worse_off)

    @property
    def missed(self) -> tuple[ReferredVisit, ...]:
        """Those sent whose promise was missed by more than ten minutes."""
        return tuple(s for s in self.referred if s.missed)

    @property
    def declined_waited_min(self) -> float | None:
        """Return how long those who stayed waited on average; None when none was called."""
        waits = [d.waited_min for d in self.declined if d.waited_min is not None]
        return fmean(waits) if waits else None


def median_quote(promise: Promise) -> float:
    """Return the wait that half of the visitors promised this stay under."""
    return (promise.low_min + promise.high_min) / 2 if promise.p50_min is None else promise.p50_min
