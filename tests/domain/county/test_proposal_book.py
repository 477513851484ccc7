"""The fold of the county's own journal: proposals, decisions and measured effects."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

import pytest

from protocol import journal as j
from protocol.county import Help, Leave
from protocol.vocabulary import Text
from server.domain.county import proposal_book as c
from server.domain.model.refusals import ProposalDecidedAlready, UnknownProposal

NINE = j.Moment(at=datetime(2026, 3, 2, 1, 0, tzinfo=UTC), boot="county", mono_s=100)
ZONE = "Asia/Shanghai"
MONDAY = date(2026, 3, 2)


def later(*, hours: float = 0, minutes: float = 0) -> j.Moment:
    passed = timedelta(hours=hours, minutes=minutes)
    return j.Moment(at=NINE.at + passed, boot=NINE.boot, mono_s=NINE.mono_s + passed.total_seconds())


def proposal(name: str = "p1", *, site: str = "main-hall") -> j.ProposalMade:
    return j.ProposalMade(
        proposal=name,
        site=site,
        window="window-3",
        services=("id-card",),
        before_p90_min=46,
        after_p90_min=31,
        saving_min=120,
        confidence=0.9,
    )


def fold(book: c.ProposalBook, facts: Iterable[j.AnyFact], *, at: j.Moment = NINE) -> c.ProposalBook:
    for fact in facts:
        book = c.apply_to_book(book, j.Entry(seq=book.seq + 1, moment=at, actor="county", request_id=None, fact=fact))
    return book


def named(site: str, window: str) -> Text:
    return Text(zh=f"{site} {window}", en=f"{window}, {site}")


@pytest.fixture
def book() -> c.ProposalBook:
    return fold(c.ProposalBook(), [proposal()])


def test_an_accepted_proposal_helps_its_site_until_the_day_ends(book: c.ProposalBook) -> None:
    book = fold(book, c.decide(book, proposal="p1", decision="accepted"), at=later(minutes=3))
    helps = [Help(proposal="p1", day=MONDAY, window="window-3", services=("id-card",))]
    assert c.accepted_helps(book, "main-hall", at=later(hours=14), time_zone=ZONE, named=named) == helps
    assert c.accepted_helps(book, "police", at=later(hours=1), time_zone=ZONE, named=named) == []
    assert c.accepted_helps(book, "main-hall", at=later(hours=15), time_zone=ZONE, named=named) == [], (
        "midnight in Shanghai"
    )


def moving(name: str = "p1") -> j.ProposalMade:
    """A clerk of the police's second window is to open the main hall's third one."""
    where = {"opens": True, "from_site": "police", "from_window": "window-2", "travel_min": 6.0}
    return proposal(name).model_copy(update=where)


def test_an_accepted_move_is_shown_to_both_sites_until_the_day_ends() -> None:
    book = fold(c.ProposalBook(), [moving()])
    assert c.accepted_leaves(book, "police", at=later(), time_zone=ZONE, named=named) == []
    book = fold(book, c.decide(book, proposal="p1", decision="accepted"), at=later(minutes=3))
    (help_,) = c.accepted_helps(book, "main-hall", at=later(hours=1), time_zone=ZONE, named=named)
    assert (help_.window, help_.opens, help_.elsewhere) == ("window-3", True, named("police", "window-2"))
    there = named("main-hall", "window-3")
    went = Leave(proposal="p1", day=MONDAY, window="window-2", services=("id-card",), elsewhere=there)
    assert c.accepted_leaves(book, "police", at=later(hours=14), time_zone=ZONE, named=named) == [went]
    assert c.accepted_leaves(book, "main-hall", at=later(hours=1), time_zone=ZONE, named=named) == []
    assert c.accepted_leaves(book, "police", at=later(hours=15), time_zone=ZONE, named=named) == [], (
        "midnight in Shanghai"
    )


def test_windows_of_proposals_to_be_decided_or_accepted_today_are_kept() -> None:
    book = fold(c.ProposalBook(), [moving(), proposal("p2", site="tax")])
    assert c.kept_windows(book, "police", at=later(), time_zone=ZONE) == {"window-2"}
    assert c.kept_windows(book, "main-hall", at=later(), time_zone=ZONE) == {"window-3"}
    book = fold(book, [j.ProposalDecided(proposal="p1", decision="accepted")])
    book = fold(book, [j.ProposalDecided(proposal="p2", decision="declined")])
    assert c.kept_windows(book, "police", at=later(hours=3), time_zone=ZONE) == {"window-2"}
    assert c.kept_windows(book, "tax", at=later(), time_zone=ZONE) == frozenset()
    assert c.kept_windows(book, "police", at=later(hours=15), time_zone=ZONE) == frozenset(), "midnight in Shanghai"


def test_a_proposal_written_before_there_were_moves_is_read_as_one_without() -> None:
    old = proposal("p1").model_dump_json(exclude={"from_site", "from_window", "travel_min"})
    assert "from_site" not in old
    assert j.FACT.validate_json(old) == proposal("p1")


def test_an_undecided_proposal_is_shown_to_nobody_and_expires(book: c.ProposalBook) -> None:
    assert c.accepted_helps(book, "main-hall", at=later(minutes=1), time_zone=ZONE, named=named) == []
    assert c.expire_proposals(book, at=later(minutes=20)) == []
    gone = c.expire_proposals(book, at=later(minutes=21))
    assert gone == [j.ProposalDecided(proposal="p1", decision="expired")]
    assert fold(book, gone).open == ()


def test_a_second_click_changes_nothing_and_another_answer_is_refused(book: c.ProposalBook) -> None:
    book = fold(book, c.decide(book, proposal="p1", decision="declined"))
    assert c.decide(book, proposal="p1", decision="declined") == ()
    with pytest.raises(ProposalDecidedAlready, match="was declined already"):
        c.decide(book, proposal="p1", decision="accepted")
    with pytest.raises(UnknownProposal):
        c.decide(book, proposal="p2", decision="accepted")


def test_an_accepted_proposal_is_measured_once_after_some_hours_or_when_the_day_is_over(book: c.ProposalBook) -> None:
    book = fold(book, c.decide(book, proposal="p1", decision="accepted"))
    assert c.unmeasured_proposals(book, at=later(hours=2), time_zone=ZONE) == []
    assert [p.fact.proposal for p in c.unmeasured_proposals(book, at=later(hours=3.1), time_zone=ZONE)] == ["p1"]
    accepted = j.ProposalDecided(proposal="p1", decision="accepted")
    late = fold(fold(c.ProposalBook(), [proposal()]), [accepted], at=later(hours=14))
    assert c.unmeasured_proposals(late, at=later(hours=14.5), time_zone=ZONE) == []
    assert [p.fact.proposal for p in c.unmeasured_proposals(late, at=later(hours=15.5), time_zone=ZONE)] == ["p1"]
    book = fold(book, [j.ProposalMeasured(proposal="p1", served=3, p90_min=None)])
    assert c.unmeasured_proposals(book, at=later(hours=20), time_zone=ZONE) == []


def test_old_proposals_are_forgotten_when_new_ones_are_made(book: c.ProposalBook) -> None:
    book = fold(book, [proposal("p2")], at=later(hours=24 * 9))
    assert list(book.proposals) == ["p2"]


def test_a_fact_of_a_proposal_that_is_forgotten_changes_nothing() -> None:
    book = fold(c.ProposalBook(), [j.ProposalDecided(proposal="p9", decision="expired")])
    assert book == c.ProposalBook(seq=1)
