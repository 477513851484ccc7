"""Makes the account of what balancing saved from the journals of the sites and of the county."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from protocol import journal as j
from server.domain.county.savings import AcceptedProposal, DeclinedOffer, ReferredVisit, Savings, VisitEnd

SAVINGS_KINDS = (
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

Kind = TypeVar("Kind", bound=j.Fact)


@dataclass(frozen=True, slots=True)
class _Told(Generic[Kind]):
    """A fact with the site whose journal it is in, where in it, and when."""

    site: str
    seq: int
    moment: j.Moment
    fact: Kind


class _Found:
    """The facts by what they are about."""

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
        self._calls: dict[tuple[str, str], list[_Told[j.TicketCalled]]] = defaultdict(list)
        for call in self._all(j.TicketCalled):
            self._calls[call.site, call.fact.ticket].append(call)
        self.ended = {(t.site, t.fact.ticket): VisitEnd.CANCELLED for t in self._all(j.TicketCancelled)}
        self.ended |= {(t.site, t.fact.ticket): VisitEnd.NOT_ARRIVED for t in self._all(j.TicketNotArrived)}
        self.made = {t.fact.proposal: t for t in self._all(j.ProposalMade)}
        self.decided = {t.fact.proposal: t.fact.decision for t in self._all(j.ProposalDecided)}
        self.measured = {t.fact.proposal: t.fact for t in self._all(j.ProposalMeasured)}

    def called(self, site: str, ticket: str, *, after: int = 0) -> j.Moment | None:
        """Return when a ticket was called first after an entry of its site's journal."""
        return next((call.moment for call in self._calls.get((site, ticket), ()) if call.seq > after), None)

    def _all(self, kind: type[Kind]) -> list[_Told[Kind]]:
        """Return the facts of one kind, each site's in order."""
        return [_Told(s, e.seq, e.moment, e.fact) for s, e in self._rows.get(kind, ()) if isinstance(e.fact, kind)]


def measure_savings(journals: Mapping[str, Iterable[j.Entry]]) -> Savings:
    """Return the account of these stretches of journals, by site; the county's own is one of them."""
    found = _Found(journals)
    asked = found.asked.values()
    visitors = _by_visitor(found)
    stayed = [told[0] for told in visitors if not any(t.fact.offer in found.asked for t in told)]
    declined = [kept for told in stayed if (kept := _declined(found, told)) is not None]
    decisions = Counter[str](found.decided[p] for p in found.made if p in found.decided)
    return Savings(
        offers=len(visitors),
        referred=_in_order(row for a in asked if (row := _sent(found, a)) is not None),
        declined=_in_order(declined),
        failed=Counter(found.given_up[a.referral] for a in asked if a.referral in found.given_up),
        unresolved=len(stayed) - len(declined),
        proposals={"made": len(found.made), **decisions},
        accepted=_in_order(
            _accepted(found, told) for p, told in found.made.items() if found.decided.get(p) == "accepted"
        ),
    )


def _by_visitor(found: _Found) -> list[list[_Told[j.OfferMade]]]:
    """Return the offers of each visitor; who waits is shown one again and again, and is one visitor."""
    shown: dict[tuple[str, str], list[_Told[j.OfferMade]]] = defaultdict(list)
    for offer, told in found.offers.items():
        shown[told.site, _ticket(found, told) or offer].append(told)
    return list(shown.values())


def _ticket(found: _Found, told: _Told[j.OfferMade]) -> str | None:
    """Return the ticket that was taken here after an offer, or that there was before it."""
    issued = found.issued.get(told.fact.offer)
    return told.fact.ticket if issued is None else issued.fact.ticket


def _sent(found: _Found, asked: j.ReferralAsked) -> ReferredVisit | None:
    """Return the row of an accepted offer for which the other site got the ticket."""
    taken, told = found.taken.get(asked.referral), found.offers.get(asked.offer)
    if taken is None or told is None:
        return None
    held = found.held.get(asked.referral)
    called = found.called(asked.to_site, taken.there)
    waited = None if held is None or called is None else called.since(held.moment) / 60
    return ReferredVisit(
        at=told.moment.at,
        from_site=told.site,
        to_site=asked.to_site,
        service=asked.service,
        number=taken.number,
        priority=asked.priority,
        travel_min=asked.travel_min,
        here=told.fact.here,
        there=told.fact.there,
        end=_end(found, asked.to_site, taken.there, called=called),
        waited_min=waited,
    )


def _declined(found: _Found, told: _Told[j.OfferMade]) -> DeclinedOffer | None:
    """Return the row of an offer whose visitor took a number here or kept the one there was; None for who left."""
    offer, ticket = told.fact, _ticket(found, told)
    if ticket is None:
        return None
    issued = found.issued.get(offer.offer)
    called = found.called(told.site, ticket, after=told.seq)
    since = told.moment if issued is None else issued.moment
    return DeclinedOffer(
        at=told.moment.at,
        site=told.site,
        to_site=offer.to_site,
        service=offer.service,
        number=found.numbers.get((told.site, ticket), ""),
        here=offer.here,
        there=offer.there,
        end=_end(found, told.site, ticket, called=called),
        waited_min=None if called is None else called.since(since) / 60,
    )


def _end(found: _Found, site: str, ticket: str, *, called: j.Moment | None) -> VisitEnd:
    return VisitEnd.CALLED if called is not None else found.ended.get((site, ticket), VisitEnd.WAITING)


def _accepted(found: _Found, told: _Told[j.ProposalMade]) -> AcceptedProposal:
    made = told.fact
    measured = found.measured.get(made.proposal)
    return AcceptedProposal(
        at=told.moment.at,
        site=made.site,
        window=made.window,
        services=made.services,
        opens=made.opens,
        from_site=made.from_site,
        from_window=made.from_window,
        before_p90_min=made.before_p90_min,
        expected_p90_min=made.after_p90_min,
        expected_saving_min=made.saving_min,
        served=measured.served if measured else None,
        measured_p90_min=measured.p90_min if measured else None,
    )


Row = TypeVar("Row", ReferredVisit, DeclinedOffer, AcceptedProposal)


def _in_order(rows: Iterable[Row]) -> tuple[Row, ...]:
    return tuple(sorted(rows, key=lambda row: row.at))
