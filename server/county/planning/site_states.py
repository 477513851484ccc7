"""The county's picture as the rules of balancing and the managers' pages take it."""

from __future__ import annotations

from collections.abc import Mapping

from protocol.county import clock_possible
from protocol.vocabulary import SiteId
from server.county.intake.known_sites import KnownSite
from server.county.settings import CountySite
from server.domain.county.plan import SiteForecast, SiteLocation, SiteState


def site_location(site: CountySite) -> SiteLocation:
    """Return where a site is."""
    return SiteLocation(name=site.name, address=site.address, directions=site.directions)


def site_state(site: CountySite, seen: KnownSite, made: SiteForecast | None) -> SiteState | None:
    """Return one site's picture; None while nothing was ever heard of it."""
    if seen.hall is None or seen.heard is None or seen.hall.latest is None:
        return None
    clock = seen.head.hub or seen.hall.latest
    if not clock_possible(clock.at):  # a journal that was taken before such entries were refused
        clock = seen.heard
    return SiteState(place=site_location(site), hall=seen.hall, last_contact=seen.heard, clock=clock, forecasted=made)


def site_states(
    sites: Mapping[SiteId, CountySite], seen: Mapping[SiteId, KnownSite], made: Mapping[SiteId, SiteForecast]
) -> dict[SiteId, SiteState]:
    """Return the pictures of all sites that were ever heard of."""
    found = {name: site_state(site, seen[name], made.get(name)) for name, site in sites.items()}
    return {name: one for name, one in found.items() if one is not None}
