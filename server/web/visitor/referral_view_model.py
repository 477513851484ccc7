"""View models of other sites on a ticket's page: an offer while waiting, the way to a place, the check-in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from protocol.answers import Offer, OtherSite, ReferralAnswer
from protocol.county import VisitElsewhere
from protocol.text.dates import clock
from protocol.text.waits import wait_range
from protocol.vocabulary import Text, TicketId, TicketState
from server.domain.model.hall import Hall
from server.domain.model.tickets import Ticket
from server.domain.referrals import referral_destination
from server.web.visitor import visitor_text as text
from server.web.visitor.state_box import StateBox


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferBox:
    """The waits here and there, and the one button that accepts the offer."""

    id: str
    box: StateBox
    site: Text
    stay: Text
    wait_here: Text
    wait_there: Text
    lines: tuple[Text, ...]
    button: Text
    address: str
    """Address that the button posts the offer's id to."""


def offer_box(offer: Offer, *, ticket: TicketId) -> OfferBox:
    """Return an offer that is shown to a waiting visitor."""
    site = offer.site
    return OfferBox(
        id=offer.id,
        box=StateBox(kind="offer", title=text.SOONER_ELSEWHERE),
        site=site.name,
        stay=text.STAY_HERE,
        wait_here=wait_range(offer.here),
        wait_there=wait_range(offer.there),
        lines=(text.travel_included(site.travel_min), *_directions(site), text.KEPT_HERE),
        button=text.go_to_site(site.name),
        address=f"/t/{ticket}/accept-offer",
    )


def referred_box(place: ReferralAnswer, *, kept: bool) -> StateBox:
    """Return where a visitor goes whose place another site has reserved; ``kept``: there is time left to check in."""
    where = (
        place.site.name,
        text.number_there(place.number),
        *_directions(place.site),
        text.waiting_area(place.area),
    )
    if not kept:
        lines = (*where, text.IF_CHECKED_IN)
        return StateBox(kind="passed", title=text.TIME_OVER, lines=lines, large_lines=1, page_there=_page_there(place))
    lines = (*where, _check_in_before(place.kept_until, place.site.time_zone), text.CHECK_IN, text.ENDS_BY_ITSELF)
    return StateBox(kind="called", title=text.GO_HERE, lines=lines, large_lines=1)


def visit_box(place: ReferralAnswer, visit: VisitElsewhere) -> StateBox:
    """Return the state of a visitor at the other site, once checked in there."""
    kind, title, lines = _visit_there(visit, place)
    return StateBox(
        kind=kind, title=title, lines=(text.number_there(place.number), *lines), page_there=_page_there(place)
    )


def _visit_there(visit: VisitElsewhere, place: ReferralAnswer) -> tuple[str, Text, tuple[Text, ...]]:
    """Return the kind of the box, its title and what the visitor does now."""
    label = visit.window_label or "?"
    match visit.state:
        case TicketState.CALLED:
            return "called", text.go_to_window(label), (place.area,)
        case TicketState.SERVING:
            return "serving", text.served_at_window(label), ()
        case TicketState.NO_SHOW:
            return "passed", text.NO_SHOW, (text.CALLED_THERE,)
        case None:
            return "ended", text.ENDED_THERE, (text.NEW_NUMBER,)
        case _:
            return "waiting", text.CHECKED_IN, (text.waiting_area(place.area), text.WATCH_THERE)


def _page_there(place: ReferralAnswer) -> str | None:
    """Return the ticket's page at the other site, where the county's settings name its address."""
    return place.site.url + place.page if place.site.url else None


def travelling_box(ticket: Ticket, hall: Hall) -> StateBox:
    """Return what a visitor on the way here reads; the place can be cancelled once this site owns the ticket."""
    until = ticket.issued.at + timedelta(minutes=referral_destination.kept_min(hall, travel_min=ticket.travel_min))
    return StateBox(
        kind="waiting",
        title=text.ON_THE_WAY,
        lines=(_check_in_before(until, hall.site.catalogue.time_zone), text.CHECK_IN, text.NOT_COMING),
        cancel_address=f"/t/{ticket.id}/cancel" if ticket.confirmed else None,
        cancel_text=text.CANCEL_NOW,
    )


def _directions(site: OtherSite) -> list[Text]:
    return [site.address, *([site.directions] if site.directions.zh or site.directions.en else [])]


def _check_in_before(until: datetime, time_zone: str) -> Text:
    return text.check_in_before(clock(until, time_zone))
