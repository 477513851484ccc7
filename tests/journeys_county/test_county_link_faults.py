"""Whatever happens to its cable, a branch goes on, and afterwards the county has all that it wrote, line by line."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from cabled_county import CabledCounty
from county_net import Condition
from real_county import county_connection, until_county_connection
from real_hall import until

from protocol import topics
from protocol.answers import Offer, ReferralAnswer
from protocol.clients.hub_client import HubRefused, new_request_id
from protocol.county import PLAN_VALID_S
from protocol.requests import AcceptOffer, CheckInByCode, RequestOffer
from protocol.retained_messages import Board
from protocol.vocabulary import TicketState

pytestmark = pytest.mark.timeout(300)  # seven hubs start first

ONLY_TAX, ONLY_POLICE = "tax-filing", "passport"
"""Done at the main hall and at one branch alone."""
QUEUE = 25
"""So many wait for it at the main hall that the way to the branch pays."""
SLOW = Condition(delay_s=0.4, loss=0.05, bits_per_s=128_000)


def median_s(county: CabledCounty, site: str, service: str, *, count: int = 60) -> float:
    """Let visitors take numbers; return the median of the seconds that one takes."""
    seconds = []
    for _ in range(count):
        began = time.perf_counter()
        county.issue_tickets(site, service)
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds)


def offer(county: CabledCounty, service: str) -> Offer | None:
    """Request an offer at the main hall's kiosk for a service for which many wait there."""
    kiosk = county.kiosk("main-hall")
    waiting = next(s.waiting for s in kiosk.services().services if s.id == service)
    county.issue_tickets("main-hall", service, count=QUEUE - waiting)
    return kiosk.offer(RequestOffer(request_id=new_request_id("kiosk-1"), service=service)).offer


def test_what_seven_hubs_write_is_at_the_county_line_by_line(county: CabledCounty) -> None:
    for site, hall in county.halls.items():
        for service in hall.catalogue.services:
            county.issue_tickets(site, service.id)

    county.wait_until_equal()
    for site in county.sites:
        until_county_connection(
            county.halls[site], lambda now: now.tables_equal, what=f"{site} knows that its copy is equal"
        )


@pytest.fixture(scope="module")
def unheard(running_county: CabledCounty) -> Iterator[None]:
    """Cut the police branch's cable while the main hall offers it: what comes of that takes a minute and more."""
    county = running_county
    until(lambda: offer(county, ONLY_POLICE), within_s=60, what="the main hall offers the police branch")
    county.wait_until_equal("police")
    county.cut_for_long.add("police")
    county.cable("police").cut()
    yield
    county.cut_for_long.clear()


@pytest.mark.usefixtures("unheard")
def test_a_branch_without_its_cable_goes_on_and_shows_since_when_it_is_alone(county: CabledCounty) -> None:
    subscriber = county.halls["police"].subscribe(topics.board("police"))

    county.issue_tickets("police", "id-card", count=60)  # nothing reaches it from outside: it answers by itself
    board = subscriber.wait_for(topics.board("police"), Board, lambda board: board.county_away_since, within_s=60)

    assert county.differs("police") == "journal"
    assert county_connection(county.halls["police"]).away_since == board.county_away_since


def test_a_plug_pulled_again_and_again_loses_and_doubles_nothing(county: CabledCounty) -> None:
    cable = county.cable("real-estate")
    for turn in range(8):
        cable.unplug() if turn % 2 else cable.cut()
        county.issue_tickets("real-estate", "deed-tax", count=10)
        cable.plug() if turn % 2 else cable.heal()
        county.issue_tickets("real-estate", "deed-tax", count=10)

    county.wait_until_equal("real-estate")


def test_a_slow_and_lossy_cable_delays_the_copy_and_no_visitor(county: CabledCounty) -> None:
    county.cable("social-security").be(SLOW)

    assert median_s(county, "social-security", "social-card") < SLOW.delay_s, "a number waits for no letter to arrive"
    county.wait_until_equal("social-security")


def test_a_county_that_is_killed_and_is_restarted_has_lost_nothing_and_the_sites_went_on(county: CabledCounty) -> None:
    process = county.county.processes[0]
    county.issue_tickets("main-hall", "id-card", count=20)
    until(lambda: county.county.has("main-hall", 1), what="the county has entries of the main hall")
    process.kill()
    for site, service in (("main-hall", "invoice"), ("township", "invoice"), ("health", "birth-registration")):
        county.issue_tickets(site, service, count=20)

    county.county.start(process)

    county.wait_until_equal("main-hall", "township", "health")


STEPS = {
    "before the request": None,
    "once it is requested": ("main-hall", "referral_asked"),
    "once a place is held": ("tax", "place_held"),
    "once it is taken": ("main-hall", "referral_taken"),
}
"""When a cable is cut: who has just written what."""


@pytest.mark.parametrize("cut", ["main-hall", "tax"])
@pytest.mark.parametrize("step", STEPS)
def test_a_referral_cut_at_any_step_leaves_the_visitor_with_one_place(
    county: CabledCounty, step: str, cut: str
) -> None:
    found = until(lambda: offer(county, ONLY_TAX), within_s=60, what="the main hall offers the tax branch")
    before = written(county, step)

    with ThreadPoolExecutor(1) as kiosk:
        paper = kiosk.submit(accepted, county, found) if STEPS[step] else None
        until(lambda: STEPS[step] is None or written(county, step) > before, what=step)
        county.cable(cut).cut()
        answer = (paper or kiosk.submit(accepted, county, found)).result()
    county.cable(cut).heal()

    [trace] = [one for one in county.wait_until_settled("main-hall", "tax") if one.request["offer"] == found.id]
    assert trace.owners == 1
    assert (trace.taken is not None) == (answer is not None)
    if answer is not None:
        arrived = county.kiosk("tax").check_in(CheckInByCode(request_id=new_request_id("kiosk-1"), code=answer.number))
        assert (arrived.id, arrived.state) == (answer.ticket, TicketState.WAITING)
    county.wait_until_equal("main-hall", "tax")


@pytest.mark.usefixtures("unheard")
def test_after_a_minute_nobody_is_referred_to_a_silent_branch_and_once_healed_it_is_caught_up_with(
    county: CabledCounty,
) -> None:
    until(
        lambda: not offer(county, ONLY_POLICE),
        within_s=2 * PLAN_VALID_S,
        what="the silent branch is offered no more",
    )
    subscriber = county.halls["police"].subscribe(topics.board("police"), device="monitor-2")
    county.cut_for_long.clear()
    county.cable("police").heal()

    county.wait_until_equal("police")
    subscriber.wait_for(topics.board("police"), Board, lambda board: board.county_away_since is None, within_s=60)
    until(lambda: offer(county, ONLY_POLICE), within_s=60, what="it is offered again")


def accepted(county: CabledCounty, found: Offer) -> ReferralAnswer | None:
    """Accept an offer at the main hall's kiosk; None when no place could be kept."""
    try:
        return county.kiosk("main-hall").accept_offer(AcceptOffer(request_id=new_request_id("kiosk-1"), offer=found.id))
    except HubRefused:
        return None


def written(county: CabledCounty, step: str) -> int:
    """Return how many entries of the step's kind there are."""
    if STEPS[step] is None:
        return 0
    site, kind = STEPS[step]
    return len(county.journal(site).of_kind(kind))
