"""The county proposes that another window's clerk opens a closed one, on either database; two hubs in memory follow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from advised_county import ZONE, AdvisedCounty
from real_postgres import RealPostgres

from protocol import journal as j
from protocol.county import Help, Leave
from protocol.vocabulary import Text, WindowState
from server.county.intake.county_view import name_window
from server.county.planning.advisor import DECISION_PAUSE_S, ROUND_S, may_propose
from server.domain.county import proposal_book
from server.domain.county.proposal_book import COUNTY, MEASURED_AFTER_S
from server.domain.county.travel import Travel
from server.domain.desk import calls
from server.domain.discipline import window_help
from server.domain.model.catalogue import Catalogue
from server.store.journal.heads import SiteHead
from server.store.journal.journal_lines import chain_after, line_of


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A new database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'county.sqlite'}"
    cluster: RealPostgres = request.getfixturevalue("postgres")
    return cluster.database()


@pytest.fixture
def county(address: str, small_catalogue: Catalogue) -> Iterator[AdvisedCounty]:
    """Thirty wait at the main hall, where window 1 is closed; two windows at the police, six minutes away, are idle."""
    sites = ("main-hall", "police")
    county = AdvisedCounty(
        address, dict.fromkeys(sites, small_catalogue), travel=Travel({("police", "main-hall"): 6.0})
    )
    county.hubs["main-hall"].open("window-2")
    county.hubs["police"].open("window-1", "window-2")
    county.hubs["police"].do([j.WindowHelps(window="window-2", services=("household",))])
    county.wait(3600)
    for _ in range(30):
        county.hubs["main-hall"].issue()
    yield county
    county.close()


def agreed_changes(county: AdvisedCounty, site: str) -> tuple[list[Help], list[Leave]]:
    """Return what a site's view of the county has now: helps and leaves."""

    def window_name(of: str, window: str) -> Text:
        return name_window(Text(zh=f"{of}厅", en=f"{of} hall"), county.known_sites.halls[of], window)

    book, at = county.known_sites.book, county.now
    return (
        proposal_book.accepted_helps(book, site, at=at, time_zone=ZONE, named=window_name),
        proposal_book.accepted_leaves(book, site, at=at, time_zone=ZONE, named=window_name),
    )


def sync(county: AdvisedCounty) -> None:
    """Both hubs write what the county has agreed, and push it."""
    for site, hub in county.hubs.items():
        helps, leaves = agreed_changes(county, site)
        hub.do([*window_help.accept_help(hub.hall, helps), *window_help.agree_windows(hub.hall, helps, leaves)])
    county.push()


def may_advise(county: AdvisedCounty, site: str) -> bool:
    return may_propose(county.known_sites.book, site, at=county.now, time_zone=ZONE)


def test_a_relocation_is_proposed_once_and_agreed_at_both_windows_until_it_is_done(county: AdvisedCounty) -> None:
    county.run_round()
    (proposed,) = county.proposals
    fact = proposed.fact
    assert (fact.site, fact.window, fact.opens, fact.services) == ("main-hall", "window-1", True, ("id-card",))
    assert (fact.from_site, fact.travel_min) == ("police", 6.0)
    assert fact.from_window in {"window-1", "window-2"}
    assert not may_advise(county, "main-hall")
    assert not may_advise(county, "police"), "its window is in a proposal to be decided"
    assert agreed_changes(county, "main-hall") == agreed_changes(county, "police") == ([], [])

    county.decide("accepted")
    main, police = county.hubs["main-hall"], county.hubs["police"]
    for _ in range(2):
        sync(county)
    (opening,), (leaving,) = main.hall.window("window-1").agreed, police.hall.window(fact.from_window or "").agreed
    assert (opening.opens, opening.done, opening.services) == (True, False, ("id-card",))
    assert (leaving.opens, leaving.done, leaving.services) == (False, False, ("id-card",))
    assert opening.elsewhere == name_window(Text(zh="police厅", en="police hall"), police.hall, fact.from_window or "")
    assert leaving.elsewhere == Text(zh="main-hall厅 1 号窗口", en="window 1, main-hall hall")
    assert main.hall.window("window-1").state is WindowState.CLOSED
    assert police.hall.window(fact.from_window or "").state is WindowState.OPEN
    assert county.known_sites.halls["police"] == police.hall, "the county folds the same"

    county.wait(DECISION_PAUSE_S - 60)
    assert not may_advise(county, "main-hall")
    assert not may_advise(county, "police"), "what it gave must show first"
    county.wait(60 + ROUND_S)
    county.run_round()
    assert [p.fact.window for p in county.proposals[1:] if p.fact.opens] == [], "she is on her way"

    police.do(calls.set_window(police.hall, window=fact.from_window or "", state=WindowState.PAUSED))
    main.open("window-1")
    sync(county)
    assert [a.done for a in main.hall.window("window-1").agreed] == [True]
    main.do(calls.set_window(main.hall, window="window-1", state=WindowState.CLOSED))
    sync(county)
    assert [a.done for a in main.hall.window("window-1").agreed] == [True], "it was so once"

    county.wait(MEASURED_AFTER_S)
    county.run_round()
    measured = county.proposals[0].measured
    assert measured is not None
    assert measured.served == 0


def test_an_old_proposal_without_a_relocation_is_folded_as_it_was(county: AdvisedCounty) -> None:
    made = j.ProposalMade(
        proposal="old",
        site="main-hall",
        window="window-1",
        services=("id-card",),
        opens=True,
        before_p90_min=46,
        after_p90_min=31,
        saving_min=120,
        confidence=0.9,
    )
    line = line_of(j.Entry(seq=1, moment=county.now, actor="county", request_id=None, fact=made))
    line = line.model_copy(update={"fact": made.model_dump_json(exclude={"from_site", "from_window", "travel_min"})})
    chain = chain_after(SiteHead().chain, site=COUNTY, line=line)
    with county.store.transaction(COUNTY) as transaction:
        transaction.append_lines([(line, chain, made.kind)])
        transaction.write_head(replace(transaction.head, seq=1, chain=chain))
    county.known_sites.refresh()
    assert [(p.fact, p.sites) for p in county.proposals] == [(made, {"main-hall"})]
    county.decide("accepted")
    assert county.store.read_stretch(COUNTY, since=0)[2][0] == line, "the line is kept as it was written"
    again, lines = SiteHead().chain, county.store.read_stretch(COUNTY, since=0)[2]
    for kept in lines:
        again = chain_after(again, site=COUNTY, line=kept)
    assert again == county.store.read_heads()[COUNTY].chain
    assert [h.elsewhere for h in agreed_changes(county, "main-hall")[0]] == [None]
