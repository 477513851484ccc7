"""What balancing saved, read from the county's journals on either database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from plain_hall import MORNING
from plain_hub import PlainHub

from protocol import journal as j
from protocol.answers import OtherSite
from protocol.vocabulary import Language, Promise, Text
from server.county.intake.inbox import CountyInbox
from server.county.intake.known_sites import KnownSites
from server.domain.county.measured_savings import measure_savings as whole
from server.domain.county.proposal_book import COUNTY
from server.domain.county.savings import Savings, VisitEnd
from server.domain.model.catalogue import Catalogue
from server.domain.referrals import reconcile, referral_destination, referral_origin
from server.runtime.clock import Clock
from server.store.county_database import open_county
from server.store.county_store import CountyStore
from server.store.queries.savings_query import SavingsQuery

SITES = ["main-hall", "police", "tax", "health", "water"]
ZONE = "Asia/Shanghai"
MONDAY = date(2026, 3, 2)
HERE, THERE = Promise(low_min=40, high_min=50, p50_min=44.0), Promise(low_min=10, high_min=20, p50_min=12.0)
NAME = Text(zh="厅", en="hall")


class Archive:
    """A county's store into which journals are put by hand."""

    def __init__(self, address: str) -> None:
        clock = Clock()
        self.store = CountyStore(open_county(address))
        self.store.prepare([*SITES, COUNTY])
        known = KnownSites(self.store, SITES, clock=clock, on_change=lambda *_: None)
        self.inbox = CountyInbox(self.store, known, clock=clock)
        self.account = SavingsQuery(self.store.reader, county=COUNTY)

    def take(self, *hubs: PlainHub) -> None:
        for hub in hubs:
            self.inbox.accept(hub.site, hub.push())

    def between(self, first: date, last: date) -> Savings:
        return self.account.between(first, last, time_zone=ZONE)


@pytest.fixture
def archive(database: str, tmp_path: Path) -> Iterator[Archive]:
    archive = Archive(database or f"sqlite:///{tmp_path / 'county.sqlite'}")
    yield archive
    archive.store.close()


def offer(name: str, *, ticket: str | None = None, to_site: str = "police") -> j.OfferMade:
    return j.OfferMade(
        offer=name,
        service="id-card",
        language=Language.ZH,
        priority=None,
        ticket=ticket,
        to_site=to_site,
        where=OtherSite(site=to_site, name=NAME, address=NAME, travel_min=6),
        here=HERE,
        there=THERE,
        travel_min=6,
        saving_min=26,
    )


def stay(hub: PlainHub, name: str, *, minutes: float) -> None:
    """A visitor turns an offer down and is called after so many minutes."""
    hub.do([offer(name)])
    hub.issue(offer=name)
    hub.wait(minutes * 60)
    hub.call_next("window-2")


def propose(at: j.Moment) -> j.ProposalMade:
    return j.ProposalMade(
        proposal=f"p-{at.at:%d}",
        site="main-hall",
        window="window-3",
        services=("id-card",),
        before_p90_min=46,
        after_p90_min=31,
        saving_min=120,
        confidence=0.9,
    )


def test_only_the_requested_days_are_read_and_the_countys_own_journal_with_them(
    archive: Archive, small_catalogue: Catalogue
) -> None:
    main, police = (PlainHub(small_catalogue, site, at=MORNING) for site in ("main-hall", "police"))
    for day, minutes in enumerate((30, 50)):
        main.open()
        stay(main, f"o{day}", minutes=minutes)
        with archive.store.transaction(COUNTY) as transaction:
            made = propose(main.moment)
            decided = j.ProposalDecided(proposal=made.proposal, decision="accepted")
            transaction.append_facts([made, decided], moment=main.moment, actor="county")
        main.wait(24 * 3600 - minutes * 60)
        main.turn_day()
    archive.take(main, police)
    tuesday = MONDAY + timedelta(days=1)
    for first, last, waits in (
        (MONDAY, MONDAY, [30]),
        (tuesday, tuesday, [50]),
        (MONDAY, tuesday, [30, 50]),
        (tuesday + timedelta(days=1), tuesday + timedelta(days=7), []),
    ):
        account = archive.between(first, last)
        assert [d.waited_min for d in account.declined] == [pytest.approx(w) for w in waits]
        assert account.offers == len(waits)
        assert len(account.accepted) == account.proposals["made"] == len(waits)


