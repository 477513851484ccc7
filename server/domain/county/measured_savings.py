"""Measures what balancing saved, from the journals of the sites and of the county."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from protocol import journal as j
from protocol.vocabulary import SiteId, TicketId
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
"""Kinds of facts that the account reads."""

_Kind = TypeVar("_Kind", bound=j.Fact)


@dataclass(frozen=True, slots=True)
class _SiteFact(Generic[_Kind]):
    """A fact with the site of its journal, its number there and its moment."""

    site: SiteId
    seq: int
    moment: j.Moment
    fact: _Kind


class _FactIndex:
    """The facts of all journals, indexed by offer, referral, ticket and proposal."""

    def __init__(self, journals: Mapping[SiteId, Iterable[j.Entry]]) -> None:
        self._rows: dict[type[j.Fact], list[tuple[SiteId, j.Entry]]] = defaultdict(list)
        for site, entries in journals.items():
            for entry in entries:
                self._rows[type(entry.fact)].append((site, entry))
        self.offers = {t.fact.offer: t for t in self._of_kind(j.OfferMade)}
        issued = self._of_kind(j.TicketIssued)
        self.issued = {t.fact.offer: t for t in issued if t.fact.offer is not None}
        self.numbers = {(t.site, t.fact.ticket): t.fact.number for t in issued}
        self.referrals = {t.fact.offer: t.fact for t in self._of_kind(j.ReferralAsked)}
        self.taken = {t.fact.referral: t.fact for t in self._of_kind(j.ReferralTaken)}
        self.given_up = {t.fact.referral: t.fact.reason for t in self._of_kind(j.ReferralGivenUp)}
        self.held = {t.fact.referral: t for t in self._of_kind(j.PlaceHeld)}
        self._calls: dict[tuple[SiteId, TicketId], list[_SiteFact[j.TicketCalled]]] = defaultdict(list)
        for call in self._of_kind(j.TicketCalled):
            self._calls[call.site, call.fact.ticket].append(call)
        self.ended = {(t.site, t.fact.ticket): VisitEnd.CANCELLED for t in self._of_kind(j.TicketCancelled)}
        self.ended |= {(t.site, t.fact.ticket): VisitEnd.NOT_ARRIVED for t in self._of_kind(j.TicketNotArrived)}
        self.proposals = {t.fact.proposal: t for t in self._of_kind(j.ProposalMade)}
        self.decided = {t.fact.proposal: t.fact.decision for t in self._of_kind(j.ProposalDecided)}
        self.measured = {t.fact.proposal: t.fact for t in self._of_kind(j.ProposalMeasured)}

    def first_call(self, site: SiteId, ticket: TicketId, *, after: int = 0) -> j.Moment | None:
        """Return when a ticket was first called after an entry of its site's journal."""
        return next((call.moment for call in self._calls.get((site, ticket), ()) if call.seq > after), None)

    def _of_kind(self, kind: type[_Kind]) -> list[_SiteFact[_Kind]]:
        """Return the facts of one kind, those of each site in order."""
        return [_SiteFact(s, e.seq, e.moment, e.fact) for s, e in self._rows.get(kind, ()) if isinstance(e.fact, kind)]


def measure_savings(journals: Mapping[SiteId, Iterable[j.Entry]]) -> Savings:
    """Return the account of these stretches of journals, by site; the county's own journal is one of them."""
    facts = _FactIndex(journals)
    referrals = facts.referrals.values()
    visitors = _offers_by_visitor(facts)
    stayed = [shown[0] for shown in visitors if not any(offer.fact.offer in facts.referrals for offer in shown)]
    declined = [kept for offer in stayed if (kept := _declined_offer(facts, offer)) is not None]
    decisions = Counter[str](facts.decided[p] for p in facts.proposals if p in facts.decided)
    return Savings(
        offers=len(visitors),
        referred=_in_order(row for r in referrals if (row := _referred_visit(facts, r)) is not None),
        declined=_in_order(declined),
        failed=Counter(facts.given_up[r.referral] for r in referrals if r.referral in facts.given_up),
        unresolved=len(stayed) - len(declined),
        proposals={"made": len(facts.proposals), **decisions},
        accepted=_in_order(
            _accepted_proposal(facts, made) for p, made in facts.proposals.items() if facts.decided.get(p) == "accepted"
        ),
    )


