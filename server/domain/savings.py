"""What balancing saved: every offer with what was predicted, what was decided and what came true.

A visitor who was sent is compared with the quote for staying: its middle (P50), from the moment the other site held the
place. What came true is the time from that moment to the first call there, the walk included, by the other site's own
clock. The quote is a prediction: nobody knows how long the visitor would really have waited here.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from statistics import fmean
from typing import Generic, TypeVar

from protocol import journal as j
from protocol.messages import Promise

MISSED_BY_MIN = 10.0
"""A call so long after the end of the told range breaks the promise."""

KINDS = (
    "offer_made",
    "ticket_issued",
    "referral_asked",
    "referral_taken",
    "referral_given_up",
    "place_held",
    "ticket_called",
    "ticket_cancelled",
    "ticket_not_arrived",
    "proposal_made",
    "proposal_decided",
    "proposal_measured",
)
"""The facts an account is made from."""


class End(StrEnum):
    """What became of a visitor's number."""

    CALLED = "called"
    WAITING = "waiting"
    NOT_ARRIVED = "not_arrived"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
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
    end: End
    waited_min: float | None
    """To the first call there, walk included; None when there was none."""

    @property
    def saved_min(self) -> float | None:
        """Return the minutes saved against the quote for staying; negative for who was hurt."""
        return None if self.waited_min is None else middle(self.here) - self.waited_min

    @property
    def worse_off(self) -> bool:
        """Whether the visitor was called later than the quote for staying."""
        return self.saved_min is not None and self.saved_min < 0

    @property
    def missed(self) -> bool:
        """Whether the call came more than ten minutes after the end of the told range."""
        return self.waited_min is not None and self.waited_min > self.there.high_min + MISSED_BY_MIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Declined:
    """One visitor who was offered another site and stayed."""

    at: datetime
    site: str
    to_site: str
    service: str
    number: str
    here: Promise
    there: Promise
    waited_min: float | None
    """To the first call here; None when there was none yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """One proposal that a manager accepted; minutes are P90 waits of the helped services."""

    at: datetime
    site: str
    window: str
    services: tuple[str, ...]
    opens: bool
    before_p90_min: float
    expected_p90_min: float
    expected_saving_min: float
    served: int | None = None
    measured_p90_min: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Savings:
    """The account of a stretch of days, rows in the order things happened."""

    offers: int
    sent: tuple[Sent, ...]
    declined: tuple[Declined, ...]
    came_to_nothing: Mapping[str, int]
    """Accepted offers for which no place was got, by the reason."""
    left: int
    """Offers after which no number was taken at all."""
    proposals: Mapping[str, int]
    """How many proposals were ``made``, ``accepted``, ``declined`` and ``expired``."""
    accepted: tuple[Accepted, ...]

    @property
    def judged(self) -> tuple[Sent, ...]:
        """Those sent who have been called."""
        return tuple(s for s in self.sent if s.saved_min is not None)

    @property
    def saved_min(self) -> float:
        """Return the minutes saved by all who were sent and called, less those lost by the ones it hurt."""
        return sum(s.saved_min or 0.0 for s in self.judged)

    @property
    def worse_off(self) -> tuple[Sent, ...]:
        """Those sent who were called later than their quote for staying."""
        return tuple(s for s in self.sent if s.worse_off)

    @property
    def missed(self) -> tuple[Sent, ...]:
        """Those sent whose promise was missed by more than ten minutes."""
        return tuple(s for s in self.sent if s.missed)

    @property
    def declined_waited_min(self) -> float | None:
        """Return how long those who stayed waited on average; None when none was called."""
        waits = [d.waited_min for d in self.declined if d.waited_min is not None]
        return fmean(waits) if waits else None


def middle(promise: Promise) -> float:
    """Return the wait that half of the visitors promised this stay under."""
    return (promise.low_min + promise.high_min) / 2 if promise.p50_min is None else promise.p50_min


Kind = TypeVar("Kind", bound=j.Fact)


@dataclass(frozen=True, slots=True)
class _Told(Generic[Kind]):
    """A fact with the site whose journal it is in, and when."""

    site: str
    moment: j.Moment
    fact: Kind


class _Found:
    """The facts by what they are about; of each ticket the first call."""

    def __init__(self, journals: Mapping[str, Iterable[j.Entry]]) -> None:
        self._rows: dict[type[j.Fact], list[tuple[str, j.Entry]]] = defaultdict(list)
        for site, entries in journals.items():
            for entry in entries:
                self._rows[type(entry.fact)].append((site, entry))
        self.offers = {t.fact.offer: t for t in self._all(j.OfferMade)}
        issued = self._all(j.TicketIssued)
        self.issued = {t.fact.offer: t for t in issued if t.fact.offer is not None}
        self.numbers = {(t.site, t.fact.ticket): t.fact.number for t in issued}
        self.asked = {t.fact.offer: t.fact for t in self._all(j.ReferralAsked)}
        self.taken = {t.fact.referral: t.fact for t in self._all(j.ReferralTaken)}
        self.given_up = {t.fact.referral: t.fact.reason for t in self._all(j.ReferralGivenUp)}
        self.held = {t.fact.referral: t for t in self._all(j.PlaceHeld)}
        self.called = {(t.site, t.fact.ticket): t.moment for t in reversed(self._all(j.TicketCalled))}
        self.ended = {(t.site, t.fact.ticket): End.CANCELLED for t in self._all(j.TicketCancelled)}
        self.ended |= {(t.site, t.fact.ticket): End.NOT_ARRIVED for t in self._all(j.TicketNotArrived)}
        self.made = {t.fact.proposal: t for t in self._all(j.ProposalMade)}
        self.decided = {t.fact.proposal: t.fact.decision for t in self._all(j.ProposalDecided)}
        self.measured = {t.fact.proposal: t.fact for t in self._all(j.ProposalMeasured)}

    def _all(self, kind: type[Kind]) -> list[_Told[Kind]]:
        """Return the facts of one kind, each site's in order."""
        return [_Told(s, e.moment, e.fact) for s, e in self._rows.get(kind, ()) if isinstance(e.fact, kind)]


