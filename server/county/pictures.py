"""The county's picture as the rules of balancing and the managers' pages take it."""

from __future__ import annotations

from collections.abc import Mapping

from protocol.county import possible
from server.county.picture import Seen
from server.county.settings import CountySite
from server.domain.planning import Forecasted, Picture, Place


def place(site: CountySite) -> Place:
    """Return where a site is."""
    return Place(name=site.name, address=site.address, directions=site.directions)


def picture(site: CountySite, seen: Seen, made: Forecasted | None) -> Picture | None:
    """Return one site's picture; None while nothing was ever heard of it."""
    if seen.hall is None or seen.heard is None or seen.hall.latest is None:
        return None
    clock = seen.head.hub or seen.hall.latest
    if not possible(clock.at):  # a journal that was taken before such entries were refused
        clock = seen.heard
    return Picture(place=place(site), hall=seen.hall, heard=seen.heard, clock=clock, forecasted=made)


def pictures(
    sites: Mapping[str, CountySite], seen: Mapping[str, Seen], made: Mapping[str, Forecasted]
) -> dict[str, Picture]:
    """Return the pictures of all sites that were ever heard of."""
    found = {name: picture(site, seen[name], made.get(name)) for name, site in sites.items()}
    return {name: one for name, one in found.items() if one is not None}
