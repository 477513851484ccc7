"""What the county tells one site: a pure look at the picture, marked so that the same is told once."""

from __future__ import annotations

import hashlib
from collections.abc import Container, Mapping, Sequence
from datetime import datetime

from protocol.county import CountyView, Help, Leave, PlannedSite
from protocol.vocabulary import SiteId, Text, WindowId
from server.domain.model.hall import Hall
from server.domain.referrals.reconcile import referral_states


def view_for(
    site: SiteId,
    halls: Mapping[SiteId, Hall],
    *,
    plan: Sequence[PlannedSite],
    helps: Sequence[Help],
    leaves: Sequence[Leave],
    at: datetime,
    unheard: Container[SiteId] = (),
) -> CountyView:
    """Return all that a site is told now; ``unheard`` are the sites that were not heard for long."""
    hall = halls.get(site)
    view = CountyView(
        mark="",
        as_of=at,
        seq=0 if hall is None else hall.seq,
        plan=list(plan),
        referrals=referral_states(halls, site, unheard=unheard),
        helps=list(helps),
        leaves=list(leaves),
    )
    # what grows older by itself is no news
    content = view.model_dump_json(
        exclude={"mark": True, "as_of": True, "seq": True, "plan": {"__all__": {"age_s": True}}}
    )
    return view.model_copy(update={"mark": hashlib.sha256(content.encode()).hexdigest()[:32]})


def named(name: Text, hall: Hall | None, window: WindowId) -> Text:
    """Return a window of a site in words; one that is gone keeps its id."""
    known = {} if hall is None else hall.site.windows
    label = known[window].label if window in known else window
    return Text(zh=f"{name.zh} {label} 号窗口", en=f"window {label}, {name.en}")


def has_more_news(before: Hall | None, after: Hall) -> bool:
    """Whether a site's new state can change what another site is told of referrals."""
    if before is None:
        return True
    moved = after.tickets is not before.tickets and bool(after.places or after.referrals)
    return moved or after.referrals is not before.referrals or after.places is not before.places
