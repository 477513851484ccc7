"""Makes the values that the county's rules and pages take, from this process's cache of the sites."""

from __future__ import annotations

from collections.abc import Mapping

from protocol.county import clock_possible
from protocol.vocabulary import SiteId
from server.county.intake.known_sites import KnownSite
from server.county.settings import CountySite
from server.domain.county.plan import SiteForecast, SiteLocation, SiteState


def site_location(site: CountySite) -> SiteLocation:
    """Return where a site is."""
    return SiteLocation(
        name=site.name, address=site.address, directions=site.directions, url=(site.public_url or "").rstrip("/")
    )


def site_state(site: CountySite, known: KnownSite, forecast: SiteForecast | None) -> SiteState | None:
    """Return one site's state; None while the county never had contact with it."""
    if known.hall is None or known.last_contact is None or known.hall.latest is None:
        return None
    clock = known.head.hub or known.hall.latest
    if not clock_possible(clock.at):  # an entry accepted before such entries were refused
        clock = known.last_contact
    return SiteState(
        place=site_location(site),
        hall=known.hall,
        last_contact=known.last_contact,
        clock=clock,
        forecasted=forecast,
    )


def site_states(
    sites: Mapping[SiteId, CountySite], known: Mapping[SiteId, KnownSite], forecasts: Mapping[SiteId, SiteForecast]
) -> dict[SiteId, SiteState]:
    """Return the states of all sites that the county ever had contact with, by site."""
    found = {name: site_state(site, known[name], forecasts.get(name)) for name, site in sites.items()}
    return {name: state for name, state in found.items() if state is not None}
