"""Makes the county's view for one site: a pure function of all halls. The view has a mark that changes with it."""

from __future__ import annotations

import hashlib
from collections.abc import Container, Mapping, Sequence
from datetime import datetime

from protocol.county import CountyView, Help, Leave, PlannedSite
from protocol.text.window_names import window_name
from protocol.vocabulary import SiteId, Text, WindowId
from server.domain.model.hall import Hall
from server.domain.referrals.reconcile import referral_states
from server.domain.referrals.referred_visits import referred_visits


def view_for(
    site: SiteId,
    halls: Mapping[SiteId, Hall],
    *,
    plan: Sequence[PlannedSite],
    helps: Sequence[Help],
    leaves: Sequence[Leave],
    at: datetime,
    silent_sites: Container[SiteId] = (),
) -> CountyView:
    """Return the current view for a site; ``silent_sites`` are those that have been out of contact for long."""
    hall = halls.get(site)
    view = CountyView(
        mark="",
        as_of=at,
        seq=0 if hall is None else hall.seq,
        plan=list(plan),
        referrals=referral_states(halls, site, silent=silent_sites),
        helps=list(helps),
        leaves=list(leaves),
        visits=referred_visits(halls, site),
    )
    # ages are left out of the mark: a change of them alone must not answer the long poll
    content = view.model_dump_json(
        exclude={"mark": True, "as_of": True, "seq": True, "plan": {"__all__": {"age_s": True}}}
    )
    return view.model_copy(update={"mark": hashlib.sha256(content.encode()).hexdigest()[:32]})


def name_window(name: Text, hall: Hall | None, window: WindowId) -> Text:
    """Return the text for a window of a site; a window that is gone keeps its id."""
    known = {} if hall is None else hall.site.windows
    label = known[window].label if window in known else window
    at = window_name(label)
    return Text(zh=f"{name.zh} {at.zh}", en=f"{at.en}, {name.en}")


def has_more_news(before: Hall | None, after: Hall) -> bool:
    """Whether a site's new state can change the referrals in another site's view.

    Compares by identity: the fold keeps the mappings it does not change.
    """
    if before is None:
        return True
    moved = after.tickets is not before.tickets and bool(after.places or after.referrals)
    return moved or after.referrals is not before.referrals or after.places is not before.places