def savings(journals: Mapping[str, Iterable[j.Entry]]) -> Savings:
    """Return the account of these stretches of journals, by site; the county's own is one of them."""
    found = _Found(journals)
    asked = found.asked.values()
    stayed = [found.offers[o] for o in found.offers if o not in found.asked]
    declined = [kept for told in stayed if (kept := _declined(found, told)) is not None]
    decisions = Counter[str](found.decided[p] for p in found.made if p in found.decided)
    return Savings(
        offers=len(found.offers),
        sent=_in_order(row for a in asked if (row := _sent(found, a)) is not None),
        declined=_in_order(declined),
        came_to_nothing=Counter(found.given_up[a.referral] for a in asked if a.referral in found.given_up),
        left=len(stayed) - len(declined),
        proposals={"made": len(found.made), **decisions},
        accepted=_in_order(
            _accepted(found, told) for p, told in found.made.items() if found.decided.get(p) == "accepted"
        ),
    )


def _sent(found: _Found, asked: j.ReferralAsked) -> Sent | None:
    """Return the row of an accepted offer for which the other site got the ticket."""
    taken, told = found.taken.get(asked.referral), found.offers.get(asked.offer)
    if taken is None or told is None:
        return None
    held = found.held.get(asked.referral)
    called = found.called.get((asked.to_site, taken.there))
    waited = None if held is None or called is None else called.since(held.moment) / 60
    return Sent(
        at=told.moment.at,
        from_site=told.site,
        to_site=asked.to_site,
        service=asked.service,
        number=taken.number,
        priority=asked.priority,
        travel_min=asked.travel_min,
        here=told.fact.here,
        there=told.fact.there,
        end=_end(found, asked.to_site, taken.there),
        waited_min=waited,
    )


def _declined(found: _Found, told: _Told[j.OfferMade]) -> Declined | None:
    """Return the row of an offer whose visitor took a number here or kept the one there was; None for who left."""
    offer, issued = told.fact, found.issued.get(told.fact.offer)
    ticket = offer.ticket if issued is None else issued.fact.ticket
    if ticket is None:
        return None
    called = found.called.get((told.site, ticket))
    since = told.moment if issued is None else issued.moment
    return Declined(
        at=told.moment.at,
        site=told.site,
        to_site=offer.to_site,
        service=offer.service,
        number=found.numbers.get((told.site, ticket), ""),
        here=offer.here,
        there=offer.there,
        waited_min=None if called is None else called.since(since) / 60,
    )


def _end(found: _Found, site: str, ticket: str) -> End:
    if (site, ticket) in found.called:
        return End.CALLED
    return found.ended.get((site, ticket), End.WAITING)


def _accepted(found: _Found, told: _Told[j.ProposalMade]) -> Accepted:
    made = told.fact
    measured = found.measured.get(made.proposal)
    return Accepted(
        at=told.moment.at,
        site=made.site,
        window=made.window,
        services=made.services,
        opens=made.opens,
        before_p90_min=made.before_p90_min,
        expected_p90_min=made.after_p90_min,
        expected_saving_min=made.saving_min,
        served=measured.served if measured else None,
        measured_p90_min=measured.p90_min if measured else None,
    )


Row = TypeVar("Row", Sent, Declined, Accepted)


def _in_order(rows: Iterable[Row]) -> tuple[Row, ...]:
    return tuple(sorted(rows, key=lambda row: row.at))
