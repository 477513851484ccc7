"""The county at this moment, a row for every site: who waits, how well the site is heard, what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from protocol.journal import Moment
from protocol.vocabulary import ServiceId, SiteId, Text, TicketState, WindowState
from server.domain.county.plan import SiteState
from server.web.county_service import CheckedSite, SiteStatus

LOST_AFTER_S = 30.0
"""A site that was not heard for so long is away: a hub that is there says so every few seconds."""


class HubLinkState(StrEnum):
    """How well a site is heard."""

    THERE = "there"
    AWAY = "away"
    NEVER = "never"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteRow:
    """One site's row; None where there is no picture. The figures of a site that is away stand still."""

    site: SiteId
    name: Text
    link: HubLinkState
    since: datetime | None
    """Since when it has not been heard, by the county's clock."""
    age_s: int | None
    waiting: int | None = None
    travelling: int = 0
    longest_min: int | None = None
    longest_over_limit: bool = False
    open_windows: int = 0
    windows: int = 0
    p80_min: int | None = None
    """What four of five new visitors would wait less than, for the service that is worst."""
    p80_service: Text | None = None
    seq: int | None = None
    checked: CheckedSite | None = None
    fault: Text | None = None
    clock_trusted: bool = True


def county_view_model(sites: Mapping[SiteId, SiteStatus], *, at: Moment) -> tuple[SiteRow, ...]:
    """Return the rows of all sites; ``at`` is the county's moment."""
    return tuple(_row(site, state, at=at) for site, state in sites.items())


def _row(site: SiteId, state: SiteStatus, *, at: Moment) -> SiteRow:
    picture = state.picture
    if picture is None:
        return SiteRow(
            site=site, name=state.place.name, link=HubLinkState.NEVER, since=None, age_s=None, fault=state.fault
        )
    hall, silent_s = picture.hall, at.since(picture.last_contact)
    link = _link(state, silent_s)
    now = picture.now(at) if link is HubLinkState.THERE else picture.clock
    waiting = [t for q in hall.queues.values() for t in q]
    longest = max(waiting, key=lambda t: now.since(t.issued), default=None)
    longest_s = now.since(longest.issued) if longest else 0.0
    limit_s = hall.site.services[longest.service].limit_min * 60 if longest else 0.0
    worst = _worst(picture)
    return SiteRow(
        site=site,
        name=state.place.name,
        link=link,
        since=picture.last_contact.at if silent_s > LOST_AFTER_S else None,
        age_s=int(silent_s),
        waiting=len(waiting),
        travelling=sum(t.state is TicketState.TRAVELLING for t in hall.tickets.values()),
        longest_min=int(longest_s // 60) if longest else None,
        longest_over_limit=longest_s > limit_s,
        open_windows=sum(hall.window(w).state is WindowState.OPEN for w in hall.site.windows),
        windows=len(hall.site.windows),
        p80_min=round(worst[1]) if worst else None,
        p80_service=hall.site.services[worst[0]].name if worst else None,
        seq=hall.seq,
        checked=state.checked,
        fault=state.fault,
        clock_trusted=state.clock_trusted,
    )


def _link(state: SiteStatus, silent_s: float) -> HubLinkState:
    if state.fault is not None and not state.heard_since:
        return HubLinkState.REFUSED
    return HubLinkState.AWAY if silent_s > LOST_AFTER_S else HubLinkState.THERE


def _worst(picture: SiteState) -> tuple[ServiceId, float] | None:
    """Return the service with the longest P80 for a visitor who comes now, and that wait."""
    waits = picture.forecasted.forecast.services if picture.forecasted else {}
    known = [(s, w.p80_min) for s, w in waits.items() if w is not None and s in picture.hall.site.services]
    return max(known, key=lambda pair: pair[1], default=None)
