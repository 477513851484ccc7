"""A referral as each of its two sites has it: sent by the one a visitor came to, a place held by the other.

The site of origin owns the visitor's ticket until its journal says ``taken``; from that entry on the other site does.
"""

from __future__ import annotations

from dataclasses import dataclass

from protocol import journal as j
from protocol.answers import OtherSite
from protocol.county import OriginState
from protocol.vocabulary import Promise, SiteId, Text, TicketId

OFFER_VALID_S = 120.0
"""A visitor may take so long to decide."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownOffer:
    """Another site that a visitor was shown beside this one."""

    fact: j.OfferMade
    made: j.Moment

    def expired(self, at: j.Moment) -> bool:
        """Whether it is too late to accept it; so it is after a restart of the machine."""
        return at.boot != self.made.boot or at.since(self.made) > OFFER_VALID_S


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantedPlace:
    """What the other site holds for a visitor who goes: all that the paper says."""

    there: TicketId
    """The ticket's id at the other site."""
    number: str
    people_ahead: int
    promise: Promise | None
    area: Text
    kept_min: float
    taken: j.Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingReferral:
    """A referral at the site of origin."""

    fact: j.ReferralAsked
    where: OtherSite
    told: Promise
    """The range the visitor accepted: from then to the call there, the travel included."""
    asked: j.Moment
    state: OriginState = OriginState.ASKED
    answer: GrantedPlace | None = None
    """Set once it is taken."""
    reason: str = ""
    """Why it was given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldPlace:
    """A referral at the site that was asked: the ticket numbered for it, or the reason why there is none."""

    from_site: SiteId
    ticket: TicketId | None
    from_ticket: TicketId | None = None
    reason: str = ""
