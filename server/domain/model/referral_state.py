"""A referral as each of its two sites has it: outgoing at the origin, a reserved place at the destination.

The origin owns the visitor's ticket until ``referral_taken`` is in its journal; from that entry on the
destination does.
"""

from __future__ import annotations

from dataclasses import dataclass

from protocol import journal as j
from protocol.answers import OtherSite
from protocol.county import OriginState
from protocol.vocabulary import Promise, SiteId, Text, TicketId

OFFER_VALID_S = 120.0
"""Validity of an offer, seconds: the time that a visitor has to decide."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownOffer:
    """Another site that was offered to a visitor."""

    fact: j.OfferMade
    made: j.Moment
    actor: str
    """Who requested it: the kiosk's id, or the hub itself for a page."""

    def expired(self, at: j.Moment) -> bool:
        """Whether it is too late to accept the offer, as it is after any restart of the machine."""
        return at.boot != self.made.boot or at.since(self.made) > OFFER_VALID_S


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantedPlace:
    """The place at the destination that a visitor has taken, with all that is printed on the paper."""

    ticket: TicketId
    """The ticket's id at the other site."""
    number: str
    people_ahead: int
    promise: Promise | None
    area: Text
    kept_min: float
    taken: j.Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingReferral:
    """A referral as its origin has it."""

    fact: j.ReferralAsked
    where: OtherSite
    promise: Promise
    """The range that the visitor accepted: from then to the call there, the travel included."""
    requested: j.Moment
    state: OriginState = OriginState.ASKED
    place: GrantedPlace | None = None
    """The place once it is taken; None before."""
    reason: str = ""
    """Reason for which the referral was given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldPlace:
    """A referral as its destination has it: the ticket numbered for it, or the reason why there is none."""

    from_site: SiteId
    ticket: TicketId | None
    from_ticket: TicketId | None = None
    reason: str = ""
