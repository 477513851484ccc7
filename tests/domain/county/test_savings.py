"""The account of savings, on a morning that was worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from protocol import journal as j
from protocol.answers import OtherSite
from protocol.vocabulary import Language, Promise, Text
from server.domain.county.measured_savings import measure_savings
from server.domain.county.savings import Savings, VisitEnd

NINE = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
ZH = Language.ZH
HERE = Promise(low_min=40, high_min=60, p50_min=44.0, p80_min=57.0, p90_min=66.0)
THERE = Promise(low_min=10, high_min=20, p50_min=12.0, p80_min=18.0, p90_min=23.0)

POLICE = OtherSite(
    site="police",
    name=Text(zh="公安分中心", en="Police centre"),
    address=Text(zh="人民路 8 号", en="8 Renmin Road"),
    travel_min=6,
)


class HandWrittenJournal:
    """A site's journal, written by hand. ``minute`` counts from nine; each site has its own monotonic clock."""

    def __init__(self, site: str, *, boot_s: float, wall_late_s: float = 0.0) -> None:
        self.site = site
        self.entries: list[j.Entry] = []
        self._boot_s = boot_s
        self._wall_late_s = wall_late_s

    def write(self, minute: float, fact: j.AnyFact) -> None:
        seconds = minute * 60
        at = NINE + timedelta(seconds=seconds + self._wall_late_s)
        moment = j.Moment(at=at, boot=self.site, mono_s=self._boot_s + seconds)
        entry = j.Entry(seq=len(self.entries) + 1, moment=moment, actor="test", request_id=None, fact=fact)
        self.entries.append(entry)

    def call(self, minute: float, ticket: str) -> None:
        self.write(minute, j.TicketCalled(ticket=ticket, window="window-1", reason="next"))


class Morning:
    """Two halls and the county; the clocks of the second are seven minutes late."""

    def __init__(self) -> None:
        self.main = HandWrittenJournal("main-hall", boot_s=1000)
        self.police = HandWrittenJournal("police", boot_s=50, wall_late_s=-420)
        self.county = HandWrittenJournal("county", boot_s=9)

    def offer(self, minute: float, offer: str, *, ticket: str | None = None) -> None:
        self.main.write(
            minute,
            j.OfferMade(
                offer=offer,
                service="id-card",
                language=ZH,
                priority=None,
                ticket=ticket,
                to_site="police",
                where=POLICE,
                here=HERE,
                there=THERE,
                travel_min=6,
                saving_min=25,
            ),
        )

    def accept(self, minute: float, offer: str) -> None:
        self.main.write(
            minute,
            j.ReferralAsked(
                referral=f"r-{offer}",
                offer=offer,
                to_site="police",
                service="id-card",
                language=ZH,
                priority=None,
                ticket=None,
                waited_s=0,
                travel_min=6,
            ),
        )

    def hold(self, minute: float, offer: str, number: str) -> None:
        self.police.write(
            minute,
            j.PlaceHeld(
                ticket=f"t-{offer}",
                referral=f"r-{offer}",
                from_site="main-hall",
                number=number,
                letter=number[0],
                count=int(number[1:]),
                service="id-card",
                language=ZH,
                priority=None,
                travel_min=6,
                waited_s=0,
                people_ahead=2,
                promise=THERE,
            ),
        )

    def take(self, minute: float, offer: str, number: str) -> None:
        self.main.write(
            minute,
            j.ReferralTaken(
                referral=f"r-{offer}",
                there=f"t-{offer}",
                number=number,
                people_ahead=2,
                promise=THERE,
                area=Text(zh="A区", en="Area A"),
                kept_min=21.0,
                print_device=None,
            ),
        )

    def refer(self, minute: float, offer: str, number: str, *, called: float | None) -> None:
        """Write a whole referral; the visitor accepts after half a minute."""
        self.offer(minute, offer)
        self.accept(minute + 0.5, offer)
        self.hold(minute + 0.5, offer, number)
        self.take(minute + 0.5, offer, number)
        if called is not None:
            self.police.call(called, f"t-{offer}")

    def issue(self, minute: float, ticket: str, *, offer: str | None = None) -> None:
        self.main.write(
            minute,
            j.TicketIssued(
                ticket=ticket,
                number="A001",
                letter="A",
                count=1,
                service="id-card",
                language=ZH,
                priority=None,
                people_ahead=9,
                promise=HERE,
                print_device=None,
                offer=offer,
            ),
        )

    def account(self) -> Savings:
        return measure_savings({journal.site: journal.entries for journal in (self.main, self.police, self.county)})


