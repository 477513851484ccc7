"""Three halls and the county, with everything that can go wrong between them: each ticket has one owner, always.

Messages and pushes are lost, repeated, late and out of order; hubs are killed, machines restarted, the county restored
from an old copy; the halls' wall clocks differ by minutes; visitors are called, leave, check in, or never come; days
end at different moments. The expected owner is derived from the journals, in the order they were written: a visitor
belongs to the site that issued the number until that site has written ``taken``, and to the other site from then on.
"""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from plain_county import TRAVEL_MIN, PlainCounty, county_of, everywhere
from real_hall import SMALL_HALL

from protocol import journal as j
from protocol.county import OriginState, Referral
from protocol.settings import load_settings
from protocol.vocabulary import TicketState, WindowState
from server.domain.desk import calls, issuance
from server.domain.model.catalogue import Catalogue
from server.domain.model.refusals import NotNow, OfferGone, PlaceUnconfirmed, UnknownTicket, WindowNotOpen
from server.domain.referrals import referral_destination

SITES = ("main", "north", "south")
BASE = load_settings(Catalogue, SMALL_HALL)
SITE = st.sampled_from(SITES)
WINDOW = st.sampled_from(["window-1", "window-2"])
CHOICE = st.integers(0, 1000)
STEP = st.sampled_from([1, 2])
DELIVERED = st.integers(0, 2)
ENDS = (j.TicketFinished, j.TicketCancelled)


