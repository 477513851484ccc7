"""What became of the visitors whom a site referred: the origin's page shows it once they have checked in there."""

from __future__ import annotations

from collections.abc import Mapping

from protocol.county import VisitElsewhere
from protocol.vocabulary import SiteId, TicketState
from server.domain.model.hall import Hall
from server.domain.model.referral_state import GrantedPlace
from server.domain.model.tickets import Ticket


def referred_visits(halls: Mapping[SiteId, Hall], site: SiteId) -> list[VisitElsewhere]:
    """Return the visits of today's visitors who went from a site, as far as the other sites' halls have them."""
    hall = halls.get(site)
    visits = (
        _visit(there, referral.place)
        for name, referral in (hall.referrals if hall else {}).items()
        if referral.place and (there := halls.get(referral.fact.to_site)) and name in there.places
    )
    return [visit for visit in visits if visit is not None]


def _visit(there: Hall, place: GrantedPlace) -> VisitElsewhere | None:
    """Return a visit; None while the visitor is on the way, and when the place was given up without a check-in."""
    ticket = there.open_ticket(place.ticket)
    if ticket is None:
        return VisitElsewhere(ticket=place.ticket)
    if ticket.state is TicketState.TRAVELLING or _never_came(ticket):
        return None
    window = there.site.windows.get(ticket.window) if ticket.window else None
    return VisitElsewhere(ticket=place.ticket, state=ticket.state, window_label=window.label if window else None)


def _never_came(ticket: Ticket) -> bool:
    return ticket.state is TicketState.NO_SHOW and ticket.call_seq is None