@pytest.fixture
def morning() -> Morning:
    return Morning()


def test_a_referred_visit_is_compared_with_the_quote_for_staying_by_the_other_sites_clock(morning: Morning) -> None:
    morning.refer(0, "o1", "B001", called=14.5)
    account = morning.account()
    (visit,) = account.referred
    assert (visit.number, visit.from_site, visit.to_site, visit.end) == ("B001", "main-hall", "police", VisitEnd.CALLED)
    assert visit.waited_min == pytest.approx(14)
    assert visit.saved_min == account.saved_min == pytest.approx(44 - 14)
    assert (account.offers, account.worse_off, account.missed) == (1, (), ())


def test_losses_count_against_the_sum_and_are_listed(morning: Morning) -> None:
    morning.refer(0, "o1", "B001", called=20.5)
    morning.refer(5, "o2", "B002", called=55.5)
    account = morning.account()
    assert [s.number for s in account.worse_off] == ["B002"]
    assert account.worse_off[0].saved_min == pytest.approx(44 - 50)
    assert account.saved_min == pytest.approx(24 - 6)
    assert [s.number for s in account.missed] == ["B002"], "promised 10 to 20 minutes, called after 50"


def test_a_promise_is_missed_only_past_ten_minutes_after_its_end(morning: Morning) -> None:
    morning.refer(0, "o1", "B001", called=30.5)
    morning.refer(0, "o2", "B002", called=30.6)
    assert [s.number for s in morning.account().missed] == ["B002"]


def test_a_second_call_changes_nothing(morning: Morning) -> None:
    morning.refer(0, "o1", "B001", called=14.5)
    morning.police.call(40, "t-o1")
    assert morning.account().saved_min == pytest.approx(30)


def test_who_never_arrived_or_still_waits_saves_nothing_and_is_listed(morning: Morning) -> None:
    morning.refer(0, "o1", "B001", called=None)
    morning.refer(1, "o2", "B002", called=None)
    morning.police.write(40, j.TicketNotArrived(ticket="t-o2"))
    account = morning.account()
    assert [(s.number, s.end) for s in account.referred] == [("B001", VisitEnd.WAITING), ("B002", VisitEnd.NOT_ARRIVED)]
    assert (account.called, account.saved_min) == ((), 0)


def test_a_cut_link_leaves_the_outcome_open(morning: Morning) -> None:
    morning.refer(0, "o1", "B001", called=14.5)
    found = measure_savings({"main-hall": morning.main.entries})
    assert [(s.number, s.end, s.waited_min) for s in found.referred] == [("B001", VisitEnd.WAITING, None)]


def test_a_visitor_who_declined_an_offer_is_followed_too(morning: Morning) -> None:
    morning.offer(0, "o1")
    morning.issue(1, "t1", offer="o1")
    morning.main.call(32, "t1")
    account = morning.account()
    (stayed,) = account.declined
    assert (stayed.number, stayed.here, stayed.there) == ("A001", HERE, THERE)
    assert stayed.waited_min == account.declined_waited_min == pytest.approx(31)
    assert (account.referred, account.unresolved) == ((), 0)


def test_who_is_offered_again_and_again_is_one_visitor(morning: Morning) -> None:
    morning.offer(0, "o1")
    morning.issue(1, "t1", offer="o1")
    for minute in range(2, 12):
        morning.offer(minute, f"o{minute}", ticket="t1")
    morning.main.call(32, "t1")
    account = morning.account()
    (stayed,) = account.declined
    assert (account.offers, account.unresolved, stayed.waited_min) == (1, 0, pytest.approx(31))


