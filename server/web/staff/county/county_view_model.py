"""The county now, a row for every site: waiting visitors, state of the link, faults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from protocol.journal import Moment
from protocol.vocabulary import ServiceId, SiteId, Text, TicketState
from server.domain.county.plan import SiteState
from server.web.county_service import CheckedSite, SiteStatus
from server.web.staff.hall_figures import HallFigures, hall_figures

LOST_AFTER_S = 30.0
"""Time without contact after which a site counts as away, seconds: a hub pushes every few seconds."""


class HubLinkState(StrEnum):
    """The state of the link between a site's hub and the county."""

    THERE = "there"
    AWAY = "away"
    NEVER = "never"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteRow:
    """One site's row; None where the site was never connected. A site that is away keeps its last figures."""

    site: SiteId
    name: Text
    link: HubLinkState
    since: datetime | None
    """Time of the last contact, by the county's clock; None while the site is connected."""
    age_s: int | None
    """Time since the last contact, whole seconds."""
    figures: HallFigures | None = None
    travelling: int = 0
    p80_min: int | None = None
    """P80 wait of a new visitor for the service where it is longest, minutes."""
    p80_service: Text | None = None
    seq: int | None = None
    checked: CheckedSite | None = None
    fault: Text | None = None
    clock_trusted: bool = True


def county_view_model(sites: Mapping[SiteId, SiteStatus], *, at: Moment) -> tuple[SiteRow, ...]:
    """Return the rows of all sites; ``at`` is the county's moment."""
    return tuple(_row(site, status, at=at) for site, status in sites.items())


def _row(site: SiteId, status: SiteStatus, *, at: Moment) -> SiteRow:
    state = status.state
    if state is None:
        return SiteRow(
            site=site, name=status.place.name, link=HubLinkState.NEVER, since=None, age_s=None, fault=status.fault
        )
    hall, silent_s = state.hall, at.since(state.last_contact)
    link = _link(status, silent_s)
    now = state.now(at) if link is HubLinkState.THERE else state.clock
    worst = _worst(state)
    return SiteRow(
        site=site,
        name=status.place.name,
        link=link,
        since=state.last_contact.at if silent_s > LOST_AFTER_S else None,
        age_s=int(silent_s),
        figures=hall_figures(hall, at=now),
        travelling=sum(t.state is TicketState.TRAVELLING for t in hall.tickets.values()),
        p80_min=round(worst[1]) if worst else None,
        p80_service=hall.site.services[worst[0]].name if worst else None,
        seq=hall.seq,
        checked=status.checked,
        fault=status.fault,
        clock_trusted=status.clock_trusted,
    )


def _link(status: SiteStatus, silent_s: float) -> HubLinkState:
    if status.fault is not None and not status.accepted_since:
        return HubLinkState.REFUSED
    return HubLinkState.AWAY if silent_s > LOST_AFTER_S else HubLinkState.THERE


def _worst(state: SiteState) -> tuple[ServiceId, float] | None:
    """Return the service with the longest P80 for a visitor who comes now, and that wait."""
    waits = state.forecasted.forecast.services if state.forecasted else {}
    known = [(s, w.p80_min) for s, w in waits.items() if w is not None and s in state.hall.site.services]
    return max(known, key=lambda pair: pair[1], default=None)