def _offers_by_visitor(facts: _FactIndex) -> list[list[_SiteFact[j.OfferMade]]]:
    """Return the offers of each visitor, oldest first: one who waits may be shown several."""
    shown: dict[tuple[SiteId, str], list[_SiteFact[j.OfferMade]]] = defaultdict(list)
    for name, offer in facts.offers.items():
        shown[offer.site, _ticket(facts, offer) or name].append(offer)
    return list(shown.values())


def _ticket(facts: _FactIndex, offer: _SiteFact[j.OfferMade]) -> TicketId | None:
    """Return the ticket that was issued here after an offer, or that the visitor had before it."""
    issued = facts.issued.get(offer.fact.offer)
    return offer.fact.ticket if issued is None else issued.fact.ticket


def _referred_visit(facts: _FactIndex, referral: j.ReferralAsked) -> ReferredVisit | None:
    """Return the row of an accepted offer whose ticket went to the other site; None when it did not."""
    taken, offer = facts.taken.get(referral.referral), facts.offers.get(referral.offer)
    if taken is None or offer is None:
        return None
    held = facts.held.get(referral.referral)
    called = facts.first_call(referral.to_site, taken.there)
    waited = None if held is None or called is None else called.since(held.moment) / 60
    return ReferredVisit(
        at=offer.moment.at,
        from_site=offer.site,
        to_site=referral.to_site,
        service=referral.service,
        number=taken.number,
        priority=referral.priority,
        travel_min=referral.travel_min,
        here=offer.fact.here,
        there=offer.fact.there,
        end=_visit_end(facts, referral.to_site, taken.there, called=called),
        waited_min=waited,
    )


def _declined_offer(facts: _FactIndex, offer: _SiteFact[j.OfferMade]) -> DeclinedOffer | None:
    """Return the row of an offer whose visitor stayed with a ticket here; None for one without a ticket."""
    made, ticket = offer.fact, _ticket(facts, offer)
    if ticket is None:
        return None
    issued = facts.issued.get(made.offer)
    called = facts.first_call(offer.site, ticket, after=offer.seq)
    since = offer.moment if issued is None else issued.moment
    return DeclinedOffer(
        at=offer.moment.at,
        site=offer.site,
        to_site=made.to_site,
        service=made.service,
        number=facts.numbers.get((offer.site, ticket), ""),
        here=made.here,
        there=made.there,
        end=_visit_end(facts, offer.site, ticket, called=called),
        waited_min=None if called is None else called.since(since) / 60,
    )


def _visit_end(facts: _FactIndex, site: SiteId, ticket: TicketId, *, called: j.Moment | None) -> VisitEnd:
    return VisitEnd.CALLED if called is not None else facts.ended.get((site, ticket), VisitEnd.WAITING)


def _accepted_proposal(facts: _FactIndex, proposal: _SiteFact[j.ProposalMade]) -> AcceptedProposal:
    made = proposal.fact
    measured = facts.measured.get(made.proposal)
    return AcceptedProposal(
        at=proposal.moment.at,
        site=made.site,
        window=made.window,
        services=made.services,
        opens=made.opens,
        from_site=made.from_site,
        from_window=made.from_window,
        before_p90_min=made.before_p90_min,
        expected_p90_min=made.after_p90_min,
        served=measured.served if measured else None,
        measured_p90_min=measured.p90_min if measured else None,
    )


_Row = TypeVar("_Row", ReferredVisit, DeclinedOffer, AcceptedProposal)


def _in_order(rows: Iterable[_Row]) -> tuple[_Row, ...]:
    return tuple(sorted(rows, key=lambda row: row.at))