def test_who_goes_after_all_did_not_stay(morning: Morning) -> None:
    morning.issue(0, "t1")
    morning.offer(10, "o1", ticket="t1")
    morning.offer(12, "o2", ticket="t1")
    morning.accept(12.5, "o2")
    morning.hold(12.5, "o2", "B002")
    morning.take(12.5, "o2", "B002")
    account = morning.account()
    assert (account.offers, len(account.referred), account.declined, account.unresolved) == (1, 1, (), 0)


def test_who_kept_the_number_held_already_is_followed_from_the_offer(morning: Morning) -> None:
    morning.issue(0, "t1")
    morning.offer(10, "o1", ticket="t1")
    morning.main.call(32, "t1")
    (stayed,) = morning.account().declined
    assert stayed.waited_min == pytest.approx(22)


def test_who_was_called_before_the_offer_waited_from_it_to_the_next_call(morning: Morning) -> None:
    """The visitor missed a call and returned to the queue; only then another site was offered."""
    morning.issue(0, "t1")
    morning.main.call(10, "t1")
    morning.main.write(11, j.TicketNoShow(ticket="t1", window="window-1"))
    morning.main.write(15, j.TicketReturned(ticket="t1", behind=None))
    morning.offer(20, "o1", ticket="t1")
    (waits,) = morning.account().declined
    assert waits.waited_min is None
    morning.main.call(32, "t1")
    (stayed,) = morning.account().declined
    assert stayed.waited_min == pytest.approx(12)


def test_who_stayed_and_left_is_not_listed_as_waiting(morning: Morning) -> None:
    morning.offer(0, "o1")
    morning.issue(1, "t1", offer="o1")
    assert [s.end for s in morning.account().declined] == [VisitEnd.WAITING]
    morning.main.write(40, j.TicketCancelled(ticket="t1", reason="asked"))
    assert [s.end for s in morning.account().declined] == [VisitEnd.CANCELLED]


def test_a_visitor_without_a_ticket_is_counted(morning: Morning) -> None:
    morning.offer(0, "o1")
    account = morning.account()
    assert (account.offers, account.unresolved, account.declined) == (1, 1, ())


def test_an_accepted_offer_without_a_place_is_counted_by_its_reason(morning: Morning) -> None:
    for minute, reason in enumerate(("no_answer", "no_answer", "refused")):
        morning.offer(minute, f"o{minute}")
        morning.accept(minute, f"o{minute}")
        morning.main.write(minute + 0.1, j.ReferralGivenUp(referral=f"r-o{minute}", reason=reason))
    account = morning.account()
    assert account.failed == {"no_answer": 2, "refused": 1}
    assert (account.referred, account.declined, account.unresolved) == ((), (), 0)


def test_an_old_promise_without_quantiles_counts_by_its_middle(morning: Morning) -> None:
    morning.refer(0, "o1", "B001", called=14.5)
    (visit,) = morning.account().referred
    assert replace(visit, here=Promise(low_min=30, high_min=40)).saved_min == pytest.approx(35 - 14)


def propose(morning: Morning, minute: float, proposal: str) -> None:
    morning.county.write(
        minute,
        j.ProposalMade(
            proposal=proposal,
            site="main-hall",
            window="window-3",
            services=("id-card",),
            before_p90_min=46,
            after_p90_min=31,
            saving_min=120,
            confidence=0.9,
        ),
    )


def test_accepted_proposals_are_listed_with_before_expected_and_measured(morning: Morning) -> None:
    for minute, proposal in enumerate(("p1", "p2", "p3", "p4")):
        propose(morning, minute, proposal)
    for proposal, decision in (("p1", "accepted"), ("p2", "declined"), ("p3", "expired")):
        morning.county.write(10, j.ProposalDecided(proposal=proposal, decision=decision))
    morning.county.write(400, j.ProposalMeasured(proposal="p1", served=17, p90_min=29.5))
    account = morning.account()
    assert account.proposals == {"made": 4, "accepted": 1, "declined": 1, "expired": 1}
    (accepted,) = account.accepted
    assert (accepted.before_p90_min, accepted.expected_p90_min, accepted.measured_p90_min) == (46, 31, 29.5)
    assert accepted.served == 17
