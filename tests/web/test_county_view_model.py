from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from plain_hall import PlainHall

from protocol import journal as j
from protocol.vocabulary import Text
from server.domain.county.plan import SiteLocation, SiteState
from server.domain.model.catalogue import Catalogue
from server.web.county_service import SiteStatus
from server.web.staff.county.county_view_model import LOST_AFTER_S, HubLinkState, SiteRow, county_view_model

NAME = Text(zh="税务分中心", en="Tax")
PLACE = SiteLocation(name=NAME, address=NAME, directions=NAME)
CONTACT = j.Moment(at=datetime(2026, 3, 2, 4, 0, tzinfo=UTC), boot="county", mono_s=500.0)


def later(seconds: float) -> j.Moment:
    return j.Moment(at=CONTACT.at + timedelta(seconds=seconds), boot=CONTACT.boot, mono_s=CONTACT.mono_s + seconds)


def seen(hall: PlainHall) -> SiteStatus:
    return SiteStatus(
        place=PLACE, state=SiteState(place=PLACE, hall=hall.hall, last_contact=CONTACT, clock=hall.moment)
    )


def row(state: SiteStatus, *, after_s: float = 0) -> SiteRow:
    (found,) = county_view_model({"tax": state}, at=later(after_s))
    return found


def waiting_and_longest(shown: SiteRow) -> tuple[int, int | None]:
    assert shown.figures is not None
    return shown.figures.waiting, shown.figures.longest_min


def test_waits_grow_by_the_sites_own_clock_while_it_is_connected_and_stop_when_it_is_not(
    small_catalogue: Catalogue,
) -> None:
    hall = PlainHall(small_catalogue)
    hall.open("window-1")
    hall.issue()
    hall.wait(600)
    there, away = row(seen(hall), after_s=20), row(seen(hall), after_s=3600)
    assert (there.link, waiting_and_longest(there), there.since) == (HubLinkState.THERE, (1, 10), None)
    assert (away.link, waiting_and_longest(away), away.since) == (HubLinkState.AWAY, (1, 10), CONTACT.at)
    assert there.figures is not None
    assert (there.figures.open_windows, there.figures.windows) == (1, 3)


def test_a_site_is_away_only_after_half_a_minute(small_catalogue: Catalogue) -> None:
    state = seen(PlainHall(small_catalogue))
    assert row(state, after_s=LOST_AFTER_S).link is HubLinkState.THERE
    assert row(state, after_s=LOST_AFTER_S + 1).link is HubLinkState.AWAY


def test_a_refused_journal_is_shown_before_all_else(small_catalogue: Catalogue) -> None:
    state = replace(seen(PlainHall(small_catalogue)), fault=NAME)
    assert row(state, after_s=3600).link is HubLinkState.REFUSED
    again = row(replace(state, accepted_since=True))
    assert (again.link, again.fault) == (HubLinkState.THERE, NAME), "the refusal is still shown while the site works"
    assert row(replace(state, accepted_since=True), after_s=3600).link is HubLinkState.AWAY


def test_a_wait_over_the_services_limit_is_marked(small_catalogue: Catalogue) -> None:
    hall = PlainHall(small_catalogue)
    hall.issue()
    hall.wait(31 * 60)
    figures = row(seen(hall)).figures
    assert figures is not None
    assert figures.longest_over_limit
    assert figures.longest_min == 31


def test_a_site_that_was_never_connected_has_no_figures() -> None:
    assert row(SiteStatus(place=PLACE)) == SiteRow(
        site="tax", name=NAME, link=HubLinkState.NEVER, since=None, age_s=None
    )