def test_a_day_that_a_wrong_clock_put_into_the_future_takes_nothing_from_the_days_after_it(
    archive: Archive, small_catalogue: Catalogue
) -> None:
    begin = MONDAY + timedelta(days=120)
    main = PlainHub(small_catalogue, "water", at=MORNING + timedelta(days=120))
    for days, minutes in ((0, 30), (800, 40), (-799, 50)):
        main.moment = j.Moment(at=main.moment.at + timedelta(days=days), boot=f"boot-{days}", mono_s=50.0)
        main.turn_day()
        main.open()
        stay(main, f"o{days}", minutes=minutes)
        main.start("window-2")
        main.finish("window-2")
    assert main.hall.day == begin + timedelta(days=1)
    archive.take(main)
    account = archive.between(begin, begin + timedelta(days=1))
    assert [d.waited_min for d in account.declined] == [pytest.approx(30), pytest.approx(50)]


def test_the_effect_of_a_proposal_is_reported_although_it_was_measured_on_the_next_day(
    archive: Archive, small_catalogue: Catalogue
) -> None:
    main = PlainHub(small_catalogue, "main-hall", at=MORNING + timedelta(days=60))
    day = main.moment.at.date()
    yesterday = propose(main.moment).model_copy(update={"proposal": "p-late"})
    accepted = j.ProposalDecided(proposal="p-late", decision="accepted")
    later: list[j.AnyFact] = [
        j.ProposalMeasured(proposal="p-late", served=7, p90_min=31.5),
        propose(main.moment).model_copy(update={"proposal": "p-of-the-next-day"}),
        j.ProposalDecided(proposal="p-of-the-next-day", decision="accepted"),
    ]
    for facts in ([yesterday, accepted], later):
        with archive.store.transaction(COUNTY) as transaction:
            transaction.append_facts(facts, moment=main.moment, actor="county")
        main.wait(24 * 3600)
    account = archive.between(day, day)
    assert [(row.served, row.measured_p90_min) for row in account.accepted] == [(7, 31.5)]
    assert account.proposals == {"made": 1, "accepted": 1}


def refer(main: PlainHub, police: PlainHub, name: str) -> str:
    """A visitor accepts an offer, and has a place there; return its ticket."""
    main.do([offer(name, to_site=police.site)])
    main.do(
        [referral_origin.accept_offer(main.hall, offer=name, referral=f"r-{name}", print_device=None, at=main.moment)]
    )
    for hub in (police, main, police):
        states = reconcile.referral_states({main.site: main.hall, police.site: police.hall}, hub.site)
        hub.do(reconcile.reconcile(hub.hall, states, at=hub.moment, new_ticket=lambda: f"place-{name}"))
    return f"place-{name}"


def test_what_is_left_out_while_reading_changes_nothing(archive: Archive, small_catalogue: Catalogue) -> None:
    main, police = (PlainHub(small_catalogue, site, at=MORNING + timedelta(days=30)) for site in ("tax", "health"))
    main.open()
    police.open()
    bystanders = [hub.issue() for hub in (main, police) for _ in range(3)]
    stay(main, "o-stays", minutes=20)
    waits = main.issue()
    main.do([offer("o-waits", ticket=waits.id, to_site=police.site)])
    police.wait(20 * 60)
    called, cancelled = (refer(main, police, name) for name in ("o-called", "o-cancelled"))
    police.do(referral_destination.check_in(police.hall, code=called))
    police.call_number(police.hall.tickets[called].number, "window-1")
    police.cancel(cancelled)
    main.cancel(bystanders[1].id)
    archive.take(main, police)
    account = archive.between(main.moment.at.date(), main.moment.at.date())
    assert account == whole({main.site: main.journal, police.site: police.journal})
    assert [(s.end, s.waited_min is None) for s in account.referred] == [
        (VisitEnd.CALLED, False),
        (VisitEnd.CANCELLED, True),
    ]
    assert {d.number for d in account.declined} == {"A004", waits.number}


def test_a_county_without_journals_has_an_empty_account(archive: Archive) -> None:
    account = archive.between(date(2020, 1, 1), date(2020, 1, 7))
    assert (account.offers, account.referred, account.saved_min, account.declined_waited_min) == (0, (), 0, None)
