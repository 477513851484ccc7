"""The ways to run a county that are compared, told in the words of the rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from server.domain.referrals.best_offer import RULE, OfferRule


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One way to run the county's day."""

    name: str
    certified: bool = False
    """Windows take all they are certified for, none of it before the rest; else what they are dedicated to."""
    pooled: bool = False
    """``rules.pooled``: dedicated services first, then the others the window is certified for."""
    urgent: bool = False
    """The discipline knows each service's limit; else all are alike, and who came first goes first."""
    offers: OfferRule | None = None
    """Visitors are offered other sites by this rule."""
    advised: bool = False
    """Managers accept what the county proposes: which window is to help with what."""
    one_hall: bool = False
    """All sites are one hall without travel: nothing that must move people can do better."""


STATUS_QUO = Policy(name="status_quo")
POOLED = Policy(name="pooled", certified=True)
BALANCED = Policy(name="balanced", pooled=True, urgent=True, offers=RULE)
DEDICATED_OFFERS = Policy(name="dedicated_offers", urgent=True, offers=RULE, advised=True)
BOUND = Policy(name="bound", certified=True, one_hall=True)

COMPARED = (STATUS_QUO, POOLED, BALANCED, BOUND)
"""Those that are run when none is named."""
POLICIES: Mapping[str, Policy] = MappingProxyType({p.name: p for p in (*COMPARED, DEDICATED_OFFERS)})
