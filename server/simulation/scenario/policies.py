"""The policies that are compared: settings of the rules under which a county runs its day."""

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
    """Whether windows take all services they are certified for, without preference; else only the dedicated ones."""
    pooled: bool = False
    """``rules.pooled``: dedicated services first, then the others that the window is certified for."""
    urgent: bool = False
    """Whether the discipline knows each service's limit; else all limits are equal: first come, first served."""
    offers: OfferRule | None = None
    """Rule by which visitors are offered other sites; None: no offers."""
    advised: bool = False
    """Whether managers accept the county's proposals of help."""
    one_hall: bool = False
    """Whether all sites are one hall without travel: the bound of every policy that has to move people."""


STATUS_QUO = Policy(name="status_quo")
POOLED = Policy(name="pooled", certified=True)
BALANCED = Policy(name="balanced", pooled=True, urgent=True, offers=RULE)
DEDICATED_OFFERS = Policy(name="dedicated_offers", urgent=True, offers=RULE, advised=True)
BOUND = Policy(name="bound", certified=True, one_hall=True)

COMPARED = (STATUS_QUO, POOLED, BALANCED, BOUND)
"""Default policies of a comparison."""
POLICIES: Mapping[str, Policy] = MappingProxyType({p.name: p for p in (*COMPARED, DEDICATED_OFFERS)})