class CountyMachine(RuleBasedStateMachine):
    """People, hubs and links of a county."""

    @initialize()
    def begin(self) -> None:
        self.county = county_of(BASE, *SITES, late_s={"north": 240.0, "south": -180.0})
        self.wire: list[tuple[str, list[Referral]]] = []
        """Messages of the county that a hub may receive, now, later, twice or never."""
        for window in ("window-1", "window-2"):
            self.county = everywhere(self.county, lambda c, s, w=window: opened(c, s, w))  # type: ignore[misc]
        for site in SITES:
            self.county, _ = self.county.issues(site)

    def waiting(self, site: str) -> list[str]:
        return [t.id for t in self.county.halls[site].queues.get("id-card", ())]

    def papers(self) -> list[tuple[str, j.ReferralTaken]]:
        """Visitors who hold the other site's number, each with where to go."""
        requested = self.county.requested().items()
        return [(fact.to_site, paper) for r, (_, fact) in requested if (paper := self.county.paper(r)) is not None]

    # ----------------------------------------------------------------------------------------------- visitors

    @rule(site=SITE)
    def a_visitor_takes_a_number(self, site: str) -> None:
        self.county, _ = self.county.issues(site)

    @rule(site=SITE, step=STEP, delivered=DELIVERED)
    def a_visitor_accepts_an_offer_before_a_ticket(self, site: str, step: int, delivered: int) -> None:
        self.accept(site, SITES[(SITES.index(site) + step) % len(SITES)], ticket=None, delivered=delivered)

    @precondition(lambda self: any(self.waiting(site) for site in SITES))
    @rule(choice=CHOICE, step=STEP, delivered=DELIVERED)
    def a_waiting_visitor_accepts_an_offer(self, choice: int, step: int, delivered: int) -> None:
        everybody = [(site, ticket) for site in SITES for ticket in self.waiting(site)]
        site, ticket = everybody[choice % len(everybody)]
        to_site = SITES[(SITES.index(site) + step) % len(SITES)]
        open_requests = [s for s in self.county.halls[site].referrals.values() if s.state is OriginState.ASKED]
        if any(s.fact.ticket == ticket for s in open_requests):
            with pytest.raises(OfferGone):
                self.county.accepts(site, to_site, ticket=ticket)
        else:
            self.accept(site, to_site, ticket=ticket, delivered=delivered)

    def accept(self, site: str, to_site: str, *, ticket: str | None, delivered: int) -> None:
        """Accept an offer; ``delivered`` messages of the exchange arrive at once: none, the first, or both."""
        self.county, _ = self.county.accepts(site, to_site, ticket=ticket)
        for receiver in (to_site, site)[:delivered]:
            self.county = self.county.syncs(receiver)

    @precondition(lambda self: any(self.waiting(site) for site in SITES))
    @rule(choice=CHOICE)
    def a_waiting_visitor_leaves(self, choice: int) -> None:
        everybody = [(site, ticket) for site in SITES for ticket in self.waiting(site)]
        site, ticket = everybody[choice % len(everybody)]
        self.county = self.county.does(site, [issuance.cancel(self.county.halls[site], ticket=ticket)])

    @precondition(lambda self: self.papers())
    @rule(choice=CHOICE, scans=st.booleans())
    def a_visitor_with_the_paper_checks_in(self, choice: int, *, scans: bool) -> None:
        site, paper = self.papers()[-1 - choice % len(self.papers())]
        hall = self.county.halls[site]
        code = f"http://hub:8080/t/{paper.there}" if scans else paper.number.lower()
        ticket = hall.tickets.get(hall.numbers.get(paper.number, "")) if not scans else hall.tickets.get(paper.there)
        if ticket is None:
            with pytest.raises(UnknownTicket):
                referral_destination.check_in(hall, code=code)
        elif not ticket.confirmed and not scans:
            with pytest.raises(PlaceUnconfirmed):
                referral_destination.check_in(hall, code=code)
        elif ticket.referral is None or (ticket.state is TicketState.NO_SHOW and ticket.returns):
            with pytest.raises(NotNow):
                referral_destination.check_in(hall, code=code)
        else:
            self.county = self.county.does(site, referral_destination.check_in(hall, code=code))

    @rule(site=SITE, number=st.integers(1, 6))
    def a_visitor_types_a_number(self, site: str, number: int) -> None:
        hall = self.county.halls[site]
        ticket = hall.tickets.get(hall.numbers.get(f"A{number:03d}", ""))
        if ticket is not None and not ticket.confirmed:
            with pytest.raises(PlaceUnconfirmed):
                referral_destination.check_in(hall, code=ticket.number)
            with pytest.raises(PlaceUnconfirmed):
                issuance.cancel(hall, ticket=ticket.id)
            with pytest.raises((PlaceUnconfirmed, WindowNotOpen)):
                calls.call_number(hall, window="window-1", number=ticket.number, at=self.county.clocks[site])

    # ------------------------------------------------------------------------------------------------- clerks

    @rule(site=SITE, window=WINDOW)
    def a_clerk_calls(self, site: str, window: str) -> None:
        hall, at = self.county.halls[site], self.county.clocks[site]
        if hall.window(window).state is WindowState.OPEN and hall.queues.get("id-card"):
            self.county = self.county.does(site, calls.call_next(hall, window=window, at=at))

    @rule(site=SITE, window=WINDOW, came=st.booleans())
    def a_clerk_is_done(self, site: str, window: str, *, came: bool) -> None:
        hall = self.county.halls[site]
        held = hall.tickets.get(hall.window(window).ticket or "")
        if held is None:
            return
        absent = held.state is TicketState.CALLED and not came
        at = self.county.clocks[site]
        facts = calls.mark_no_show(hall, window=window, at=at) if absent else calls.finish(hall, window=window)
        self.county = self.county.does(site, facts)

    # --------------------------------------------------------------------------------------- wires and machines

    @rule(site=SITE, entries=st.integers(1, 8))
    def a_push_arrives(self, site: str, entries: int) -> None:
        self.county = self.county.pushes(site, entries=entries)

    @rule(site=SITE)
    def the_county_sends_the_states_of_referrals(self, site: str) -> None:
        self.wire = [*self.wire[-15:], (site, self.county.referral_states(site))]

    @precondition(lambda self: self.wire)
    @rule(choice=CHOICE)
    def a_hub_receives_a_message(self, choice: int) -> None:
        site, states = self.wire[-1 - choice % len(self.wire)]
        self.county = self.county.reconciles(site, states)
        assert self.county.reconciles(site, states).history == self.county.history, "a message twice changes nothing"

    @rule(first=SITE, second=SITE)
    def all_messages_arrive_for_once(self, first: str, second: str) -> None:
        for site in (first, second):
            self.county = self.county.syncs(site)

    @rule(site=SITE)
    def the_hub_is_killed_and_starts_again(self, site: str) -> None:
        self.county = self.county.restarts(site)

    @rule(site=SITE)
    def the_machine_starts_again(self, site: str) -> None:
        self.county = self.county.reboots(site)

    @rule(site=SITE)
    def the_county_is_restored_from_an_old_copy(self, site: str) -> None:
        self.county = self.county.forgets(site)

    # --------------------------------------------------------------------------------------------------- time

    @rule(seconds=st.sampled_from([0.5, 1.0, 2.0, 3.5, 60.0, 600.0, (TRAVEL_MIN + 15) * 60]))
    def time_passes(self, seconds: float) -> None:
        self.county = self.county.waits(seconds)

    @rule(site=SITE)
    def a_hub_ticks(self, site: str) -> None:
        self.county = self.county.turns_day(site).expires(site)

    @precondition(lambda self: len(self.papers()) > 1)
    @rule(site=SITE)
    def a_night_passes(self, site: str) -> None:
        """At one hub a clerk ends the day at once; the others turn it when they tick, if nobody may be left."""
        self.county = self.county.waits(24 * 3600.0).ends_day(site)
        self.county = opened(opened(self.county, site, "window-1"), site, "window-2")

    # --------------------------------------------------------------------------------------------- what holds

    @invariant()
    def every_ticket_has_exactly_one_owner(self) -> None:
        for referral, (origin, request) in self.county.requested().items():
            paper = self.county.paper(referral)
            mine = self.county.halls[origin].tickets.get(request.ticket or "")
            there = [t for t in self.county.halls[request.to_site].tickets.values() if t.referral == referral]
            if paper is None:
                assert not any(t.confirmed for t in there), "not taken: it is not the other site's"
                assert request.ticket is None or mine or self.ended(origin, request.ticket), "nothing is lost"
            else:
                assert mine is None, "taken: it is not this site's any more"
                assert [t.id for t in there if t.confirmed] in ([], [paper.there]), "nothing is owned twice"
                assert paper.there in [t.id for t in there] or self.ended(request.to_site, paper.there), (
                    "nothing is lost"
                )

    @invariant()
    def a_site_decides_once_and_takes_only_what_is_held(self) -> None:
        decided: dict[str, j.AnyFact] = {}
        held: set[str] = set()
        gone: set[str] = set()
        for _, entry in self.county.history:
            fact = entry.fact
            if isinstance(fact, j.PlaceHeld):
                held.add(fact.ticket)
            elif isinstance(fact, j.TicketCancelled):
                gone.add(fact.ticket)
            elif isinstance(fact, j.ReferralTaken | j.ReferralGivenUp):
                assert fact.referral not in decided
                decided[fact.referral] = fact
                assert isinstance(fact, j.ReferralGivenUp) or fact.there in held - gone

    @invariant()
    def a_place_that_is_only_held_is_not_called(self) -> None:
        for hall in self.county.halls.values():
            kept = [t.state for t in hall.tickets.values() if not t.confirmed]
            assert set(kept) <= {TicketState.TRAVELLING, TicketState.NO_SHOW}
            queued = [t for queue in hall.queues.values() for t in queue]
            assert all(t.state is TicketState.WAITING for t in queued)

    def ended(self, site: str, ticket: str) -> bool:
        """Whether a site has written that a ticket ended, was referred, or that a new day began after it."""
        facts = self.county.facts(site)
        began = max(place for place, fact in enumerate(facts) if isinstance(fact, j.DayStarted))
        referred = {f.referral for f in facts if isinstance(f, j.ReferralAsked) and f.ticket == ticket}
        if any(isinstance(f, j.ReferralTaken) and f.referral in referred for f in facts):
            return True
        return any(
            fact.ticket == ticket and (isinstance(fact, ENDS) or place < began)
            for place, fact in enumerate(facts)
            if isinstance(fact, j.TicketFact)
        )

    def teardown(self) -> None:
        if not hasattr(self, "county"):
            return
        self.county = everywhere(self.county, PlainCounty.turns_day)
        for _ in range(3):
            self.county = everywhere(self.county.waits(2), PlainCounty.syncs)
        self.county = everywhere(self.county, PlainCounty.pushes)
        assert self.county.settled(), "once everybody delivered everybody, both sites are done"
        self.every_ticket_has_exactly_one_owner()
        self.county = self.county.waits((TRAVEL_MIN + 16) * 60)
        self.county = everywhere(self.county, PlainCounty.expires)
        travelling = [t for h in self.county.halls.values() for t in h.tickets.values() if t.state == "travelling"]
        assert travelling == []
        self.county = everywhere(self.county.waits(24 * 3600.0), PlainCounty.ends_day)
        assert [h.tickets for h in self.county.halls.values()] == [{}] * len(SITES)
        everywhere(self.county, PlainCounty.restarts)


def opened(county: PlainCounty, site: str, window: str) -> PlainCounty:
    return county.does(site, calls.set_window(county.halls[site], window=window, state=WindowState.OPEN))


TestWhoOwnsAReferral = CountyMachine.TestCase
TestWhoOwnsAReferral.settings = settings(stateful_step_count=60)
