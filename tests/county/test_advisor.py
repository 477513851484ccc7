"""The county's rounds of advice on a real store, with a clock that only the test moves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from advised_county import MORNING, ZONE, AdvisedCounty

from protocol import journal as j
from server.county.planning.advisor import DECISION_PAUSE_S, PROPOSALS_PER_DAY_MAX, ROUND_S, may_propose
from server.domain.county.proposal_book import COUNTY, EXPIRES_S, KEPT, MEASURED_AFTER_S, ProposalBook, ProposalRecord
from server.domain.model.catalogue import Catalogue
from server.runtime.clock import BUILT
from server.store.county_database import open_county
from server.store.county_store import CountyStore


@pytest.fixture
def address(request: pytest.FixtureRequest, tmp_path: Path, database: str) -> str:
    """Address of a new county's database."""
    return request.getfixturevalue("postgres").database() if database else f"sqlite:///{tmp_path / 'county.sqlite'}"


@pytest.fixture
def county(address: str, small_catalogue: Catalogue) -> Iterator[AdvisedCounty]:
    """Thirty wait for window 2 an hour after opening; window 3 is idle and could help."""
    skills = {"skills": ("id-card",)}
    windows = tuple(w.model_copy(update=skills) if w.id == "window-3" else w for w in small_catalogue.windows)
    described = {"hall": small_catalogue.model_copy(update={"windows": windows})}
    county = AdvisedCounty(address, described)
    county.hub.open("window-2", "window-3")
    county.wait(3600)
    for _ in range(30):
        county.hub.issue()
    yield county
    county.close()


def test_a_lopsided_hall_gets_one_proposal_and_no_second_while_it_waits(county: AdvisedCounty) -> None:
    for _ in range(3):
        county.run_round()
        county.wait(ROUND_S)
    (proposed,) = county.proposals
    assert (proposed.fact.site, proposed.fact.window, proposed.fact.services) == ("hall", "window-3", ("id-card",))
    assert proposed.decision is None
    assert proposed.fact.after_p90_min < proposed.fact.before_p90_min


def test_a_site_without_contact_gets_no_advice(county: AdvisedCounty) -> None:
    county.push()
    county.wait(61)
    county.tick()
    assert county.proposals == []


def test_an_undecided_proposal_expires_and_is_made_anew_after_a_while(county: AdvisedCounty) -> None:
    county.run_round()
    county.wait(EXPIRES_S + 1)
    county.run_round()
    assert [p.decision for p in county.proposals] == ["expired"]
    county.wait(DECISION_PAUSE_S + 1)
    county.run_round()
    assert [p.decision for p in county.proposals] == ["expired", None]


def test_a_declined_proposal_is_not_made_again_that_day(county: AdvisedCounty) -> None:
    county.run_round()
    county.decide("declined")
    county.wait(DECISION_PAUSE_S + ROUND_S)
    county.run_round()
    made = [(p.fact.window, p.fact.services) for p in county.proposals]
    assert made.count(("window-3", ("id-card",))) == 1


def test_the_effect_of_an_accepted_proposal_is_measured_some_hours_later(county: AdvisedCounty) -> None:
    county.run_round()
    county.decide("accepted")
    county.hub.help("window-3", "id-card")
    waits = []
    for _ in range(4):
        county.wait(300)
        waits.append(county.hub.moment.since(county.hub.call_next("window-3").issued) / 60)
        county.hub.start("window-3")
        county.wait(300)
        county.hub.finish("window-3")
    county.run_round()
    assert county.proposals[0].measured is None
    county.wait(MEASURED_AFTER_S)
    county.run_round()
    measured = county.proposals[0].measured
    assert measured is not None
    assert (measured.served, measured.p90_min) == (4, pytest.approx(max(waits), abs=0.1))


def test_nothing_is_measured_before_the_sites_journal_is_there(county: AdvisedCounty) -> None:
    county.run_round()
    county.decide("accepted")
    county.hub.help("window-3", "id-card")
    county.wait(60)
    county.push()
    pushed = county.hub.hall.seq
    for _ in range(2):
        county.hub.serve("window-3", seconds=300)
    county.wait(2 * 86400)
    county.tick()
    assert county.proposals[0].measured is None, "the hub is away since a minute after the decision"
    county.push(upto=pushed + 3)
    county.tick()
    assert county.proposals[0].measured is None, "the hub is back, and pushes its journal a stretch at a time"
    county.wait(10)
    county.push(after=pushed, upto=pushed + 3)
    county.tick()
    assert county.proposals[0].measured is None, "the answer was lost, and the same stretch comes again"
    county.push()
    county.wait(10)
    county.run_round()
    measured = county.proposals[0].measured
    assert measured is not None
    assert measured.served == 2


def test_a_county_that_starts_reads_only_what_still_matters_of_its_own_journal(county: AdvisedCounty) -> None:
    county.run_round()
    county.wait(EXPIRES_S + 1)
    county.run_round()
    assert [p.decision for p in county.reread_book().proposals.values()] == ["expired"]
    county.wait(KEPT.total_seconds())
    assert county.reread_book() == ProposalBook(seq=2)


def test_one_entry_under_a_wrong_clock_hides_nothing_from_a_county_that_starts(county: AdvisedCounty) -> None:
    county.run_round()
    county.decide("accepted")
    wrong = j.Moment(at=BUILT, boot="another", mono_s=3.0)
    with county.store.transaction(COUNTY) as transaction:
        late = j.ProposalDecided(proposal="another", decision="expired")
        transaction.append_facts([late], moment=wrong, actor="county")
    assert [p.decision for p in county.reread_book().proposals.values()] == ["accepted"]


def test_everything_is_in_the_countys_own_journal(county: AdvisedCounty, address: str) -> None:
    county.run_round()
    county.decide("accepted")
    again = CountyStore(open_county(address))
    kinds = [entry.fact.kind for entry in again.read_entries(COUNTY, since=0)]
    again.close()
    assert kinds == ["proposal_made", "proposal_decided"]


def test_a_county_makes_no_more_proposals_a_day_than_people_follow() -> None:
    at = j.Moment(at=MORNING, boot="county", mono_s=5.0)
    one = ProposalRecord(
        fact=j.ProposalMade(
            proposal="p",
            site="tax",
            window="window-1",
            services=("invoice",),
            before_p90_min=30,
            after_p90_min=20,
            saving_min=60,
            confidence=1,
        ),
        made=at,
        decision="expired",
        decided=at,
    )
    few = ProposalBook(proposals={f"p{n}": one for n in range(PROPOSALS_PER_DAY_MAX - 1)})
    assert may_propose(few, "hall", at=at, time_zone=ZONE)
    many = ProposalBook(proposals={f"p{n}": one for n in range(PROPOSALS_PER_DAY_MAX)})
    assert not may_propose(many, "hall", at=at, time_zone=ZONE)
    tomorrow = j.Moment(at=MORNING + timedelta(days=1), boot="county", mono_s=86_405.0)
    assert may_propose(many, "hall", at=tomorrow, time_zone=ZONE)
